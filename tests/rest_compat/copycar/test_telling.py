"""What CopyCar's receivers are told, from the facts of the log."""

from __future__ import annotations

from typing import Any

import pytest

from domain.event_log import Event
from domain.events import EventType
from rest_compat.copycar.telling import NAMES, TELLING
from tests.clocks import SetClock
from tests.rest_compat.copycar.printed import fits

ENGAGEMENT = {
    "campaignId": "cmp_789123456",
    "accountId": "acc_123456789",
    "contactId": "ctc_456789123",
    "engagementType": "EMAIL_OPEN",
    "contentId": "cnt_week1_email",
    "engagementScore": 92,
    "userAgent": "Mozilla/5.0...",
    "ipAddress": "192.168.1.100",
    "location": {"country": "US", "state": "CA", "city": "San Francisco"},
    "triggeredActions": [
        {"status": "scheduled", "scheduledTime": "2024-01-22T12:35:00Z", "actionType": "send_linkedin_connection"}
    ],
}
RESEARCH = {
    "accountId": "acc_123456789",
    "researchId": "res_987654321",
    "researchScore": 94,
    "processingTime": 2.3,
    "insightsGenerated": 15,
    "decisionMakersFound": 3,
    "painPointsIdentified": 5,
    "opportunitiesDiscovered": 4,
    "nextActions": [
        {
            "actionType": "create_personalized_campaign",
            "priority": "high",
            "estimatedCompletion": "2024-01-22T10:45:00Z",
        }
    ],
}
FACTS = {EventType.ENGAGEMENT_DETECTED: ENGAGEMENT, EventType.RESEARCH_COMPLETED: RESEARCH}


def written(clock: SetClock, type_: EventType, data: dict[str, Any]) -> dict[str, Any] | None:
    now = clock.now()
    event = Event(sequence=1, organization_id="org_1", type=type_, occurred_at=now, subject_id="x", data=data)
    return TELLING.write(event)


@pytest.mark.parametrize("type_", NAMES)
def test_what_happened_is_told_as_printed(clock: SetClock, type_: EventType) -> None:
    body = written(clock, type_, FACTS[type_])
    fits(f"webhooks/{NAMES[type_]}", body)
    assert body == TELLING.sample(type_, clock.now())
    assert list(body or ()) == list(TELLING.sample(type_, clock.now()))


@pytest.mark.parametrize("missing", ["contactId", "accountId", "campaignId", "contentId"])
def test_an_engagement_of_nobody_in_particular_is_not_told(clock: SetClock, missing: str) -> None:
    assert written(clock, EventType.ENGAGEMENT_DETECTED, ENGAGEMENT | {missing: None}) is None


def test_what_is_not_known_of_an_engagement_is_null(clock: SetClock) -> None:
    known = ENGAGEMENT | {"userAgent": None, "ipAddress": None, "location": None, "triggeredActions": []}
    body = written(clock, EventType.ENGAGEMENT_DETECTED, known)
    fits("webhooks/campaign.engagement.detected", body)
    assert body is not None
    assert body["data"]["location"] is None

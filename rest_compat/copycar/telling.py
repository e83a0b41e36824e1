"""What CopyCar tells its receivers (documentation, section Webhooks).

Facts the log holds of an engagement: `campaignId`, `accountId`, `contactId`, `engagementType`, `contentId`,
`engagementScore`, `userAgent`, `ipAddress`, `location` and `triggeredActions`; of a research: `accountId`,
`researchId`, `researchScore`, `processingTime` in seconds, the four counts, and `nextActions`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from domain.event_log import Event
from domain.events import EventType
from rest_compat.engine.telling import Body, Telling, printed

NAMES: Mapping[EventType, str] = {
    EventType.ENGAGEMENT_DETECTED: "campaign.engagement.detected",
    EventType.RESEARCH_COMPLETED: "account.research.completed",
}

Facts = Mapping[str, Any]

_IDS = {"campaign_id": "campaignId", "account_id": "accountId", "contact_id": "contactId"}
_TRIGGERED = {"action_type": "actionType", "scheduled_time": "scheduledTime", "status": "status"}
_NEXT = {"action_type": "actionType", "priority": "priority", "estimated_completion": "estimatedCompletion"}
_COUNTS = {
    "research_score": "researchScore",
    "processing_time": "processingTime",
    "insights_generated": "insightsGenerated",
    "decision_makers_found": "decisionMakersFound",
    "pain_points_identified": "painPointsIdentified",
    "opportunities_discovered": "opportunitiesDiscovered",
}


def tell(event: Event) -> Body | None:
    """What is told of an event; None for an engagement of nobody in particular, whose ids cannot be (CC-09)."""
    return _WRITERS[event.type](event.data)


def _engagement(facts: Facts) -> Body | None:
    ids = {key: facts.get(name) for key, name in _IDS.items()}
    if None in ids.values() or not facts.get("contentId"):
        return None
    location = facts.get("location")
    data = {
        # The words of the triggers (CC-38).
        "engagement_type": facts["engagementType"].lower(),
        "content_id": facts["contentId"],
        "engagement_score": facts["engagementScore"],
        "user_agent": facts.get("userAgent"),
        "ip_address": facts.get("ipAddress"),
        "location": location and {key: location.get(key) for key in ("city", "state", "country")},
    }
    return {**ids, "data": data, "triggered_actions": _each(facts.get("triggeredActions", ()), _TRIGGERED)}


def _research(facts: Facts) -> Body:
    return {
        "account_id": facts["accountId"],
        "research_id": facts["researchId"],
        "data": {key: facts[name] for key, name in _COUNTS.items()},
        "next_actions": _each(facts.get("nextActions", ()), _NEXT),
    }


def _each(actions: Sequence[Facts], keys: Mapping[str, str]) -> list[Body]:
    return [{key: action[name] for key, name in keys.items()} for action in actions]


_WRITERS: Mapping[EventType, Callable[[Facts], Body | None]] = {
    EventType.ENGAGEMENT_DETECTED: _engagement,
    EventType.RESEARCH_COMPLETED: _research,
}

TELLING = Telling(
    names=NAMES,
    tell=tell,
    signature_header="X-CopyCar-Signature",
    sample=printed(Path(__file__).parent / "examples" / "webhooks", NAMES),
    event_key="event_type",
)

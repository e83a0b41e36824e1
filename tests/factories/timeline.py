"""A company around which one thing has happened a day, in every product."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.accounts import AccountPlace
from domain.channels import Channel
from domain.emails import EmailStatus
from domain.engagement import EngagementEvent, EngagementType
from domain.research import ResearchRun, ResearchStatus
from gateway.database import Database
from tests.factories.abm import campaign_row
from tests.factories.compliance import item_row
from tests.factories.feedback import end_user_row, feedback_row
from tests.factories.leads import email_row, lead_row, make_account, make_contact, task_row
from tests.factories.organizations import store

STORY = [
    ("ResearchRun", "RESEARCH", "Research: standard (completed)"),
    ("AbmCampaign", "CAMPAIGN", "Campaign: Q1 Outreach (active)"),
    ("ComplianceItem", "COMPLIANCE_ITEM", "Compliance: Report (EU)"),
    ("Feedback", "FEEDBACK", "Feedback: So fast. Thank you! (positive)"),
    ("Feedback", "FEEDBACK", f"Feedback: {'a' * 119}… (positive)"),
    ("EngagementEvent", "ENGAGEMENT", "Link click: https://example.com/offer"),
    ("Task", "TASK", "Task: Visit (open)"),
    ("Task", "TASK", "Task: Call back (open)"),
    ("Email", "EMAIL", "E-mail: Your quarter"),
    ("Email", "EMAIL", "E-mail: Your quote"),
    ("Lead", "LEAD", "Lead: john@example.com (website)"),
]
"""From the newest entry to the oldest: the type of the subject, the kind, the title."""


async def make_story(database: Database, organization: str, name: str) -> str:
    """A company with the story; besides, much that is deleted, was not sent, or is nobody's or somebody else's."""
    start = database.clock.now()
    day = [start + timedelta(days=number) for number in range(12)]
    account = await make_account(database, organization, name=name)
    ann = await make_contact(database, organization, f"ann@{name}.example", account_id=account)
    lead = lead_row(organization, day[0], email="john@example.com", contact_id=ann)
    gone = lead_row(organization, day[0], contact_id=ann, deleted_at=day[1])
    user = end_user_row(organization, day[0], contact_id=ann, lead_id=lead.id)
    other = end_user_row(organization, day[0], lead_id=lead.id)
    mood: dict[str, Any] = {"sentiment": "POSITIVE", "sentiment_score": 0.9}
    nobody: Any = None
    await store(
        database,
        *(lead, gone, user, other, campaign_row(organization, account, day[9])),
        email_row(lead.id, organization, start, sent_at=day[1]),
        email_row(nobody, organization, start, sent_at=day[2], contact_id=ann, subject="Your quarter"),
        email_row(lead.id, organization, start, status=EmailStatus.SCHEDULED, sent_at=None),
        email_row(lead.id, organization, start, sent_at=day[2], deleted_at=day[3]),
        email_row(gone.id, organization, start, sent_at=day[2]),
        task_row(lead.id, organization, day[3]),
        task_row(nobody, organization, day[4], title="Visit", contact_id=ann),
        task_row(lead.id, organization, day[4], deleted_at=day[5]),
        _seen(organization, day[5], f"{name}:1", account_id=account, url="https://example.com/offer"),
        _seen(organization, day[5], f"{name}:2"),
        feedback_row(organization, day[6], end_user_id=other.id, content="a" * 500, **mood),
        feedback_row(organization, day[7], end_user_id=user.id, content="So fast.\nThank you!", **mood),
        item_row(organization, day[8], jurisdiction="EU"),
        item_row(organization, day[8], jurisdiction="EU", deleted_at=day[9]),
        item_row(organization, day[8], jurisdiction="US"),
        _owned(AccountPlace, organization, start, account_id=account, jurisdiction="EU"),
        _researched(organization, day[10], account),
    )
    return account


def _seen(organization: str, at: datetime, key: str, **values: Any) -> EngagementEvent:
    known = {"type": EngagementType.LINK_CLICK, "channel": Channel.EMAIL, "score": 0.5, "counted": True}
    noted = at + timedelta(days=30)
    return _owned(EngagementEvent, organization, noted, occurred_at=at, source_key=key, **known, **values)  # type: ignore[no-any-return]


def _researched(organization: str, at: datetime, account: str) -> ResearchRun:
    known: dict[str, Any] = {"depth": "standard", "status": ResearchStatus.COMPLETED, "personalization_level": "none"}
    run: ResearchRun = _owned(ResearchRun, organization, at, account_id=account, request={}, **known)
    for column in ResearchRun.__table__.columns:
        if not column.nullable and column.default is None and getattr(run, column.key) is None:
            setattr(run, column.key, False if column.type.python_type is bool else [])
    return run


def _owned(entity: type[Any], organization: str, at: datetime, **values: Any) -> Any:
    return entity(id=entity.new_id(), organization_id=organization, created_at=at, **values)

"""A campaign for one company and one of everything that hangs on it, as rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.abm import (
    ActionStatus,
    CampaignDay,
    CampaignPersona,
    OncePer,
    RuleAction,
    TriggeredAction,
)
from domain.engagement import EngagementEvent, EngagementType
from tests.factories.abm import campaign_row, item_row, rule_row
from tests.factories.marketing import owned

_EXPECTED = {"value": 0.1, "low": 0.05, "high": 0.2, "basis": "PRIOR", "cases": 0}
LISTED = ("AbmCampaign", "ScheduledContent", "AutomationRule", "TriggeredAction")
"""The kinds that are nodes of the graph."""


def abm_rows(organization: str, at: datetime, ids: Mapping[str, str], cause: EngagementEvent) -> list[Any]:
    """A campaign for the company in `ids` with a piece, a rule, and what it has set off when `cause` was noticed."""
    campaign = campaign_row(
        organization,
        ids["Account"],
        at,
        strategy=[{"week": 1, "theme": "Hello", "channels": ["EMAIL"], "content_types": ["insight_email"]}],
        expected=dict.fromkeys(("response_rate", "meeting_conversion", "roi"), _EXPECTED),
    )
    version = {"key": "A", "template": "t", "subject": "Hi {{first_name}}", "text": "Hi", "html": None, "preview": None}
    item = item_row(campaign, at, variants=[version])
    rule = rule_row(campaign, EngagementType.EMAIL_OPEN, RuleAction.CREATE_TASK, once_per=OncePer.CONTACT)
    cause.campaign_id, cause.item_id = campaign.id, item.id
    action = owned(
        TriggeredAction,
        organization,
        at,
        rule_id=rule.id,
        campaign_id=campaign.id,
        engagement_id=cause.id,
        contact_id=ids["Contact"],
        item_id=item.id,
        scope_key=ids["Contact"],
        action=rule.action,
        scheduled_time=at + timedelta(hours=1),
        status=ActionStatus.SCHEDULED,
        due_at=at + timedelta(hours=1),
        email_id=ids["Email"],
        task_id=ids["Task"],
    )
    meant = {"campaign_id": campaign.id, "persona_id": ids["Persona"], "position": 0}
    day = owned(
        CampaignDay, organization, at, campaign_id=campaign.id, day=at.date(), emails_sent=1, emails_delivered=1
    )
    return [campaign, item, rule, action, owned(CampaignPersona, organization, at, **meant), day]

"""Rules by which campaigns react: reading and changing them, and reading what they have set off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from domain.abm import AbmCampaign, ActionStatus, AutomationRule, OncePer, RuleAction, TriggeredAction
from domain.abm_rules import bounded, delay_seconds
from domain.engagement import EngagementType
from domain.errors import conflict, invalid, not_found, required
from domain.events import EventType
from domain.permissions import Permission
from domain.texts import storable
from domain.values import ABSENT, Absent, Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import contacts, emails, engagements, tasks
from resolvers.campaign_mail import campaign_of
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visibility, visible_to
from resolvers.unit import Keys, Unit, requires

_RULES = 50
"""Most rules of a campaign."""


@dataclass(frozen=True, slots=True)
class TriggeredActionFilter:
    """Which reactions are wanted; every given condition has to hold, bounds are inclusive."""

    campaign: str | None = None
    rule: str | None = None
    contact: str | None = None
    status: ActionStatus | None = None
    action: RuleAction | None = None
    scheduled_from: Moment | None = None
    scheduled_to: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What a rule is: `delay` in words such as "2 hours", or `delay_seconds`."""

    trigger: EngagementType | Absent | None = ABSENT
    action: RuleAction | Absent | None = ABSENT
    delay: str | Absent | None = ABSENT
    delay_seconds: int | Absent | None = ABSENT
    enabled: bool | Absent | None = ABSENT
    once_per: OncePer | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft(RuleChange):
    """A rule to be made for a campaign; at once, once for a person and piece, and enabled unless said otherwise."""

    campaign_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePatch(RuleChange):
    """Changes to a rule: what is absent stays."""

    id: str


@reads(AutomationRule, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Rules of every campaign."""
    return visible_to(viewer, AutomationRule)


@reads(AutomationRule, Permission.READ_MARKETING)
def search(viewer: Viewer) -> Listing:
    """Rules in the order in which they were made."""
    return Listing(visible_to(viewer, AutomationRule), Order(AutomationRule.position, descending=False))


@reads(TriggeredAction, Permission.READ_MARKETING)
def visible_actions(viewer: Viewer) -> Statement:
    """What rules of every campaign have set off."""
    return visible_to(viewer, TriggeredAction)


@reads(TriggeredAction, Permission.READ_MARKETING)
def search_actions(viewer: Viewer, where: TriggeredActionFilter | None = None) -> Listing:
    """What rules have set off, newest first."""
    own, where = TriggeredAction, where or TriggeredActionFilter()
    equal: Mapping[Any, Any] = {
        own.campaign_id: where.campaign,
        own.rule_id: where.rule,
        own.contact_id: where.contact,
        own.status: where.status,
        own.action: where.action,
    }
    statement = visible_to(viewer, own).where(
        *(column == value for column, value in equal.items() if value is not None)
    )
    if where.scheduled_from is not None:
        statement = statement.where(own.scheduled_time >= start_of(where.scheduled_from))
    if where.scheduled_to is not None:
        statement = statement.where(own.scheduled_time <= end_of(where.scheduled_to))
    return Listing(statement, newest_first(own))


of_campaign = ToMany(search, AutomationRule.campaign_id)
actions_of_campaign = ToMany(search_actions, TriggeredAction.campaign_id)
actions_of_rule = ToMany(search_actions, TriggeredAction.rule_id)
actions_of_engagement = ToMany(search_actions, TriggeredAction.engagement_id)
of_action = ToOne(visible, TriggeredAction.rule_id)
contact = ToOne(contacts.visible, TriggeredAction.contact_id)
engagement = ToOne(engagements.visible, TriggeredAction.engagement_id)
email = ToOne(emails.visible, TriggeredAction.email_id)
task = ToOne(tasks.visible, TriggeredAction.task_id)


@requires(Permission.WRITE_MARKETING)
async def create(unit: Unit, draft: RuleDraft) -> Keys:
    """Have a campaign react to something, from now on."""
    campaign = await unit.load(AbmCampaign, draft.campaign_id, "campaignId")
    campaign.require_open("campaignId")
    for name in ("trigger", "action"):
        if not getattr(draft, name):
            raise required(name)
    own = select(func.count(), func.max(AutomationRule.position)).where(*visibility(unit.viewer, AutomationRule))
    count, last = (await unit.session.execute(own.where(AutomationRule.campaign_id == campaign.id))).one()
    if count >= _RULES:
        raise invalid("campaignId", f"A campaign has at most {_RULES} rules.")
    values = {"delay_seconds": 0, "enabled": True, "once_per": OncePer.ITEM} | _values(draft)
    rule = AutomationRule(
        id=AutomationRule.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=campaign.id,
        position=(last or 0) + 1,
        **values,
    )
    unit.add(rule)
    _told(unit, campaign)
    return {"automation_rule": rule.id}


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, patch: RulePatch) -> Keys:
    """Merge changes into a rule; what it has set off already stays as it was planned."""
    rule, campaign = await _open(unit, patch.id)
    changed = {name: value for name, value in _values(patch).items() if getattr(rule, name) != value}
    for name, value in changed.items():
        setattr(rule, name, value)
    if changed:
        _told(unit, campaign)
    return {"automation_rule": rule.id}


@requires(Permission.WRITE_MARKETING)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a rule that has not fired yet."""
    rule, campaign = await _open(unit, id)
    fired = visible_to(unit.viewer, TriggeredAction).where(TriggeredAction.rule_id == rule.id)
    if await unit.find(fired):
        # With it would go what it has set off, and for whom it must not fire again.
        raise conflict("The rule has fired: it can be disabled, not deleted.", "id")
    await unit.session.delete(rule)
    _told(unit, campaign)
    return {"id": rule.id}


async def _open(unit: Unit, id: str) -> tuple[AutomationRule, AbmCampaign]:
    """A rule of a campaign that may still be changed."""
    campaign = await campaign_of(unit, AutomationRule, id) if storable(id) else None
    if campaign is None:
        raise not_found(AutomationRule.label, id)
    campaign.require_open()
    return await unit.load(AutomationRule, id), campaign


def _values(change: RuleChange) -> dict[str, Any]:
    """What was sent of a rule; null is nothing sent, for a rule lacks none of it."""
    names = ("trigger", "action", "enabled", "once_per")
    values = {name: value for name in names if (value := getattr(change, name)) not in (ABSENT, None)}
    if isinstance(change.delay, str) and change.delay_seconds not in (ABSENT, None):
        raise invalid("delay", "delay and delaySeconds are the same: expected one of them.")
    if isinstance(change.delay, str):
        values["delay_seconds"] = delay_seconds("delay", change.delay)
    elif isinstance(change.delay_seconds, int):
        values["delay_seconds"] = bounded("delaySeconds", change.delay_seconds)
    return values


def _told(unit: Unit, campaign: AbmCampaign) -> None:
    campaign.updated_at = unit.now
    unit.record(EventType.CAMPAIGN_UPDATED, campaign, campaign.facts())

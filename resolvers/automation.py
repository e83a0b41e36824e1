"""Rules of campaigns fire: what is noticed becomes an action that waits for its delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from domain.abm import AbmCampaign, ActionStatus, AutomationRule, TriggeredAction
from domain.engagement import EngagementEvent
from domain.engagement_rules import REACTED_TO, scope_key
from domain.marketing import CampaignStatus
from domain.values import iso
from resolvers.reads import visible_to
from resolvers.sql import padded
from resolvers.unit import Unit

Fired = dict[str, list[TriggeredAction]]
"""The actions that each engagement has set off, by its id."""


async def fire(unit: Unit, happened: Sequence[EngagementEvent], campaigns: Mapping[str, AbmCampaign]) -> Fired:
    """Fire the rules that wait for what happened, each once for its person, or person and planned piece.

    What happens while a campaign is paused or over sets nothing off, then or later. An action is due after its delay,
    counted from what set it off.
    """
    heard = [each for each in happened if _heard(each, campaigns, unit)]
    if not heard:
        return {}
    wanted: dict[tuple[str, str], tuple[AutomationRule, EngagementEvent]] = {}
    rules = await _rules(unit, {each.campaign_id for each in heard})
    for each in heard:
        for rule in rules:
            if rule.campaign_id == each.campaign_id and rule.trigger is each.type:
                key = (rule.id, scope_key(rule.once_per, each.contact_id or "", each.item_id))
                wanted.setdefault(key, (rule, each))
    fired: Fired = {}
    known = await _known(unit, list(wanted))
    # In the order of the rules, in which they are told too.
    for key, (rule, cause) in wanted.items():
        if key not in known:
            action = _action(unit, rule, cause, key[1])
            unit.add(action)
            fired.setdefault(cause.id, []).append(action)
    if any(each.scheduled_time <= unit.now for actions in fired.values() for each in actions):
        unit.stir()
    return fired


def told(actions: Sequence[TriggeredAction]) -> list[dict[str, Any]]:
    """Actions as the event of what set them off tells them."""
    return [
        {"actionType": each.action.lower(), "scheduledTime": iso(each.scheduled_time), "status": each.status.lower()}
        for each in actions
    ]


def _heard(happened: EngagementEvent, campaigns: Mapping[str, AbmCampaign], unit: Unit) -> bool:
    campaign = campaigns.get(happened.campaign_id or "")
    if campaign is None or happened.contact_id is None or happened.occurred_at < unit.now - REACTED_TO:
        return False
    return campaign.automation_enabled and campaign.status is CampaignStatus.ACTIVE


async def _rules(unit: Unit, campaigns: set[str | None]) -> Sequence[AutomationRule]:
    own = visible_to(unit.viewer, AutomationRule).where(
        AutomationRule.campaign_id.in_(padded(sorted(filter(None, campaigns))))
    )
    return list(
        await unit.session.scalars(
            own.where(AutomationRule.enabled).order_by(AutomationRule.position, AutomationRule.id)
        )
    )


async def _known(unit: Unit, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    if not wanted:
        return set()
    rules, scopes = (padded(sorted(set(each))) for each in zip(*wanted, strict=True))
    rows = await unit.session.execute(
        select(TriggeredAction.rule_id, TriggeredAction.scope_key).where(
            TriggeredAction.organization_id == unit.viewer.organization_id,
            TriggeredAction.rule_id.in_(rules),
            TriggeredAction.scope_key.in_(scopes),
        )
    )
    return {(row.rule_id, row.scope_key) for row in rows}


def _action(unit: Unit, rule: AutomationRule, cause: EngagementEvent, key: str) -> TriggeredAction:
    at = cause.occurred_at + timedelta(seconds=rule.delay_seconds)
    return TriggeredAction(
        id=TriggeredAction.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        rule_id=rule.id,
        campaign_id=rule.campaign_id,
        engagement_id=cause.id,
        contact_id=cause.contact_id,
        item_id=cause.item_id,
        scope_key=key,
        action=rule.action,
        scheduled_time=at,
        status=ActionStatus.SCHEDULED,
        due_at=at,
    )

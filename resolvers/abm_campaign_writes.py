"""What can be done with campaigns for one company: make, change, pause, resume and complete them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import func, select

from domain.abm import AbmCampaign, AutomationRule, CampaignPersona, ItemStatus, ScheduledContent
from domain.abm_plan import FURTHEST, PlannedItem, WeekPlan, end_of, standing
from domain.abm_rules import reactions
from domain.abm_texts import shown
from domain.accounts import Account
from domain.errors import invalid, not_found, required
from domain.events import EventType
from domain.marketing import CampaignStatus
from domain.permissions import Permission
from domain.personas import Persona
from domain.texts import line, needed
from domain.values import ABSENT, Absent, present
from resolvers import campaign_halts, quotas
from resolvers.abm_campaign_drafts import Asked, TargetPersona
from resolvers.abm_campaign_planning import ReadyCampaign
from resolvers.desk import Desk
from resolvers.drafts import taken
from resolvers.persona_writes import PersonaDraft, find_or_make
from resolvers.reads import visible_to
from resolvers.sql import padded
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True, kw_only=True)
class AbmCampaignPatch:
    """Changes to a campaign: what is absent stays, and its plan is changed piece by piece, not by channel or week.

    Personas are added as in a new one, and removed by their ids.
    """

    id: str
    campaign_name: str | Absent | None = ABSENT
    objective: str | Absent | None = ABSENT
    end_date: date | Absent | None = ABSENT
    automation_enabled: bool | Absent | None = ABSENT
    add_personas: list[TargetPersona] | Absent | None = ABSENT
    remove_personas: list[str] | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class ReadyPatch:
    """Changes to a campaign, and how many personas it may have."""

    patch: AbmCampaignPatch
    most: int


@requires(Permission.WRITE_MARKETING)
async def create(unit: Unit, ready: ReadyCampaign) -> Keys:
    """Plan a campaign for one company and have it run: it is active at once (CC-18)."""
    asked = ready.asked
    if await unit.known(Account, asked.account_id) is None:
        raise not_found(Account.label, asked.account_id, "accountId")
    people = await _people(unit, ready)
    await quotas.spend(unit, ready.tokens, unit.viewer.client_id)
    campaign = _campaign(unit, ready)
    unit.add(campaign)
    # Before what names it, which the session would not put behind it by itself.
    await unit.flush()
    for position, each in enumerate(people):
        unit.add(_persona(unit, campaign, each, position))
    items = [_item(unit, campaign, item, versions, ready.first_reader) for item, versions in ready.pieces]
    for row in (*items, *_rules(unit, campaign, asked)):
        unit.add(row)
    unit.record(EventType.CAMPAIGN_CREATED, campaign, campaign.facts())
    if any(each.due_at and each.due_at <= unit.now for each in items):
        unit.stir()
    return {"campaign": campaign.id}


async def checked_change(desk: Desk, patch: AbmCampaignPatch) -> ReadyPatch:
    """The changes with what this installation allows."""
    return ReadyPatch(patch, desk.outside.marketing.campaign_personas)


@requires(Permission.WRITE_MARKETING)
async def change(unit: Unit, ready: ReadyPatch) -> Keys:
    """Merge changes into a campaign; its planned content and rules are changed one by one."""
    patch = ready.patch
    campaign = await unit.load(AbmCampaign, patch.id)
    campaign.require_open()
    values = await _checked(unit, campaign, patch)
    changed = {name for name, value in values.items() if getattr(campaign, name) != value}
    for name in changed:
        setattr(campaign, name, values[name])
    if campaign.due_at is not None:
        campaign.due_at = campaign.end_date
    moved = await _change_personas(unit, campaign, ready)
    if changed or moved:
        campaign.updated_at = unit.now
        unit.record(EventType.CAMPAIGN_UPDATED, campaign, campaign.facts())
    return {"campaign": campaign.id}


@requires(Permission.WRITE_MARKETING)
async def pause(unit: Unit, id: str) -> Keys:
    """Have nothing more of a campaign leave until it is resumed."""
    campaign = await unit.load(AbmCampaign, id)
    if campaign.pause(unit.now):
        await campaign_halts.hold(unit, campaign)
        unit.record(EventType.CAMPAIGN_PAUSED, campaign, campaign.facts())
    return {"campaign": campaign.id}


@requires(Permission.WRITE_MARKETING)
async def resume(unit: Unit, id: str) -> Keys:
    """Go on with a paused campaign: what has not left moves by the whole days it was paused."""
    campaign = await unit.load(AbmCampaign, id)
    paused = campaign.resume(unit.now)
    if paused:
        await campaign_halts.release(unit, campaign, *paused)
        unit.record(EventType.CAMPAIGN_RESUMED, campaign, campaign.facts())
        unit.stir()
    return {"campaign": campaign.id}


@requires(Permission.WRITE_MARKETING)
async def complete(unit: Unit, id: str) -> Keys:
    """End a campaign now; what has not left never does."""
    campaign = await unit.load(AbmCampaign, id)
    await finish(unit, campaign)
    return {"campaign": campaign.id}


async def finish(unit: Unit, campaign: AbmCampaign) -> None:
    """End a campaign, by somebody's decision or because its time is over.

    Raises:
        DomainError: CONFLICT when it is completed already.
    """
    campaign.complete(unit.now)
    await campaign_halts.call_off(unit, campaign)
    unit.record(EventType.CAMPAIGN_COMPLETED, campaign, campaign.facts())


def _campaign(unit: Unit, ready: ReadyCampaign) -> AbmCampaign:
    asked, expected, end = ready.asked, ready.expected, end_of(ready.asked.start, ready.asked.weeks)
    return AbmCampaign(
        id=AbmCampaign.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        account_id=asked.account_id,
        name=asked.name,
        status=CampaignStatus.ACTIVE,
        campaign_type=asked.campaign_type,
        objective=asked.objective,
        channels=[each.value for each in asked.channels],
        start_date=datetime.combine(asked.start, time(), UTC),
        end_date=end,
        due_at=end,
        duration_weeks=asked.weeks,
        frequency=asked.frequency,
        strategy=[_week(each) for each in asked.plans],
        personalization_level=asked.personalization.level,
        include_ai_insights=asked.personalization.include_ai_insights,
        dynamic_content=asked.personalization.dynamic_content,
        behavioral_triggers=asked.personalization.behavioral_triggers,
        automation_enabled=asked.enabled,
        automation_triggers=[each.value for each in asked.triggers],
        automation_optimization=asked.optimization,
        automation_ab_testing=asked.ab_testing,
        expected_response_rate=expected.response_rate.value,
        expected_meeting_conversion=expected.meeting_conversion.value,
        expected_roi=expected.roi.value,
        expected=asdict(expected),
        tokens_used=ready.tokens,
        client_id=unit.viewer.client_id or None,
        created_by_id=unit.viewer.user_id,
    )


def _week(plan: WeekPlan) -> dict[str, Any]:
    return {
        "week": plan.week,
        "theme": plan.theme,
        "channels": [each.value for each in plan.channels or ()],
        "content_types": list(plan.content_types or ()),
    }


def _persona(unit: Unit, campaign: AbmCampaign, persona_id: str, position: int) -> CampaignPersona:
    return CampaignPersona(
        id=CampaignPersona.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=campaign.id,
        persona_id=persona_id,
        position=position,
    )


def _item(
    unit: Unit, campaign: AbmCampaign, item: PlannedItem, versions: list[dict[str, Any]], reader: str | None
) -> ScheduledContent:
    subject, message = shown(versions, item.channel, reader)
    now = standing(item.send_time, unit.now)
    return ScheduledContent(
        id=ScheduledContent.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=campaign.id,
        local_id=item.local_id,
        week=item.week,
        position=item.position,
        date=item.date,
        type=item.type,
        channel=item.channel,
        content_type=item.content_type,
        subject=subject,
        message=message,
        variants=versions,
        status=now.status,
        send_time=item.send_time,
        due_at=now.due_at,
        note=now.note,
    )


def _rules(unit: Unit, campaign: AbmCampaign, asked: Asked) -> list[AutomationRule]:
    """What follows from the triggers, where automation is on (CC-22)."""
    return [
        AutomationRule(
            id=AutomationRule.new_id(),
            organization_id=unit.viewer.organization_id,
            created_at=unit.now,
            campaign_id=campaign.id,
            position=position,
            trigger=trigger,
            action=reaction.action,
            delay_seconds=int(reaction.delay.total_seconds()),
            once_per=reaction.once_per,
        )
        for position, (trigger, reaction) in enumerate(reactions(asked.triggers if asked.enabled else ()), 1)
    ]


async def _people(unit: Unit, ready: ReadyCampaign) -> list[str]:
    """Whom the campaign is for, found or made (CC-25); those known of the company may have been deleted meanwhile."""
    asked = ready.asked
    if asked.personas is not None:
        return await _made(unit, asked.account_id, asked.personas, "targetPersonas")
    own = visible_to(unit.viewer, Persona).with_only_columns(Persona.id).where(Persona.id.in_(padded(ready.known)))
    there = set(await unit.session.scalars(own)) if ready.known else set()
    return [each for each in ready.known if each in there]


async def _made(unit: Unit, account_id: str, wanted: Sequence[TargetPersona], field: str) -> list[str]:
    found: dict[str, None] = {}
    if wanted:
        # Whoever names the same people in another order waits here, not for one of them while holding another.
        await unit.load(Account, account_id, "accountId")
    for number, each in enumerate(wanted):
        draft = PersonaDraft(name=each.name, title=each.title, influence=each.influence, email=each.email)
        persona = await find_or_make(unit, account_id, draft, f"{field}.{number}.")
        found[persona.id] = None
    return list(found)


async def _checked(unit: Unit, campaign: AbmCampaign, patch: AbmCampaignPatch) -> dict[str, Any]:
    checks = {
        "campaign_name": lambda name: needed("campaignName", name).strip(),
        "objective": lambda value: line("objective", value),
        "end_date": lambda day: day,
        "automation_enabled": lambda on: campaign.automation_enabled if on is None else on,
    }
    values = taken(patch, checks)
    if "campaign_name" in values:
        values["name"] = values.pop("campaign_name")
    if "end_date" in values:
        values["end_date"] = await _end(unit, campaign, values["end_date"])
    return values


async def _end(unit: Unit, campaign: AbmCampaign, day: date | None) -> datetime:
    """The last second of a day that the campaign can end on: not before now, nor before what is still planned."""
    if day is None:
        raise required("endDate")
    own = ScheduledContent
    waiting = select(func.max(own.send_time)).where(own.campaign_id == campaign.id, own.status == ItemStatus.SCHEDULED)
    earliest = max(filter(None, (await unit.session.scalar(waiting), unit.now))).date()
    if not earliest <= day <= unit.now.date() + FURTHEST:
        raise invalid("endDate", f"endDate must be from {earliest} to {unit.now.date() + FURTHEST}.")
    return datetime.combine(day, time(23, 59, 59), UTC)


async def _change_personas(unit: Unit, campaign: AbmCampaign, ready: ReadyPatch) -> bool:
    """Whether somebody was added or removed; who is added gets what is still planned."""
    own = visible_to(unit.viewer, CampaignPersona).where(CampaignPersona.campaign_id == campaign.id)
    here = {row.persona_id: row for row in await unit.session.scalars(own)}
    patch = ready.patch
    gone = list(dict.fromkeys(present(patch.remove_personas, None) or ()))
    for number, each in enumerate(gone):
        if each not in here:
            raise invalid(f"removePersonas.{number}", f"{each[:80]!r} is no persona of the campaign.")
    wanted = present(patch.add_personas, None)
    added = await _made(unit, campaign.account_id, wanted or [], "addPersonas")
    new = [each for each in added if each not in here]
    # Who is removed and added at once stays.
    gone = [each for each in gone if each not in added]
    for each in gone:
        await unit.session.delete(here[each])
    if len(here) - len(gone) + len(new) > ready.most:
        raise invalid("addPersonas", f"A campaign is for at most {ready.most} personas.")
    last = max((row.position for row in here.values()), default=-1)
    for position, each in enumerate(new, last + 1):
        unit.add(_persona(unit, campaign, each, position))
    return bool(gone or new)

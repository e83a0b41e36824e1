"""Campaigns run: what is due is taken up, and done in one transaction, so that a crash in between only delays it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.abm import AbmCampaign, ItemStatus, ScheduledContent, TriggeredAction
from domain.abm_plan import FORGIVEN
from domain.channels import Channel
from domain.events import EventType
from domain.marketing import CampaignStatus
from resolvers import abm_campaign_writes, campaign_mail, campaign_reactions, campaign_tasks, leases
from resolvers.campaign_mail import Reader, campaign_of
from resolvers.leases import Taken
from resolvers.reads import Statement, visible_to
from resolvers.unit import Keys, Unit

_NOBODY = "Nobody the campaign is for has an e-mail address that may be written to."
_NO_ONE = "The campaign is for nobody."
_NO_ONE_LEFT = "Everybody the campaign is for has unsubscribed."
_LEFT_OUT = "Left out, for they have unsubscribed: {}."
_UNKNOWN = "Left out, for their mail server does not know their address: {}."
_OVERTAKEN = "It was so late that the next of its channel was due too."


async def take(session: AsyncSession, now: datetime, lease: timedelta, most: int) -> list[Taken]:
    """Take up what is due, the oldest first: planned pieces, reactions, and campaigns that are past their end."""
    taken = await _take(session, ScheduledContent, now, lease, most)
    taken += await _take(session, TriggeredAction, now, lease, most - len(taken))
    return taken + await _take_ended(session, now, lease, most - len(taken))


def next_due() -> Statement:
    """When something is due next, or the lease of something is over."""
    kinds: tuple[Any, ...] = (ScheduledContent, TriggeredAction, AbmCampaign)
    each = union_all(*(select(func.min(kind.due_at).label("due_at")).where(kind.due_at.is_not(None)) for kind in kinds))
    waiting = each.subquery()
    return select(waiting.c.due_at).where(waiting.c.due_at.is_not(None)).order_by(waiting.c.due_at).limit(1)


async def run(unit: Unit, id: str, attempt: int) -> Keys:
    """Do what was taken up, unless it is done, in other hands or not to be done any more."""
    if id.startswith(f"{ScheduledContent.prefix}_"):
        await execute(unit, id, attempt)
    elif id.startswith(f"{TriggeredAction.prefix}_"):
        await campaign_reactions.react(unit, id, attempt)
    else:
        await end(unit, id)
    return {}


async def execute(unit: Unit, id: str, attempt: int) -> None:
    """Do what a campaign has planned: mail goes to its people, everything else becomes tasks."""
    campaign = await campaign_of(unit, ScheduledContent, id)
    item = await unit.known(ScheduledContent, id, lock=True)
    if campaign is None or item is None or item.status is not ItemStatus.SCHEDULED or item.taken != attempt:
        return
    if campaign.status is not CampaignStatus.ACTIVE:
        item.due_at = None
        return
    if await _overtaken(unit, item):
        _finish(unit, item, ItemStatus.SKIPPED, _OVERTAKEN)
        _tell(unit, item)
        return
    people = await campaign_mail.readers(unit, campaign)
    if item.channel is Channel.EMAIL:
        mail = len(await campaign_mail.send(unit, campaign, item, people))
        _finish(unit, item, ItemStatus.SENT if mail else ItemStatus.SKIPPED, _unsent(people) if mail else _NOBODY)
        _tell(unit, item, emails=mail)
        return
    tasks = await _ask_all(unit, campaign, item, [each for each in people if not each.unsubscribed])
    missing = _NO_ONE_LEFT if people else _NO_ONE
    _finish(unit, item, ItemStatus.ASSIGNED if tasks else ItemStatus.SKIPPED, _left_out(people) if tasks else missing)
    _tell(unit, item, tasks=tasks)


async def end(unit: Unit, id: str) -> None:
    """Have a campaign that is past its end be over; what it has planned and not done is taken back."""
    campaign = await unit.known(AbmCampaign, id, lock=True)
    if campaign is None or campaign.status is not CampaignStatus.ACTIVE or campaign.end_date > unit.now:
        return
    await abm_campaign_writes.finish(unit, campaign)


async def _take(session: AsyncSession, kind: Any, now: datetime, lease: timedelta, most: int) -> list[Taken]:
    if most <= 0:
        return []
    due = select(kind.id).where(kind.due_at <= now).order_by(kind.due_at, kind.id).limit(most)
    return await leases.take(session, kind, due, due_at=now + lease)


async def _take_ended(session: AsyncSession, now: datetime, lease: timedelta, most: int) -> list[Taken]:
    """Campaigns past their end; each attempt is known by when its lease is over."""
    if most <= 0:
        return []
    own = AbmCampaign
    due = select(own.id).where(own.due_at <= now).order_by(own.due_at, own.id).limit(most)
    ids = list(await session.scalars(due.with_for_update(skip_locked=True)))
    if not ids:
        return []
    taken = update(own).where(own.id.in_(ids)).values(due_at=now + lease).returning(own.organization_id, own.id)
    rows = await session.execute(taken.execution_options(synchronize_session=False))
    return [(row.organization_id, row.id, int((now + lease).timestamp())) for row in rows]


async def _overtaken(unit: Unit, item: ScheduledContent) -> bool:
    """Whether a piece is over a day late and the next of its channel is due as well.

    Of what has piled up while nothing was running, only the newest leaves: old mail never does in a burst.
    """
    own = ScheduledContent
    if unit.now - item.send_time < FORGIVEN:
        return False
    later = visible_to(unit.viewer, own).where(own.campaign_id == item.campaign_id, own.channel == item.channel)
    due = later.where(own.send_time > item.send_time, own.send_time <= unit.now)
    # Also when another process was faster with that one.
    return await unit.find(due.where(own.status != ItemStatus.CANCELLED)) is not None


def _left_out(people: Sequence[Reader]) -> str | None:
    """Who gets nothing of what the others get, or None."""
    names = ", ".join(each.name for each in people if each.unsubscribed)
    return _LEFT_OUT.format(names) if names else None


def _unsent(people: Sequence[Reader]) -> str | None:
    """Who gets no mail though others do, or None."""
    names = ", ".join(each.name for each in people if each.unknown and not each.unsubscribed)
    return " ".join(filter(None, (_left_out(people), _UNKNOWN.format(names) if names else None))) or None


async def _ask_all(unit: Unit, campaign: AbmCampaign, item: ScheduledContent, people: list[Reader]) -> int:
    """Have somebody do a planned piece for each; how many that are."""
    owned = await campaign_tasks.owners(unit, campaign.account_id, people)
    for number, reader in enumerate(people):
        await _ask(unit, campaign, item, reader, owned, number)
    return len(people)


async def _ask(
    unit: Unit,
    campaign: AbmCampaign,
    item: ScheduledContent,
    reader: Reader,
    owned: campaign_tasks.Owners,
    number: int,
) -> None:
    version = campaign_mail.version_for(campaign, item, number)
    await campaign_tasks.ask(
        unit,
        campaign,
        reader,
        owned,
        channel=item.channel,
        what=(item.content_type or item.type).replace("_", " "),
        text=campaign_mail.said(version.get("text") or item.message, reader),
        due=item.send_time,
        item=item,
    )


def _finish(unit: Unit, item: ScheduledContent, status: ItemStatus, note: str | None) -> None:
    item.status, item.note, item.due_at, item.executed_at = status, note, None, unit.now


def _tell(unit: Unit, item: ScheduledContent, emails: int = 0, tasks: int = 0) -> None:
    facts = {
        "id": item.id,
        "campaignId": item.campaign_id,
        "contentId": item.local_id,
        "channel": item.channel,
        "status": item.status,
        "emails": emails,
        "tasks": tasks,
        "note": item.note,
    }
    unit.record(EventType.CAMPAIGN_ITEM_EXECUTED, item, facts)

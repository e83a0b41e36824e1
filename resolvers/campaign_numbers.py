"""What campaigns for one company are judged by: their days, their pieces and messages, in one statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from domain.abm import AbmCampaign, CampaignDay, CampaignPersona, ScheduledContent
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementEvent
from domain.intelligence.campaign_opportunities import Piece
from domain.intelligence.campaign_performance import NAMES, Counts
from domain.intelligence.variant_tests import Messages
from domain.marketing import CampaignStatus
from domain.personas import Persona
from domain.viewer import Viewer
from resolvers.reads import Run, Statement, visibility
from resolvers.sql import padded

MOST_OTHERS = 200
"""How many of the organization's newest campaigns one is compared with."""

Days = Mapping[date, Counts]


@dataclass(frozen=True, slots=True)
class Known:
    """A campaign as far as its numbers need it."""

    id: str
    status: CampaignStatus
    begins: date
    ends: date


async def campaigns(run: Run, viewer: Viewer, ids: Sequence[str]) -> list[Known]:
    """The campaigns with these ids."""
    own = AbmCampaign
    columns = (own.id, own.status, own.start_date, own.end_date)
    found = await run(select(*columns).where(*visibility(viewer, own), own.id.in_(padded(ids))))
    return [Known(id_, status, begins.date(), ends.date()) for id_, status, begins, ends in found]


async def days(run: Run, viewer: Viewer, ids: Sequence[str]) -> dict[str, dict[date, Counts]]:
    """What happened in campaigns day by day."""
    own = CampaignDay
    statement = select(own.campaign_id, own.day, *(getattr(own, name) for name in NAMES))
    found: dict[str, dict[date, Counts]] = {}
    for id_, day, *numbers in await run(statement.where(*visibility(viewer, own), own.campaign_id.in_(padded(ids)))):
        found.setdefault(id_, {})[day] = Counts(*numbers)
    return found


@dataclass(frozen=True, slots=True)
class Whole:
    """What a campaign amounts to so far."""

    id: str
    account_id: str
    counts: Counts


async def wholes(run: Run, viewer: Viewer) -> list[Whole]:
    """What the organization's newest campaigns amount to so far, each of them."""
    own = CampaignDay
    newest = (
        select(AbmCampaign.id, AbmCampaign.account_id)
        .where(*visibility(viewer, AbmCampaign))
        .order_by(AbmCampaign.created_at.desc(), AbmCampaign.id.desc())
        .limit(MOST_OTHERS)
        .subquery("newest")
    )
    statement = select(newest.c.id, newest.c.account_id, *(func.sum(getattr(own, name)) for name in NAMES))
    statement = statement.join(own, own.campaign_id == newest.c.id).where(*visibility(viewer, own))
    rows = await run(statement.group_by(newest.c.id, newest.c.account_id))
    return [Whole(id_, account, Counts(*(_number(each) for each in numbers))) for id_, account, *numbers in rows]


def _number(value: Any) -> Any:
    # PostgreSQL adds whole numbers up to a wider type, which is read as a decimal.
    return value if isinstance(value, float) else int(value)


_Messages = dict[str, dict[str | None, dict[str | None, Messages]]]


async def messages(run: Run, viewer: Viewer, ids: Sequence[str]) -> _Messages:
    """What became of the messages of campaigns, by piece and version."""
    own = Email
    statement = select(own.campaign_id, own.item_id, own.variant, *_counted())
    statement = statement.where(*visibility(viewer, own), own.campaign_id.in_(padded(ids)))
    found: _Messages = {}
    for id_, item, variant, *numbers in await run(statement.group_by(own.campaign_id, own.item_id, own.variant)):
        found.setdefault(id_, {}).setdefault(item, {})[variant] = Messages(*numbers)
    return found


async def messages_by_piece(run: Run, viewer: Viewer, campaigns: Statement) -> dict[str, Messages]:
    """What became of the messages of the pieces of campaigns, which a select of their ids names."""
    own = Email
    statement = select(own.item_id, *_counted()).where(*visibility(viewer, own), own.campaign_id.in_(campaigns))
    found = await run(statement.where(own.item_id.is_not(None)).group_by(own.campaign_id, own.item_id))
    return {item: Messages(*numbers) for item, *numbers in found}


def _counted() -> list[ColumnElement[int]]:
    """Sent, delivered, opened, clicked and replied messages.

    What failed finally was sent and not delivered; what was taken back before anybody tried was not sent.
    """
    delivered = (Email.status == EmailStatus.SENT) & Email.bounced_at.is_(None)
    marks = (Email.opened_at, Email.clicked_at, Email.replied_at)
    sent = (Email.status == EmailStatus.SENT) | ((Email.status == EmailStatus.FAILED) & (Email.attempts > 0))
    conditions = [sent, delivered, *(delivered & mark.is_not(None) for mark in marks)]
    return [func.count(case((condition, 1))) for condition in conditions]


async def pieces(run: Run, viewer: Viewer, ids: Sequence[str], by_item: _Messages) -> dict[str, list[Piece]]:
    """The planned pieces of campaigns in their order, with what became of their messages."""
    own = ScheduledContent
    columns = (own.id, own.local_id, own.channel, own.status, own.send_time, own.executed_at, own.note)
    statement = select(own.campaign_id, *columns, _heard()).where(
        *visibility(viewer, own), own.campaign_id.in_(padded(ids))
    )
    found: dict[str, list[Piece]] = {}
    for id_, item, local_id, channel, status, planned, done, note, heard in await run(
        statement.order_by(own.send_time, own.id)
    ):
        known = by_item.get(id_, {}).get(item, {})
        named = {variant or "": each for variant, each in known.items()}
        at: datetime = done or planned
        found.setdefault(id_, []).append(Piece(item, local_id, channel, status, at, bool(heard), note, named))
    return found


def _heard() -> ColumnElement[bool]:
    """Whether anything was noticed in a piece's campaign on its channel."""
    own, piece = EngagementEvent, ScheduledContent
    same = (own.organization_id == piece.organization_id, own.campaign_id == piece.campaign_id)
    return select(own.id).where(*same, own.channel == piece.channel).correlate(piece).exists()


async def readers(run: Run, viewer: Viewer, ids: Sequence[str]) -> dict[str, int]:
    """How many of the people campaigns are for can be reached by e-mail."""
    own = CampaignPersona
    statement = select(own.campaign_id, func.count(func.distinct(Persona.contact_id)))
    statement = statement.join(Persona, Persona.id == own.persona_id).where(*visibility(viewer, own))
    return dict(map(tuple, await run(statement.where(own.campaign_id.in_(padded(ids))).group_by(own.campaign_id))))

"""What readers of a message do: they open it, and follow its links. They have no account here, and no permission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import case, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.abm import AbmCampaign
from domain.emails import Email, EmailClick
from domain.engagement import EngagementEvent, EngagementType
from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import engagements
from resolvers.reads import Listing, Order, Statement, ToMany, reads, visible_to
from resolvers.unit import Keys, Unit


@dataclass(frozen=True, slots=True)
class Reading:
    """With what program, and from which address, somebody reads (CC-44)."""

    user_agent: str | None = None
    ip_address: str | None = None


_BY_READER = "pixel:"
"""What keys begin with that tell a reader by program and address."""
UNKNOWN = Reading()
"""Nothing is known of who reads."""


@reads(EmailClick, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Followed links of every message that is still there."""
    message = visible_to(viewer, Email).with_only_columns(Email.id).where(Email.id == EmailClick.email_id)
    statement: Statement = visible_to(viewer, EmailClick).where(message.exists())
    return statement


@reads(EmailClick, Permission.READ_LEADS)
def search(viewer: Viewer) -> Listing:
    """Followed links, the first followed first."""
    return Listing(visible.build(viewer), Order(EmailClick.created_at, descending=False))


of_email = ToMany(search, EmailClick.email_id)


def owner(email_id: str) -> Statement:
    """The organization of a message that still exists."""
    return select(Email.organization_id).where(Email.id == email_id, Email.deleted_at.is_(None))


def owner_of_campaign(campaign_id: str) -> Statement:
    """The organization of a campaign."""
    return select(AbmCampaign.organization_id).where(AbmCampaign.id == campaign_id)


async def opened(unit: Unit, email_id: str, by: Reading = UNKNOWN) -> Keys:
    """Note that a message was opened; only the first opening is told, and nothing of a message that is gone (CU-32)."""
    await engagements.note(unit, engagements.opening(email_id, unit.now, by.user_agent, by.ip_address))
    return {}


async def followed(unit: Unit, email_id: str, url: str, times: int, by: Reading = UNKNOWN) -> Keys:
    """Note that a link was followed so many times more; the first time of each link is told.

    Whoever follows a link has the message open, also where its picture was not loaded.
    """
    message = await unit.known(Email, email_id, lock=True)
    if message is None:
        return {}
    digest = sha256(url.encode()).hexdigest()
    known = await unit.find(select(EmailClick).where(EmailClick.email_id == email_id, EmailClick.digest == digest))
    if known is not None:
        known.times += times
        known.last_at = unit.now
        return {}
    await engagements.note(unit, _click(unit, message, url, digest, by))
    unit.add(_first(unit, message, url, digest, times))
    data = {"id": message.id, "leadId": message.lead_id, "url": url}
    unit.record(EventType.EMAIL_CLICKED, message, data, lead_id=message.lead_id)
    return {}


async def seen_by_somebody(unit: Unit, campaign_id: str, day: date, by: Reading) -> Keys:
    """Note that a campaign's picture was loaded by nobody in particular: once a day for a program at an address.

    It counts as an opening of the campaign, once for the program at its address, and no receiver is told (CC-09). Where
    nothing is kept of readers, all are one, and it counts once a day.
    """
    by = by if unit.reader_days else UNKNOWN
    reader = sha256(f"{by.ip_address}\0{by.user_agent}".encode()).hexdigest()
    await engagements.note(
        unit,
        engagements.Seen(
            type=EngagementType.EMAIL_OPEN,
            source_key=f"{_BY_READER}{campaign_id}:{reader}:{day.isoformat()}",
            occurred_at=unit.now,
            campaign_id=campaign_id,
            user_agent=by.user_agent,
            ip_address=by.ip_address,
        ),
    )
    return {}


async def forget_readers(session: AsyncSession, before: datetime, most: int) -> bool:
    """Forget by what, and from where, people have read before a moment, of so many engagements; whether there may be
    more. That they have stays, here and in the log.
    """
    own = EngagementEvent
    known = or_(own.ip_address.is_not(None), own.user_agent.is_not(None))
    old = select(own.id).where(known, own.occurred_at < before).order_by(own.occurred_at).limit(most)
    ids = list(await session.scalars(old))
    if ids:
        # A key made of both would give them away to who tries every address.
        key = case((own.source_key.startswith(_BY_READER), _BY_READER + own.id), else_=own.source_key)
        gone = update(own).where(own.id.in_(ids)).values(ip_address=None, user_agent=None, source_key=key)
        await session.execute(gone.execution_options(synchronize_session=False))
        # With the type spelled out, for the index that holds no others.
        told = Event.type == literal(EventType.ENGAGEMENT_DETECTED, Event.type.type, literal_execute=True)
        for event in await session.scalars(select(Event).where(told, Event.subject_id.in_(ids))):
            event.data = event.data | dict.fromkeys(engagements.OF_READERS)
    return len(ids) == most


def _click(unit: Unit, message: Email, url: str, digest: str, by: Reading) -> engagements.Seen:
    return engagements.Seen(
        type=EngagementType.LINK_CLICK,
        source_key=f"click:{message.id}:{digest}",
        occurred_at=unit.now,
        email_id=message.id,
        url=url,
        user_agent=by.user_agent,
        ip_address=by.ip_address,
    )


def _first(unit: Unit, message: Email, url: str, digest: str, times: int) -> EmailClick:
    return EmailClick(
        id=EmailClick.new_id(),
        organization_id=message.organization_id,
        created_at=unit.now,
        email_id=message.id,
        url=url,
        digest=digest,
        times=times,
        last_at=unit.now,
    )

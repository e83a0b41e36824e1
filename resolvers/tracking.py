"""What readers of a message do: they open it, and follow its links. They have no account here, and no permission."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select

from domain.emails import Email, EmailClick
from domain.events import EventType
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.emails import note_opened
from resolvers.reads import Listing, Order, Statement, ToMany, reads, visible_to
from resolvers.unit import Keys, Unit


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


async def opened(unit: Unit, email_id: str) -> Keys:
    """Note that a message was opened; only the first opening is told, and nothing of a message that is gone (CU-32)."""
    message = await unit.known(Email, email_id, lock=True)
    if message is not None:
        note_opened(unit, message)
    return {}


async def followed(unit: Unit, email_id: str, url: str, times: int) -> Keys:
    """Note that a link was followed so many times more; the first time of each link is told.

    Whoever follows a link has the message open, also where its picture was not loaded.
    """
    message = await unit.known(Email, email_id, lock=True)
    if message is None:
        return {}
    note_opened(unit, message)
    digest = sha256(url.encode()).hexdigest()
    known = await unit.find(select(EmailClick).where(EmailClick.email_id == email_id, EmailClick.digest == digest))
    if known is not None:
        known.times += times
        known.last_at = unit.now
        return {}
    unit.add(_first(unit, message, url, digest, times))
    data = {"id": message.id, "leadId": message.lead_id, "url": url}
    unit.record(EventType.EMAIL_CLICKED, message, data, lead_id=message.lead_id)
    return {}


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

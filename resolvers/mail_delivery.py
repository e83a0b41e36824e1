"""Handing due messages over: take one, send it, note what became of it. A crash in between only delays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from domain.activities import ActivityType
from domain.emails import Email, EmailStatus
from domain.events import EventType
from domain.ports import OutgoingMail
from resolvers import activities
from resolvers.emails import LEASE, facts
from resolvers.reads import Statement
from resolvers.unit import Unit

BATCH = 50
"""How many due messages are taken up in one sweep."""


def due(now: datetime) -> Statement:
    """Organization and id of the messages whose time has come, oldest first."""
    statement = select(Email.organization_id, Email.id).where(Email.due_at <= now, Email.deleted_at.is_(None))
    return statement.order_by(Email.due_at).limit(BATCH)


async def take(unit: Unit, id: str) -> bool:
    """Take a due message for sending; false when it is gone, done, or in somebody else's hands."""
    message = await _locked(unit, id)
    if message is None or message.due_at is None or message.due_at > unit.now:
        return False
    message.due_at = unit.now + LEASE
    return True


async def outgoing(unit: Unit, id: str, sender: str) -> OutgoingMail | None:
    """The message as the mailer needs it; None when it has been deleted or sent meanwhile."""
    message = await _locked(unit, id)
    if message is None or message.status is not EmailStatus.SCHEDULED:
        return None
    host = sender.rpartition("@")[2].rstrip(">") or "localhost"
    return OutgoingMail(message.id, sender, tuple(message.to), message.subject, message.body, f"<{message.id}@{host}>")


async def note_sent(unit: Unit, id: str) -> None:
    """Note that a message was handed over, on the timeline and in the log."""
    message = await _locked(unit, id)
    if message is None or message.status is EmailStatus.SENT:
        return
    message.sent(unit.now)
    # The timeline names a template without its prefix (CU-52), and has the key also when none was used.
    details = {"emailId": message.id, "template": (message.template_id or "").removeprefix("template_")}
    text, author = f"E-mail sent: {message.subject}", message.created_by_id
    activities.add(unit, message.lead_id, ActivityType.EMAIL_SENT, text, details, created_by_id=author)
    unit.record(EventType.EMAIL_SENT, message, facts(message), lead_id=message.lead_id)


async def note_failed(unit: Unit, id: str, reason: str, attempts: int, pause_seconds: float) -> None:
    """Note that a message could not be handed over; after the last of its attempts this is told."""
    message = await _locked(unit, id)
    if message is None or message.status is not EmailStatus.SCHEDULED:
        return
    if not message.failed(reason, unit.now, attempts, pause_seconds):
        unit.record(EventType.EMAIL_FAILED, message, facts(message), lead_id=message.lead_id)


async def _locked(unit: Unit, id: str) -> Email | None:
    statement = select(Email).where(Email.id == id, Email.organization_id == unit.viewer.organization_id)
    found = await unit.session.scalar(statement.where(Email.deleted_at.is_(None)).with_for_update())
    return found if isinstance(found, Email) else None

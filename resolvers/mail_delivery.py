"""Handing due messages over: take one, send it, note what became of it. A crash in between only delays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.activities import ActivityType
from domain.emails import Email, EmailStatus
from domain.events import EventType
from domain.ports import MailForm, OutgoingMail
from resolvers import activities
from resolvers.emails import LEASE, facts
from resolvers.reads import Statement
from resolvers.unit import Unit


async def take(session: AsyncSession, now: datetime, most: int) -> Sequence[tuple[str, str, int]]:
    """Take up messages whose time has come, oldest first: organization, id, and how often it has been taken by now."""
    due = select(Email.id).where(Email.due_at <= now, Email.deleted_at.is_(None)).order_by(Email.due_at).limit(most)
    # What another process is taking up this moment is left to it, and not waited for.
    ids = list(await session.scalars(due.with_for_update(skip_locked=True)))
    if not ids:
        return []
    taken = (
        update(Email)
        .where(Email.id.in_(ids))
        .values(due_at=now + LEASE, taken=Email.taken + 1)
        .returning(Email.organization_id, Email.id, Email.taken)
        .execution_options(synchronize_session=False)
    )
    found = {row.id: (row.organization_id, row.id, row.taken) for row in await session.execute(taken)}
    return [found[each] for each in ids if each in found]


def next_due() -> Statement:
    """When the next message is due, or the lease of one is over."""
    waiting = select(Email.due_at).where(Email.due_at.is_not(None), Email.deleted_at.is_(None))
    return waiting.order_by(Email.due_at).limit(1)


async def outgoing(unit: Unit, id: str, attempt: int, sender: str) -> OutgoingMail | None:
    """The message as the mailer needs it, its lease begun anew; None when this attempt is over or in other hands."""
    message = await unit.known(Email, id, lock=True)
    if message is None or message.status is not EmailStatus.SCHEDULED or message.taken != attempt:
        return None
    message.due_at = unit.now + LEASE
    host = sender.rpartition("@")[2].rstrip(">") or "localhost"
    form, name = MailForm.HTML if message.html else MailForm.TEXT, f"<{message.id}@{host}>"
    return OutgoingMail(message.id, sender, tuple(message.to), message.subject, message.body, name, form)


async def note_sent(unit: Unit, id: str) -> None:
    """Note that a message was handed over, on the timeline and in the log."""
    message = await unit.known(Email, id, lock=True)
    if message is None or message.status is EmailStatus.SENT:
        return
    message.sent(unit.now)
    # The timeline names a template without its prefix (CU-52), and has the key also when none was used.
    details = {"emailId": message.id, "template": (message.template_id or "").removeprefix("template_")}
    text, author = f"E-mail sent: {message.subject}", message.created_by_id
    activities.add(unit, message.lead_id, ActivityType.EMAIL_SENT, text, details, created_by_id=author)
    unit.record(EventType.EMAIL_SENT, message, facts(message), lead_id=message.lead_id)


async def note_failed(unit: Unit, id: str, attempt: int, reason: str, attempts: int, pause_seconds: float) -> None:
    """Note that a message could not be handed over; after the last of its attempts this is told."""
    message = await unit.known(Email, id, lock=True)
    if message is None or message.status is not EmailStatus.SCHEDULED or message.taken != attempt:
        return
    if not message.failed(reason, unit.now, attempts, pause_seconds):
        unit.record(EventType.EMAIL_FAILED, message, facts(message), lead_id=message.lead_id)

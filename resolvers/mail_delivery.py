"""Handing due messages over: take one, send it, note what became of it. A crash in between only delays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.abm import AbmCampaign
from domain.activities import ActivityType
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.engagement import EngagementType
from domain.events import EventType
from domain.marketing import CampaignStatus
from domain.ports import MailForm, OutgoingMail
from resolvers import activities, campaign_days, engagements, leases
from resolvers.emails import LEASE
from resolvers.engagement_surroundings import leads_of, timelines_of
from resolvers.leases import Taken
from resolvers.reads import Statement
from resolvers.unit import Unit

_UNSUBSCRIBED = "The reader has unsubscribed."
_OVER = "The campaign was completed before the message could leave."


async def take(session: AsyncSession, now: datetime, most: int) -> Sequence[Taken]:
    """Take up messages whose time has come, oldest first."""
    due = select(Email.id).where(Email.due_at <= now, Email.deleted_at.is_(None)).order_by(Email.due_at).limit(most)
    return await leases.take(session, Email, due, due_at=now + LEASE)


def next_due() -> Statement:
    """When the next message is due, or the lease of one is over."""
    waiting = select(Email.due_at).where(Email.due_at.is_not(None), Email.deleted_at.is_(None))
    return waiting.order_by(Email.due_at).limit(1)


async def outgoing(unit: Unit, id: str, attempt: int, sender: str, campaigns: str | None = None) -> OutgoingMail | None:
    """The message as the mailer needs it, its lease begun anew; None when this attempt is over or in other hands.

    `campaigns` is the sender of mail of campaigns, if it is another. Such mail tells by whom it can be stopped.
    """
    message = await _in_hand(unit, id, attempt)
    if message is None:
        return None
    if message.campaign_id and not await _leaves(unit, message):
        return None
    message.due_at = unit.now + LEASE
    sender = campaigns or sender if message.campaign_id else sender
    host = sender.rpartition("@")[2].rstrip(">") or "localhost"
    return OutgoingMail(
        message.id,
        sender,
        tuple(message.to),
        message.subject,
        message.body,
        f"<{message.id}@{host}>",
        MailForm.HTML if message.html else MailForm.TEXT,
        reader=message.contact_id if message.campaign_id else None,
    )


async def _leaves(unit: Unit, message: Email) -> bool:
    """Whether mail of a campaign still may: not while it is paused, and not to who has unsubscribed meanwhile."""
    campaign = await unit.known(AbmCampaign, message.campaign_id or "")
    contact = await unit.known(Contact, message.contact_id or "")
    if campaign and campaign.status is CampaignStatus.PAUSED:
        message.due_at = None
        return False
    stopped = _UNSUBSCRIBED if contact and contact.unsubscribed_at else None
    stopped = _OVER if campaign and campaign.status is CampaignStatus.COMPLETED else stopped
    if stopped is None:
        return True
    message.status, message.due_at, message.failure = EmailStatus.FAILED, None, stopped
    unit.record(EventType.EMAIL_FAILED, message, message.facts(), lead_id=message.lead_id)
    return False


async def note_sent(unit: Unit, id: str) -> None:
    """Note that a message was handed over, on the timeline and in the log."""
    message = await unit.known(Email, id, lock=True)
    if message is None or message.status is EmailStatus.SENT:
        return
    message.sent(unit.now)
    # The timeline names a template without its prefix (CU-52), and has the key also when none was used.
    details = {"emailId": message.id, "template": (message.template_id or "").removeprefix("template_")}
    text, author = f"E-mail sent: {message.subject}", message.created_by_id
    leads = await leads_of(unit, [message.contact_id]) if message.campaign_id else {}
    for lead_id in timelines_of(message, leads):
        activities.add(unit, lead_id, ActivityType.EMAIL_SENT, text, details, created_by_id=author)
    await _count(unit, message, emails_sent=1, emails_delivered=1)
    unit.record(EventType.EMAIL_SENT, message, message.facts(), lead_id=message.lead_id)


async def note_failed(unit: Unit, id: str, attempt: int, reason: str, attempts: int, pause_seconds: float) -> None:
    """Note that a message could not be handed over; after the last of its attempts this is told."""
    message = await _in_hand(unit, id, attempt)
    if message is not None and not message.failed(reason, unit.now, attempts, pause_seconds):
        await _count(unit, message, emails_sent=1)
        unit.record(EventType.EMAIL_FAILED, message, message.facts(), lead_id=message.lead_id)


async def note_returned(unit: Unit, id: str, attempt: int, reason: str) -> None:
    """Note that nobody has the address of a message, which is the end of it and is noted as what came of it."""
    message = await _in_hand(unit, id, attempt)
    if message is None:
        return
    seen = engagements.Seen(
        type=EngagementType.BOUNCE, source_key=f"bounce:{id}", occurred_at=unit.now, email_id=id, note=reason
    )
    await engagements.note(unit, seen)
    message.failed(reason, unit.now, 1, 0)
    await _count(unit, message, emails_sent=1)
    unit.record(EventType.EMAIL_FAILED, message, message.facts(), lead_id=message.lead_id)


async def _in_hand(unit: Unit, id: str, attempt: int) -> Email | None:
    """The message if this attempt is the last that took it up."""
    message = await unit.known(Email, id, lock=True)
    if message is None or message.status is not EmailStatus.SCHEDULED or message.taken != attempt:
        return None
    return message


async def _count(unit: Unit, message: Email, **added: int) -> None:
    """What was sent, and what of it was taken by a mail server, count for the day on which that was."""
    if message.campaign_id:
        await campaign_days.add(unit, {(message.campaign_id, unit.now.date()): added})

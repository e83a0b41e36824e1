"""E-mail to leads: reading it, sending it now or later, and noting that it was opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape

from domain.emails import Email, EmailStatus, is_html
from domain.engagement import EngagementEvent
from domain.errors import invalid, required
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.templates import EmailTemplate, fill, values_of
from domain.texts import TEXT, email, needed
from domain.values import ABSENT, Absent, Moment, present, start_of
from domain.viewer import Viewer
from resolvers import engagements, templates, users
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires

RECIPIENTS = 50
"""Most addresses of one message."""
LEASE = timedelta(minutes=5)
"""How long whoever took a due message may work on it before somebody else may."""
FIRST = 1
"""The attempt of a message that is sent at once: it is born taken up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailDraft:
    """A message to a lead: own subject and body, or a template's, or both (CU-31)."""

    lead_id: str
    to: list[str] | Absent | None = ABSENT
    subject: str | Absent | None = ABSENT
    body: str | Absent | None = ABSENT
    template_id: str | Absent | None = ABSENT
    scheduled_for: Moment | Absent | None = ABSENT


@reads(Email, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Messages to every lead."""
    return visible_to(viewer, Email)


@reads(Email, Permission.READ_LEADS)
def search(viewer: Viewer) -> Listing:
    """Messages, newest first."""
    return Listing(visible_to(viewer, Email), newest_first(Email))


of_lead = ToMany(search, Email.lead_id)
of_contact = ToMany(search, Email.contact_id)
of_engagement = ToOne(visible, EngagementEvent.email_id)
template = ToOne(templates.visible, Email.template_id)
author = ToOne(users.visible, Email.created_by_id)


@requires(Permission.WRITE_LEADS)
async def send(unit: Unit, draft: EmailDraft) -> Keys:
    """Send a message now, or keep it until its time (CU-30).

    The message is stored as due before it is handed over, so a crash in between sends it later instead of never.
    """
    lead = await unit.load(Lead, draft.lead_id, "leadId")
    to = _recipients(lead, present(draft.to, None))
    used = await _template(unit, present(draft.template_id, None))
    subject, body, html = _texts(lead, draft, used)
    planned = present(draft.scheduled_for, None)
    due = start_of(planned) if planned else unit.now
    later = due > unit.now
    message = Email(
        id=Email.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        lead_id=lead.id,
        status=EmailStatus.SCHEDULED,
        to=to,
        subject=subject,
        body=body,
        html=html,
        template_id=used.id if used else None,
        scheduled_for=due if planned else None,
        due_at=due if later else unit.now + LEASE,
        taken=0 if later else FIRST,
        created_by_id=unit.viewer.user_id,
    )
    unit.add(message)
    if later:
        unit.record(EventType.EMAIL_SCHEDULED, message, message.facts(), lead_id=lead.id)
    else:
        unit.deliver(message.id)
    return {"email": message.id}


@requires(Permission.WRITE_LEADS)
async def mark_opened(unit: Unit, id: str) -> Keys:
    """Note that a message was opened; only the first opening is told (CU-32)."""
    message = await unit.load(Email, id)
    if message.status is not EmailStatus.SENT:
        raise invalid("id", "Only a message that was sent can be opened.")
    await engagements.note(unit, engagements.opening(message.id, unit.now))
    return {"email": message.id}


def _recipients(lead: Lead, wanted: list[str] | None) -> list[str]:
    if wanted is None or not wanted:
        if not lead.email:
            raise required("to", "to is required: the lead has no e-mail address.")
        return [lead.email]
    if len(wanted) > RECIPIENTS:
        raise invalid("to", f"to must hold at most {RECIPIENTS} addresses.")
    return list(dict.fromkeys(email("to", address) for address in wanted))


async def _template(unit: Unit, id: str | None) -> EmailTemplate | None:
    if id is None:
        return None
    found = await unit.known(EmailTemplate, id)
    if found is None:
        raise invalid("templateId", f"templateId must be the id of a template; {id[:80]!r} is none.")
    return found


def _texts(lead: Lead, draft: EmailDraft, used: EmailTemplate | None) -> tuple[str, str, bool]:
    """Given subject and body win; what is missing comes from the template, filled from the lead; is the body HTML?

    That is decided before it is filled: what a lead wrote is never taken for markup.
    """
    subject, body = present(draft.subject, None), present(draft.body, None)
    html = is_html(body or (used.body if used else ""))
    if used:
        values = values_of(lead)
        subject = subject or fill(used.subject, used.variables, values)
        shown = {name: escape(value) for name, value in values.items()} if html else values
        body = body or fill(used.body, used.variables, shown)
    one_line = " ".join(needed("subject", subject, 500).split())
    return one_line, needed("body", body, TEXT), html

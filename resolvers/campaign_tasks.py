"""What campaigns have people do: requests to connect, calls, letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.abm import AbmCampaign, ScheduledContent
from domain.channels import Channel
from domain.contacts import Contact
from domain.leads import Lead, LeadStatus
from domain.tasks import Task, TaskType
from domain.texts import LINE
from resolvers import tasks
from resolvers.campaign_mail import Reader
from resolvers.reads import visible_to
from resolvers.sql import padded
from resolvers.unit import Unit

_TYPES: Mapping[Channel, TaskType] = {Channel.PHONE: TaskType.CALL, Channel.EMAIL: TaskType.EMAIL}
_WORDS: Mapping[Channel, str] = {
    Channel.EMAIL: "E-mail",
    Channel.LINKEDIN: "LinkedIn",
    Channel.WEBSITE: "Website",
    Channel.DIRECT_MAIL: "Letter",
    Channel.PHONE: "Call",
    Channel.OTHER: "To do",
}


@dataclass(frozen=True, slots=True)
class Owners:
    """The newest open lead of each person, and who looks after it; `anybody` looks after one of the company's leads."""

    leads: Mapping[str, Lead]
    anybody: str | None

    def lead_of(self, contact: Contact | None) -> Lead | None:
        """The lead that work for a person belongs to."""
        return self.leads.get(contact.id) if contact else None

    def assignee_of(self, contact: Contact | None) -> str | None:
        """Who does work for a person: who looks after their lead, else after another of the company."""
        lead = self.lead_of(contact)
        return (lead.assigned_to_id if lead else None) or self.anybody


async def owners(unit: Unit, account_id: str, people: list[Reader]) -> Owners:
    """Whom work for people of a company falls to."""
    final = (LeadStatus.WON, LeadStatus.LOST)
    ids = padded(sorted({each.contact.id for each in people if each.contact}))
    newest_last = visible_to(unit.viewer, Lead).order_by(Lead.created_at, Lead.id)
    found = await unit.session.scalars(newest_last.where(Lead.contact_id.in_(ids), Lead.status.not_in(final)))
    of_company = visible_to(unit.viewer, Contact).with_only_columns(Contact.id).where(Contact.account_id == account_id)
    owned = visible_to(unit.viewer, Lead).where(Lead.contact_id.in_(of_company), Lead.assigned_to_id.is_not(None))
    anybody: Lead | None = await unit.find(owned.order_by(Lead.created_at.desc(), Lead.id.desc()))
    leads = {each.contact_id: each for each in found if each.contact_id}
    return Owners(leads, anybody.assigned_to_id if anybody else None)


async def ask(
    unit: Unit,
    campaign: AbmCampaign,
    reader: Reader,
    owned: Owners,
    *,
    channel: Channel,
    what: str,
    text: str | None,
    due: datetime,
    item: ScheduledContent | None = None,
) -> Task:
    """Have somebody do something for one person of a campaign."""
    lead = owned.lead_of(reader.contact)
    return await tasks.put(
        unit,
        title=f"{_WORDS[channel]}: {what} to {reader.name} ({campaign.name})"[:LINE],
        description=text,
        type=_TYPES.get(channel, TaskType.FOLLOW_UP),
        due_date=due,
        assignee_id=owned.assignee_of(reader.contact),
        lead_id=lead.id if lead else None,
        contact_id=reader.contact.id if reader.contact else None,
        campaign_id=campaign.id,
        item_id=item.id if item else None,
    )

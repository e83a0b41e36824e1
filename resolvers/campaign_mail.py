"""Mail of campaigns: who gets it, which version, and in whose words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from domain.abm import AbmCampaign, CampaignPersona, ScheduledContent
from domain.abm_texts import for_reader
from domain.contacts import Contact
from domain.emails import Email, EmailStatus
from domain.personas import Persona
from resolvers.engagement_surroundings import leads_of
from resolvers.reads import visibility, visible_to
from resolvers.unit import Unit

_SUBJECT = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """A persona of a campaign and the contact it is reached by, as far as there are both."""

    persona: Persona | None
    contact: Contact | None
    unknown: bool = False
    """Whether a mail server has said that it knows no such address."""

    @property
    def name(self) -> str:
        """What the person is called: as the campaign knows them, else as their contact."""
        if self.persona is not None:
            return self.persona.name
        return (self.contact.name if self.contact is not None else None) or ""

    @property
    def title(self) -> str | None:
        """What the person is in the company."""
        if self.persona is not None and self.persona.title:
            return self.persona.title
        return self.contact.title if self.contact is not None else None

    @property
    def unsubscribed(self) -> bool:
        """Whether they want nothing of campaigns any more, by whatever way."""
        return self.contact is not None and self.contact.unsubscribed_at is not None

    @property
    def reachable(self) -> bool:
        """Whether a campaign may write to them, and mail would arrive."""
        return self.contact is not None and not self.unsubscribed and not self.unknown


async def campaign_of(unit: Unit, part: Any, id: str) -> AbmCampaign | None:
    """The campaign that something belongs to, locked before it, as whoever pauses it does: neither waits for the other
    then.
    """
    own = visible_to(unit.viewer, part).with_only_columns(part.campaign_id).where(part.id == id)
    campaign_id = await unit.session.scalar(own)
    return await unit.known(AbmCampaign, campaign_id, lock=True) if campaign_id else None


async def readers(unit: Unit, campaign: AbmCampaign) -> list[Reader]:
    """The people a campaign is for, in its order, each once also where two personas are the same contact."""
    rows = await unit.session.execute(
        select(Persona, Contact, refused(unit, Contact.id))
        .join(CampaignPersona, CampaignPersona.persona_id == Persona.id)
        .join(Contact, Contact.id == Persona.contact_id, isouter=True)
        .where(*visibility(unit.viewer, CampaignPersona), CampaignPersona.campaign_id == campaign.id)
        .order_by(CampaignPersona.position, CampaignPersona.id)
    )
    found: dict[str, Reader] = {}
    for persona, contact, unknown in rows:
        reader = Reader(persona, contact, unknown)
        found.setdefault(reader.contact.id if reader.contact is not None else persona.id, reader)
    return list(found.values())


def refused(unit: Unit, contact_id: Any) -> ColumnElement[bool]:
    """Whether a message to a contact ended because its address is not known; one that came back later may be."""
    ended = (Email.contact_id == contact_id, Email.status == EmailStatus.FAILED, Email.bounced_at.is_not(None))
    return exists(select(Email.id).where(*visibility(unit.viewer, Email), *ended))


async def send(unit: Unit, campaign: AbmCampaign, item: ScheduledContent, people: Sequence[Reader]) -> list[Email]:
    """Put a planned piece on its way to everybody who may be written to and has not got it yet.

    Versions go round among all readers of the campaign, so that they differ by one message at most, for each piece too.
    """
    sent = visible_to(unit.viewer, Email).with_only_columns(Email.contact_id).where(Email.item_id == item.id)
    had = set(await unit.session.scalars(sent))
    wanted = [each for each in people if each.reachable and each.contact is not None and each.contact.id not in had]
    leads = await leads_of(unit, [each.contact.id for each in wanted if each.contact is not None])
    begin = await _compared_so_far(unit, campaign)
    mail = []
    for number, reader in enumerate(wanted):
        version = version_for(campaign, item, begin + number)
        message = letter(unit, campaign, reader, version, leads)
        message.item_id, message.scheduled_for = item.id, item.send_time
        message.variant = version.get("key") if len(item.variants) > 1 and campaign.automation_ab_testing else None
        unit.add(message)
        mail.append(message)
    if mail:
        unit.stir()
    return mail


def version_for(campaign: AbmCampaign, item: ScheduledContent, number: int) -> Mapping[str, Any]:
    """The version whose turn it is; without a comparison the first, and without versions what the piece says."""
    if not item.variants:
        return {"subject": item.subject, "text": item.message}
    return item.variants[number % len(item.variants) if campaign.automation_ab_testing else 0]


def said(text: str | None, reader: Reader, *, html: bool = False) -> str:
    """A planned text in the words for one reader."""
    return for_reader(text or "", reader.name, html=html)


def letter(
    unit: Unit,
    campaign: AbmCampaign,
    reader: Reader,
    version: Mapping[str, Any],
    leads: Mapping[str, Sequence[str]],
) -> Email:
    """A message of a campaign to one reader, due now; it hangs on the newest of the reader's leads, if any."""
    contact = reader.contact
    assert contact is not None  # noqa: S101 - who has no contact is not written to
    html = bool(version.get("html"))
    body = said(version.get("html") or version.get("text"), reader, html=html)
    subject = " ".join(said(version.get("subject") or campaign.name, reader).split())
    return Email(
        id=Email.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        lead_id=next(iter(leads.get(contact.id, ())), None),
        contact_id=contact.id,
        campaign_id=campaign.id,
        status=EmailStatus.SCHEDULED,
        to=[contact.email],
        subject=subject[:_SUBJECT],
        body=body,
        html=html,
        due_at=unit.now,
        created_by_id=campaign.created_by_id,
    )


async def _compared_so_far(unit: Unit, campaign: AbmCampaign) -> int:
    count = select(func.count()).select_from(Email).where(*visibility(unit.viewer, Email))
    found: int = (
        await unit.session.scalar(count.where(Email.campaign_id == campaign.id, Email.variant.is_not(None))) or 0
    )
    return found

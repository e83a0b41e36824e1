"""Readers stop mail of campaigns. They have no account here; that a message was sent to them lets them in."""

from __future__ import annotations

from sqlalchemy import select

from domain.contacts import Contact
from domain.events import EventType
from domain.values import iso
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit


def owner(contact_id: str) -> Statement:
    """The organization of a contact."""
    return select(Contact.organization_id).where(Contact.id == contact_id)


async def unsubscribe(unit: Unit, contact_id: str) -> Keys:
    """Send a person no campaign's mail any more; told once, however often it is asked for."""
    contact = await unit.known(Contact, contact_id, lock=True)
    if contact is not None and contact.unsubscribed_at is None:
        contact.unsubscribed_at = unit.now
        tell(unit, contact)
    return {}


def tell(unit: Unit, contact: Contact) -> None:
    """Tell that a person is sent no campaign's mail any more, whoever noted it."""
    facts = {"id": contact.id, "email": contact.email, "unsubscribedAt": iso(unit.now)}
    unit.record(EventType.CONTACT_UNSUBSCRIBED, contact, facts)

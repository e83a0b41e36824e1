"""Reads of people, and finding or making the contact of a lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.accounts import Account
from domain.contacts import Contact, domain_of, key_of
from domain.emails import Email
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.personas import Persona
from domain.tasks import Task
from domain.viewer import Viewer
from resolvers import end_user_links
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import contains
from resolvers.unit import Unit


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which people are wanted."""

    account: str | None = None
    email: str | None = None
    search: str | None = None


@reads(Contact, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """People of the organization."""
    return visible_to(viewer, Contact)


@reads(Contact, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: ContactFilter | None = None) -> Listing:
    """People, newest first."""
    statement = visible_to(viewer, Contact)
    where = where or ContactFilter()
    if where.account:
        statement = statement.where(Contact.account_id == where.account)
    if where.email:
        statement = statement.where(Contact.email == key_of(where.email))
    if where.search:
        statement = statement.where(contains(where.search, Contact.name, Contact.email))
    return Listing(statement, newest_first(Contact))


of_lead = ToOne(visible, Lead.contact_id)
of_persona = ToOne(visible, Persona.contact_id)
of_email = ToOne(visible, Email.contact_id)
of_task = ToOne(visible, Task.contact_id)
of_account = ToMany(search, Contact.account_id)


async def find_or_make(unit: Unit, email: str, **known: str | None) -> tuple[Contact, EventType | None]:
    """The one contact with this address, and what happened to it: what was not known of it yet is filled in."""
    contact = await unit.first(Contact, email=key_of(email))
    if contact is None:
        return await make(unit, email, known), EventType.CONTACT_CREATED
    new = {name: value for name, value in known.items() if value and not getattr(contact, name)}
    for name, value in new.items():
        setattr(contact, name, value)
    return contact, EventType.CONTACT_UPDATED if new else None


async def make(unit: Unit, email: str, known: Mapping[str, Any]) -> Contact:
    """A new contact; without an account of its own, it is that of the address's domain, if there is one.

    No account is made from an address, or free-mail hosts would become accounts.
    """
    account = await unit.first(Account, domain=domain_of(email))
    values = dict(known)
    contact = Contact(
        id=Contact.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        email=key_of(email),
        host=domain_of(email),
        account_id=values.pop("account_id", None) or (account.id if account else None),
        **{"name": None, "linkedin": None} | values,
    )
    unit.add(contact)
    # Seen at once by the next lead of the same unit, and a second writer's contact surfaces here, not at the commit.
    await unit.flush()
    await end_user_links.follow_contact(unit, contact)
    return contact

"""What can be done with people: make and change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.accounts import Account, website_address
from domain.contacts import Contact, key_of
from domain.errors import Code, conflict, refuse
from domain.events import EventType
from domain.permissions import Permission
from domain.texts import email, line
from domain.values import ABSENT, Absent
from resolvers import contacts, unsubscribing
from resolvers.drafts import taken
from resolvers.reads import visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFields:
    """What is known of a person besides the address; without an account, that of the address's domain."""

    name: str | Absent | None = ABSENT
    title: str | Absent | None = ABSENT
    linkedin: str | Absent | None = ABSENT
    account_id: str | Absent | None = ABSENT
    unsubscribed: bool | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDraft(ContactFields):
    """A person to be made."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPatch(ContactFields):
    """Changes to a person: what is absent stays, null clears. The address is what a person is known by, and stays."""

    id: str


@requires(Permission.WRITE_ACCOUNTS)
async def create(unit: Unit, draft: ContactDraft) -> Keys:
    """Make a person; one per e-mail address."""
    address = key_of(email("email", draft.email))
    known = await unit.find(visible_to(unit.viewer, Contact).where(Contact.email == address))
    if known is not None:
        raise conflict(f"email is that of another contact, {known.id}.", "email")
    values = await _checked(unit, draft)
    values["unsubscribed_at"] = unit.now if values.pop("unsubscribed", None) else None
    contact = await contacts.make(unit, address, values)
    unit.record(EventType.CONTACT_CREATED, contact, contact.facts())
    if contact.unsubscribed_at:
        unsubscribing.tell(unit, contact)
    return {"contact": contact.id}


@requires(Permission.WRITE_ACCOUNTS)
async def change(unit: Unit, patch: ContactPatch) -> Keys:
    """Merge changes into a person."""
    contact = await unit.load(Contact, patch.id)
    values = await _checked(unit, patch)
    wanted = contact.unsubscribed_at is None
    if _take(unit, contact, values):
        unit.record(EventType.CONTACT_UPDATED, contact, contact.facts())
    if wanted and contact.unsubscribed_at:
        unsubscribing.tell(unit, contact)
    return {"contact": contact.id}


def _take(unit: Unit, contact: Contact, values: dict[str, Any]) -> bool:
    unsubscribed = values.pop("unsubscribed", None)
    if unsubscribed is not None and unsubscribed is not (contact.unsubscribed_at is not None):
        values["unsubscribed_at"] = unit.now if unsubscribed else None
    new = {name: value for name, value in values.items() if getattr(contact, name) != value}
    for name, value in new.items():
        setattr(contact, name, value)
    return bool(new)


async def _checked(unit: Unit, draft: ContactFields) -> dict[str, Any]:
    checks: Mapping[str, Callable[[Any], Any]] = {
        "name": partial(_one_line, "name"),
        "title": partial(_one_line, "title"),
        "linkedin": lambda value: website_address("linkedin", value) if value and value.strip() else None,
        "account_id": lambda value: value,
        "unsubscribed": lambda value: value,
    }
    values = taken(draft, checks)
    named = values.get("account_id")
    if named is not None and await unit.known(Account, named) is None:
        message = f"accountId must be the id of an account; {named[:80]!r} is none."
        raise refuse(Code.UNKNOWN_REFERENCE, message, "accountId")
    return values


def _one_line(field: str, value: str | None) -> str | None:
    """A name or a title as the people of companies are compared by them: without line breaks and spare blanks."""
    return " ".join((line(field, value) or "").split()) or None

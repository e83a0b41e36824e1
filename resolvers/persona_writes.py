"""What can be done with personas: make, change and delete them, and find or make those that callers name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from domain.accounts import Account, name_key
from domain.channels import Channel
from domain.contacts import Contact
from domain.errors import conflict, invalid
from domain.events import EventType
from domain.permissions import Permission
from domain.personas import Persona
from domain.texts import email, line, needed, text
from domain.values import ABSENT, Absent
from resolvers import contacts
from resolvers.drafts import taken
from resolvers.reads import visible_to
from resolvers.sql import equals
from resolvers.unit import Keys, Unit, requires

_PAIN_POINTS = 50
"""Most pain points of a persona."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaDraft:
    """Somebody in a company as somebody describes them; influence is a fraction."""

    name: str | Absent | None = ABSENT
    title: str | Absent | None = ABSENT
    role: str | Absent | None = ABSENT
    influence: float | Absent | None = ABSENT
    email: str | Absent | None = ABSENT
    pain_points: list[str] | Absent | None = ABSENT
    preferred_channels: list[Channel] | Absent | None = ABSENT
    preferred_timing: str | Absent | None = ABSENT
    preferred_tone: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPersona(PersonaDraft):
    """A persona to be made in a company."""

    account_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaPatch(PersonaDraft):
    """Changes to a persona: what is absent stays, null clears."""

    id: str


@requires(Permission.WRITE_ACCOUNTS)
async def create(unit: Unit, draft: NewPersona) -> Keys:
    """Make a persona in a company; one per name."""
    account = await unit.load(Account, draft.account_id, "accountId")
    known = await _named(unit, account.id, name_key(needed("name", draft.name)))
    if known is not None:
        raise conflict(f"name is that of another persona of the company, {known.id}.", "name")
    return {"persona": (await find_or_make(unit, account.id, draft)).id}


@requires(Permission.WRITE_ACCOUNTS)
async def change(unit: Unit, patch: PersonaPatch) -> Keys:
    """Merge changes into a persona."""
    persona = await unit.load(Persona, patch.id)
    values = _checked(patch, "")
    if not isinstance(patch.name, Absent):
        values["name"] = " ".join(needed("name", patch.name).split())
        other = await _named(unit, persona.account_id, name_key(values["name"]))
        if other is not None and other.id != persona.id:
            raise conflict(f"name is that of another persona of the company, {other.id}.", "name")
    address = values.pop("email", None)
    if not isinstance(patch.email, Absent):
        name = values.get("name", persona.name)
        values["contact_id"] = (await _contact(unit, address, name, persona)).id if address else None
    if _taken(unit, persona, values):
        unit.record(EventType.PERSONA_UPDATED, persona, facts(persona))
    return {"persona": persona.id}


@requires(Permission.WRITE_ACCOUNTS)
async def delete(unit: Unit, id: str) -> Keys:
    """Delete a persona; the contact stays."""
    persona = await unit.load(Persona, id)
    await unit.session.delete(persona)
    unit.record(EventType.PERSONA_DELETED, persona, facts(persona))
    return {"id": persona.id}


async def find_or_make(unit: Unit, account_id: str, draft: PersonaDraft, prefix: str = "") -> Persona:
    """The one persona of a company with this name; what is sent of it is taken over (CC-25).

    It is the contact's with the e-mail address, else with the same name in the company. `prefix` stands before the
    names of fields that are refused.
    """
    name = " ".join(needed(f"{prefix}name", draft.name).split())
    values = {key: value for key, value in _checked(draft, prefix).items() if value is not None}
    address = values.pop("email", None)
    known = await _named(unit, account_id, name_key(name))
    persona = known or _new(unit, account_id, name, values)
    if known is None:
        unit.add(persona)
        await unit.flush()
    if address:
        values["contact_id"] = (await _contact(unit, address, name, persona)).id
    elif persona.contact_id is None:
        values["contact_id"] = await _same_name(unit, account_id, name)
    changed = _taken(unit, persona, values)
    if changed or known is None:
        unit.record(EventType.PERSONA_UPDATED if known else EventType.PERSONA_CREATED, persona, facts(persona))
    return persona


def facts(persona: Persona) -> dict[str, Any]:
    """The persona as events tell it."""
    return {
        "id": persona.id,
        "accountId": persona.account_id,
        "contactId": persona.contact_id,
        "name": persona.name,
        "title": persona.title,
    }


def _new(unit: Unit, account_id: str, name: str, values: Mapping[str, Any]) -> Persona:
    return Persona(
        id=Persona.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        updated_at=unit.now,
        account_id=account_id,
        name=name,
        name_key=name_key(name),
        **{"pain_points": [], "preferred_channels": []} | dict(values),
    )


def _taken(unit: Unit, persona: Persona, values: Mapping[str, Any]) -> bool:
    new = {key: value for key, value in values.items() if getattr(persona, key) != value}
    for key, value in new.items():
        setattr(persona, key, value)
    if new:
        persona.name_key = name_key(persona.name)
        persona.updated_at = unit.now
    return bool(new)


async def _named(unit: Unit, account_id: str, key: str) -> Persona | None:
    own = visible_to(unit.viewer, Persona).where(Persona.account_id == account_id, Persona.name_key == key)
    found: Persona | None = await unit.find(own.with_for_update())
    return found


async def _contact(unit: Unit, address: str, name: str, persona: Persona) -> Contact:
    known = {"name": name, "title": persona.title, "account_id": persona.account_id}
    contact, happened = await contacts.find_or_make(unit, address, **known)
    if happened:
        # Told also where the persona stays as it was: somebody is new in the company's list.
        unit.record(happened, contact, contact.facts())
    return contact


async def _same_name(unit: Unit, account_id: str, name: str) -> str | None:
    own = visible_to(unit.viewer, Contact).where(Contact.account_id == account_id)
    found: Contact | None = await unit.find(own.where(equals(name, Contact.name)).order_by(Contact.id))
    return found.id if found else None


def _checked(draft: PersonaDraft, prefix: str) -> dict[str, Any]:
    checks: Mapping[str, Callable[[Any], Any]] = {
        "title": partial(line, f"{prefix}title"),
        "role": partial(line, f"{prefix}role"),
        "influence": partial(_share, f"{prefix}influence"),
        "email": lambda value: email(f"{prefix}email", value) if value else None,
        "pain_points": partial(_pain_points, f"{prefix}painPoints"),
        "preferred_channels": lambda value: list(dict.fromkeys(Channel(each).value for each in value or [])),
        "preferred_timing": partial(line, f"{prefix}preferredTiming"),
        "preferred_tone": partial(line, f"{prefix}preferredTone"),
    }
    return taken(draft, checks)


def _share(field: str, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and 0 <= value <= 1):
        raise invalid(field, f"{field} must be a share from 0 to 1.")
    return value


def _pain_points(field: str, value: list[str] | None) -> list[str]:
    wanted = [text(field, needed(field, each)).strip() for each in value or []]
    if len(wanted) > _PAIN_POINTS:
        raise invalid(field, f"{field} must be at most {_PAIN_POINTS} texts.")
    return list(dict.fromkeys(wanted))

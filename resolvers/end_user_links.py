"""Who an end user is: the contact or the lead that its external id names, whichever of both was there first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Insert, Table, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.contacts import Contact, key_of
from domain.feedback import EndUser
from domain.leads import Lead
from resolvers.kept import Kept
from resolvers.reads import visibility
from resolvers.sql import padded
from resolvers.unit import Unit

_USERS = cast(Table, EndUser.__table__)
_ONCE = ("organization_id", "external_id")
_INSERT: Mapping[str, Insert] = {
    # Another process may make the same user at the same moment.
    "sqlite": sqlite.insert(_USERS).on_conflict_do_nothing(index_elements=_ONCE),
    "postgresql": postgresql.insert(_USERS).on_conflict_do_nothing(index_elements=_ONCE),
}
_FOLLOW = Kept(
    update(EndUser)
    .where(EndUser.organization_id == bindparam("organization"), EndUser.email == bindparam("address"))
    .where(EndUser.contact_id.is_(None))
    .values(contact_id=bindparam("contact"))
)
_AT_ONCE = 5_000
"""Ids in one statement; databases bound how many they take."""


def _leads_users() -> Any:
    theirs = or_(EndUser.lead_id == Lead.id, EndUser.contact_id == Lead.contact_id)
    own = and_(EndUser.organization_id == Lead.organization_id, theirs)
    return select(Lead.id.label("lead_id"), EndUser.id.label("end_user_id")).join(EndUser, own).subquery("leads_users")


LEADS_USERS: Any = _leads_users()
"""Which end users a lead is: the one named by its id, and those that are the same contact."""


def newest_lead() -> Any:
    """The lead an end user is: the one its external id names, else the newest of its contact."""
    live = (Lead.contact_id == EndUser.contact_id, Lead.deleted_at.is_(None))
    newest = select(Lead.id).where(*live).order_by(Lead.created_at.desc(), Lead.id.desc()).limit(1)
    return func.coalesce(EndUser.lead_id, newest.correlate(EndUser).scalar_subquery())


@dataclass(frozen=True, slots=True)
class _Person:
    """The contact and the lead behind an external id."""

    contact_id: str | None = None
    lead_id: str | None = None


def email_of(external_id: str) -> str | None:
    """The address an external id is, in lower case; None for any other text."""
    name, at, host = external_id.strip().rpartition("@")
    return key_of(external_id) if at and name and "." in host and " " not in external_id.strip() else None


async def find_or_make(unit: Unit, external_ids: Iterable[str]) -> dict[str, str]:
    """The ids of these end users by their external ids; who is new is made and linked."""
    wanted = list(dict.fromkeys(external_ids))
    known = await _known(unit, wanted)
    # In one order, so that two who make the same users wait for each other and not in a circle.
    missing = sorted(each for each in wanted if each not in known)
    if missing:
        await _make(unit, missing)
        known |= await _known(unit, missing)
    return known


async def follow_contact(unit: Unit, contact: Contact) -> None:
    """Link the end users that are known by the address of a new contact."""
    theirs = {"organization": unit.viewer.organization_id, "address": contact.email}
    await unit.run(_FOLLOW, **theirs, contact=contact.id)


async def _known(unit: Unit, external_ids: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _parts(external_ids):
        statement = select(EndUser.external_id, EndUser.id).where(
            *visibility(unit.viewer, EndUser), EndUser.external_id.in_(padded(part))
        )
        found |= {row.external_id: row.id for row in await unit.session.execute(statement)}
    return found


async def _make(unit: Unit, external_ids: Collection[str]) -> None:
    people = await _people(unit, external_ids)
    rows = [_row(unit, each, people.get(email_of(each) or each, _Person())) for each in external_ids]
    connection = await unit.session.connection()
    await unit.session.execute(_INSERT[connection.dialect.name], rows)


def _row(unit: Unit, external_id: str, person: _Person) -> dict[str, Any]:
    return {
        "id": EndUser.new_id(),
        "organization_id": unit.viewer.organization_id,
        "created_at": unit.now,
        "updated_at": unit.now,
        "external_id": external_id,
        "email": email_of(external_id),
        "contact_id": person.contact_id,
        "lead_id": person.lead_id,
        "churn_order": -1.0,
    }


async def _people(unit: Unit, external_ids: Collection[str]) -> dict[str, _Person]:
    """Who is behind external ids, by address or id: addresses and ids of contacts, ids of leads (unified, 2)."""
    found: dict[str, _Person] = {}
    for part in _parts(external_ids):
        emails = [address for each in part if (address := email_of(each))]
        ids = [each for each in part if each.startswith(f"{Contact.prefix}_")]
        if emails or ids:
            named = or_(Contact.email.in_(padded(emails)), Contact.id.in_(padded(ids)))
            contacts = select(Contact.id, Contact.email).where(*visibility(unit.viewer, Contact), named)
            for key, address in await unit.session.execute(contacts):
                found[key] = found[address] = _Person(key)
        leads = [each for each in part if each.startswith(f"{Lead.prefix}_")]
        if leads:
            named_leads = select(Lead.id, Lead.contact_id).where(*visibility(unit.viewer, Lead), Lead.id.in_(leads))
            found |= {key: _Person(contact, key) for key, contact in await unit.session.execute(named_leads)}
    return found


def _parts(values: Collection[str]) -> Iterable[list[str]]:
    ordered = list(values)
    return (ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE))

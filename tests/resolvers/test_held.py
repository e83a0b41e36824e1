"""Rows that are stored and found without SQLAlchemy's session, and by it: nothing that was changed is lost between."""

from __future__ import annotations

import email_validator
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.contacts import Contact
from domain.errors import DomainError
from domain.texts import email
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.unit import Keys, Unit


def person(unit: Unit, **values: str | None) -> Contact:
    contact = Contact(
        id=Contact.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        **{"email": "ann@example.com", "host": "example.com"} | values,
    )
    unit.add(contact)
    return contact


async def stored(database: Database, viewer: Viewer) -> list[tuple[str | None, str | None]]:
    statement = select(Contact.name, Contact.title).where(Contact.organization_id == viewer.organization_id)
    return [tuple(row) for row in await database.rows(statement)]


@pytest.mark.parametrize("by_session", [False, True])
async def test_what_is_changed_after_it_was_stored_is_stored_too(
    database: Database, viewer: Viewer, by_session: bool
) -> None:
    async def work(unit: Unit) -> Keys:
        made = person(unit, name="Ann")
        await unit.flush()
        assert made.title is None
        made.title = "CTO"
        if by_session:
            assert await unit.session.get(Contact, made.id) is made
        return {}

    await database.transact(viewer, work)
    assert await stored(database, viewer) == [("Ann", "CTO")]


async def test_a_row_that_was_found_can_be_changed_and_is_the_one_that_the_session_finds(
    database: Database, viewer: Viewer
) -> None:
    async def make(unit: Unit) -> Keys:
        person(unit, name="Ann")
        return {}

    async def rename(unit: Unit) -> Keys:
        found = await unit.first(Contact, email="ann@example.com")
        assert found is not None
        assert await unit.first(Contact, email="ann@example.com") is found
        found.name = "Anna"
        assert await unit.session.scalar(select(Contact).where(Contact.id == found.id)) is found
        assert await unit.first(Contact, email="nobody@example.com") is None
        return {}

    await database.transact(viewer, make)
    await database.transact(viewer, rename)
    assert await stored(database, viewer) == [("Anna", None)]


async def test_nobody_finds_a_row_of_another_organization(database: Database, viewer: Viewer, stranger: Viewer) -> None:
    async def make(unit: Unit) -> Keys:
        person(unit)
        return {}

    async def look(unit: Unit) -> Keys:
        return {"found": await unit.first(Contact, email="ann@example.com") is not None}

    await database.transact(viewer, make)
    assert await database.transact(stranger, look) == {"found": False}
    assert await database.transact(viewer, look) == {"found": True}


def test_a_row_takes_no_value_it_has_no_column_for() -> None:
    with pytest.raises(TypeError, match="Contact has no column for nmae"):
        Contact(nmae="Ann")


@given(st.from_regex(r"[A-Za-z0-9._+@-]{1,70}", fullmatch=True) | st.emails())
@example("a@mail.local")
@example("a@mail.localhost")
@example("a@b.c")
@example("a@ab--cd.com")
@example("a..b@c.de")
def test_usual_addresses_are_taken_as_the_rules_for_all_take_them(address: str) -> None:
    try:
        email_validator.validate_email(address, check_deliverability=False, test_environment=True)
        known = True
    except email_validator.EmailNotValidError:
        known = False
    try:
        email("email", address)
        taken = True
    except DomainError:
        taken = False
    assert taken == known

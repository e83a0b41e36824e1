"""Whoever runs this server, as the one who acts: every permission, in one organization at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from domain.errors import invalid, not_found
from domain.organizations import Organization
from domain.permissions import Permission
from domain.users import User
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.unit import Keys, Unit

CLIENT_ID = "command_line"
"""What the logs name as the client."""


def operator(organization_id: str) -> Viewer:
    """Who the command line acts as: nobody of the staff, with every permission."""
    everything = frozenset(Permission)
    return Viewer(organization_id, CLIENT_ID, None, None, everything, (), None, "Enterprise", "Command line")


async def run(database: Database, organization_id: str, use_case: Any, *arguments: Any) -> Keys:
    """Run a use case of the graph as the operator.

    Raises:
        DomainError: the use case's own.
    """

    async def work(unit: Unit) -> Keys:
        answer: Keys = await use_case(unit, *arguments)
        return answer

    return await database.transact(operator(organization_id), work)


async def find_organization(database: Database, wanted: str | None) -> Organization:
    """The organization with this id or name; without either, the only one there is. Sandboxes are parts of another one.

    Raises:
        DomainError: NOT_FOUND, or INVALID when it is not clear which is meant.
    """
    statement = select(Organization).where(Organization.sandbox_of_id.is_(None)).limit(2)
    if wanted:
        statement = statement.where(or_(Organization.id == wanted, Organization.name == wanted))
    found = await _entities(database, statement)
    if len(found) == 1:
        organization: Organization = found[0]
        return organization
    if wanted and not found:
        raise not_found(Organization.label, wanted, "organization")
    if not found:
        makes = "`trigraph users create --create --organization NAME` makes one"
        raise invalid("organization", f"There is no organization yet; {makes}.")
    raise invalid("organization", "There are several organizations like that; name one by its id.")


async def find_user(database: Database, wanted: str, organization: Organization) -> User:
    """The member of staff with this id or e-mail address.

    Raises:
        DomainError: NOT_FOUND.
    """
    named = or_(User.id == wanted, User.email == wanted.strip().lower())
    found = await _entities(database, select(User).where(User.organization_id == organization.id, named))
    if not found:
        raise not_found(f"In {organization.name}, the user", wanted, "user")
    user: User = found[0]
    return user


async def _entities(database: Database, statement: Any) -> Sequence[Any]:
    async def work(session: Any) -> Sequence[Any]:
        rows: Sequence[Any] = (await session.scalars(statement)).all()
        return rows

    return await database.store(work)

"""Reads of staff, and the check that a member of staff exists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Enum, case, func, type_coerce

from domain.errors import Code, refuse
from domain.permissions import Permission
from domain.users import User, UserStatus
from domain.viewer import Viewer
from resolvers import teams
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Unit

_STATUS = Enum(UserStatus, native_enum=False, length=32)


@reads(User, Permission.READ_USERS)
def visible(viewer: Viewer) -> Statement:
    """Staff of the organization."""
    return visible_to(viewer, User)


@reads(User, Permission.READ_USERS)
def search(viewer: Viewer, search: str | None = None) -> Listing:
    """Staff, newest first, perhaps only those whose name or e-mail contains a text."""
    statement = visible_to(viewer, User)
    if search:
        words = func.lower(User.name + " " + User.email)
        statement = statement.where(words.contains(search.lower(), autoescape=True))
    return Listing(statement, newest_first(User))


team = ToOne(teams.visible, User.team_id)
of_team = ToMany(search, User.team_id)


def status(viewer: Viewer) -> Any:
    """Where a member of staff stands, told by the database: the password's hash stays there."""
    told = case(
        (User.disabled_at.is_not(None), UserStatus.DISABLED.value),
        (User.password_hash.is_(None), UserStatus.INVITED.value),
        else_=UserStatus.ACTIVE.value,
    )
    return type_coerce(told, _STATUS)


async def named(unit: Unit, key: str, id: str | None, *printed: str) -> dict[str, Any]:
    """What events tell of a member of staff beside the id under `key`, such as `assigneeName`, as it is now."""
    return told(key, await unit.known(User, id) if id else None, *printed)


def told(key: str, person: User | None, *printed: str) -> dict[str, Any]:
    """The same of somebody who is loaded already."""
    return {f"{key}{each.capitalize()}": getattr(person, each) if person else None for each in printed}


async def existing(unit: Unit, id: str, field: str) -> User:
    """A member of staff that a request names.

    Raises:
        DomainError: UNKNOWN_REFERENCE naming the field when there is no such user in the organization.
    """
    found = await unit.known(User, id)
    if found is None:
        raise refuse(Code.UNKNOWN_REFERENCE, f"{field} must be the id of a user; {id[:80]!r} is none.", field)
    return found

"""Making organizations and managing their staff, for whoever runs this server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain import passwords as password_rules
from domain.organizations import DEFAULT_SOURCES, Organization, Team
from domain.permissions import Role
from domain.texts import email as checked_email
from domain.texts import needed
from domain.users import User
from domain.values import ABSENT
from gateway import passwords
from gateway.database import Database
from gateway.operators import find_organization, find_user, run
from resolvers import user_writes
from resolvers.user_writes import Invitee


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff as lists show them."""

    user: User
    team: str | None
    organization: str


@dataclass(frozen=True, slots=True)
class Invited:
    """A member of staff with the link that lets them in, which can be shown this once."""

    user: User
    link: str


async def ensure_organization(database: Database, wanted: str, id: str | None = None) -> Organization:
    """The organization with this id or name; a new one of that name, with one team, when there is none."""

    async def work(session: AsyncSession) -> Organization:
        statement = select(Organization).where(or_(Organization.id == wanted, Organization.name == wanted)).limit(1)
        found = await session.scalar(statement)
        if found is not None:
            return found
        made = Organization(
            id=id or Organization.new_id(),
            name=needed("organization", wanted).strip(),
            approved_lead_sources=list(DEFAULT_SOURCES),
            event_sequence=0,
            created_at=database.clock.now(),
        )
        session.add(made)
        await session.flush()
        session.add(Team(id=Team.new_id(), organization_id=made.id, name="Everyone", created_at=database.clock.now()))
        return made

    return await database.store(work)


async def ensure_user(database: Database, organization: Organization, email: str, name: str | None, role: Role) -> User:
    """The member of staff with this e-mail address; a new one in the first team when there is none.

    Raises:
        DomainError: INVALID when that is no e-mail address.
    """
    address = checked_email("user", email).lower()
    statement = select(User.id).where(User.organization_id == organization.id, User.email == address)
    if not await database.rows(statement):
        await invite(database, organization, Invitee(email=address, name=name, role=role, team_id=ABSENT))
    return await find_user(database, address, organization)


async def invite(database: Database, organization: Organization, invitee: Invitee) -> Invited:
    """Make a member of staff, in the first team unless another one is named.

    Raises:
        DomainError: whatever the graph would say too.
    """
    if not invitee.team_id:
        team = select(Team.id).where(Team.organization_id == organization.id).order_by(Team.created_at, Team.id)
        rows = await database.rows(team.limit(1))
        invitee = Invitee(
            email=invitee.email, role=invitee.role, name=invitee.name, team_id=rows[0][0] if rows else ABSENT
        )
    keys = await run(database, organization.id, user_writes.invite, invitee)
    return Invited(await find_user(database, keys["user"], organization), keys["invitation_url"])


async def listed(database: Database, organization: str | None) -> Sequence[Member]:
    """Staff of one organization, or of all, oldest first."""
    wanted = await find_organization(database, organization) if organization else None

    async def work(session: AsyncSession) -> Sequence[Member]:
        statement = (
            select(User, Team.name, Organization.name)
            .join(Organization, Organization.id == User.organization_id)
            .outerjoin(Team, Team.id == User.team_id)
            .order_by(User.created_at, User.id)
        )
        own = statement.where(User.organization_id == wanted.id) if wanted else statement
        return [Member(*row) for row in await session.execute(own)]

    return await database.store(work)


async def set_disabled(database: Database, wanted: str, organization: str | None, disabled: bool) -> User:
    """Shut a member of staff out, or let them in again.

    Raises:
        DomainError: NOT_FOUND, or CONFLICT for the last administrator.
    """
    home = await find_organization(database, organization)
    user = await find_user(database, wanted, home)
    await run(database, home.id, user_writes.disable if disabled else user_writes.enable, user.id)
    return user


async def reset_link(database: Database, wanted: str, organization: str | None) -> Invited:
    """Take a password away, and the link to set a new one.

    Raises:
        DomainError: NOT_FOUND, or CONFLICT for somebody who is disabled.
    """
    home = await find_organization(database, organization)
    user = await find_user(database, wanted, home)
    keys = await run(database, home.id, user_writes.reset_password, user.id)
    return Invited(user, keys["invitation_url"])


async def set_password(database: Database, wanted: str, organization: str | None, password: str, shortest: int) -> User:
    """Give a member of staff a password.

    Raises:
        DomainError: NOT_FOUND, INVALID for a password that is too easy, CONFLICT for somebody who is disabled.
    """
    home = await find_organization(database, organization)
    user = await find_user(database, wanted, home)
    password_rules.check(password, user.email, user.name, shortest)
    await run(database, home.id, user_writes.set_password, user.id, await passwords.hashed(password))
    return user

"""Making organizations and their staff, for whoever runs this server."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.organizations import DEFAULT_SOURCES, Organization, Team
from domain.permissions import Role
from domain.texts import email as checked_email
from domain.texts import needed
from domain.users import User
from gateway.database import Database


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

    async def work(session: AsyncSession) -> User:
        own = (User.organization_id == organization.id, User.email == address)
        found = await session.scalar(select(User).where(*own))
        if found is not None:
            return found
        team = select(Team.id).where(Team.organization_id == organization.id).order_by(Team.created_at, Team.id)
        made = User(
            id=User.new_id(),
            organization_id=organization.id,
            created_at=database.clock.now(),
            team_id=await session.scalar(team.limit(1)),
            name=name or address.partition("@")[0],
            email=address,
            role=role,
        )
        session.add(made)
        return made

    return await database.store(work)

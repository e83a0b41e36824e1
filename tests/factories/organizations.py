"""Organizations, teams and staff for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.entity import Entity
from domain.organizations import DEFAULT_SOURCES, Organization, Team
from domain.permissions import Role, granted
from domain.tables import METADATA
from domain.users import User
from domain.values import new_id
from domain.viewer import Dialect, Viewer
from gateway.database import Database

_PARENTS_FIRST = METADATA.sorted_tables


async def store(database: Database, *rows: Entity) -> None:
    """Put rows into the database as they are, telling nobody."""

    async def work(session: Any) -> None:
        # Table by table, parents first: without relationships a session knows no order among tables.
        for table in _PARENTS_FIRST:
            of_table = [row for row in rows if row.__table__ is table]
            if of_table:
                session.add_all(of_table)
                await session.flush()

    await database.store(work)


async def make_organization(database: Database, name: str = "Here", sources: Sequence[str] = DEFAULT_SOURCES) -> str:
    """A new organization; its id."""
    organization = Organization(
        id=Organization.new_id(),
        name=name,
        approved_lead_sources=list(sources),
        event_sequence=0,
        created_at=database.clock.now(),
    )
    await store(database, organization)
    return organization.id


async def make_team(database: Database, organization_id: str, name: str = "Field") -> str:
    """A new team; its id."""
    team = Team(id=Team.new_id(), organization_id=organization_id, name=name, created_at=database.clock.now())
    await store(database, team)
    return team.id


async def make_user(
    database: Database,
    organization_id: str,
    *,
    role: Role = Role.SALES_REP,
    team: str | None = None,
    name: str = "Jane Agent",
    email: str | None = None,
) -> str:
    """A new member of staff; the id."""
    user = User(
        id=User.new_id(),
        organization_id=organization_id,
        team_id=team,
        name=name,
        email=email or f"{new_id('staff')}@agency.example.com",
        role=role,
        created_at=database.clock.now(),
    )
    await store(database, user)
    return user.id


async def make_viewer(
    database: Database,
    organization_id: str,
    *,
    role: Role = Role.ADMIN,
    team: str | None = None,
    scopes: Sequence[str] = ("read", "write", "admin"),
    user: bool = True,
    dialect: Dialect | None = None,
    name: str = "Jane Agent",
) -> Viewer:
    """A credential of a new member of staff, or of nobody, resolved as the doors resolve it."""
    user_id = await make_user(database, organization_id, role=role, team=team, name=name) if user else None
    return Viewer(
        organization_id=organization_id,
        client_id=new_id("client"),
        user_id=user_id,
        team_id=team,
        permissions=granted(role, scopes),
        scopes=tuple(scopes),
        dialect=dialect,
        tier="Professional",
        name="Test key",
    )

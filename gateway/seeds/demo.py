"""The demo organization: the documents' printed records and some company for them (X-30)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import Account
from domain.contacts import Contact
from domain.entity import Entity
from domain.errors import conflict
from domain.organizations import Organization
from domain.tables import METADATA
from gateway.database import Database
from gateway.seeds.compliance import law
from gateway.seeds.feedback import opinions
from gateway.seeds.marketing import advertising
from gateway.seeds.people import around
from gateway.seeds.printed import ORGANIZATION, records
from gateway.seeds.rows import put, seeder, tell, values_of
from gateway.seeds.story import story
from gateway.seeds.story_research import places
from resolvers.unit import Keys, Unit

_TABLES = METADATA.sorted_tables


async def seed(database: Database) -> int:
    """Put in every record of the demo that is not there yet; how many were put in.

    What somebody changed or deleted through a door stays so.

    Raises:
        DomainError: CONFLICT when a printed id is in use in another organization.
    """
    rows = _rows(database.clock.now())

    async def work(unit: Unit) -> Keys:
        counts: dict[str, int] = {}
        for table in _TABLES:
            missing = await _missing(unit.session, table, rows[table.name])
            await put(unit.session, table, missing)
            if missing:
                counts[table.name] = len(missing)
        if counts:
            tell(unit, await unit.session.get_one(Organization, ORGANIZATION), counts)
        return dict(counts)

    return sum((await database.transact(seeder(ORGANIZATION), work)).values())


def _rows(now: datetime) -> dict[str, list[dict[str, Any]]]:
    """The rows of the demo by table."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    companies = [*records(), *around()]
    contacts = {each.id: each for each in companies if isinstance(each, Contact)}
    where = [place for each in companies if isinstance(each, Account) for place in places(each)]
    entities: list[Entity] = [*companies, *where, *law(now), *advertising(), *opinions(), *story(contacts)]
    for entity in entities:
        rows[entity.__tablename__].append(values_of(entity))
    return rows


async def _missing(session: AsyncSession, table: Any, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    own = table.c.id if table.name == Organization.__tablename__ else table.c.organization_id
    statement = select(table.c.id, own).where(table.c.id.in_([row["id"] for row in rows]))
    owners: dict[str, str] = {row.id: row[1] for row in await session.execute(statement)}
    for key, owner in owners.items():
        if owner != ORGANIZATION:
            raise conflict(f"{key} is in use in the organization {owner}; the demo needs a database of its own.")
    return [row for row in rows if row["id"] not in owners]

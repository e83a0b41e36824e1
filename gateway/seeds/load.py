"""Realistic volume for measuring and trying out: made in memory, put in by the chunk.

Leads are as the rules would have left them (score, words for search, conversion), their timelines are abridged: a note
or a task has no entry of its own there. There is no event per row; each chunk records one that says how many rows came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import Account
from domain.activities import Activity
from domain.contacts import Contact
from domain.entity import Entity
from domain.feedback import EndUser, Feedback, FeedbackTheme
from domain.leads import Lead
from domain.notes import Note
from domain.organizations import Organization, Team
from domain.permissions import Role
from domain.tasks import Task
from domain.users import User
from gateway.database import Database
from gateway.seeds.load_feedback import FeedbackMaker
from gateway.seeds.load_rows import Base, Maker, Row
from gateway.seeds.rows import put, seeder, tell
from resolvers.unit import Keys, Unit

_CHUNK_ROWS = 4_000
"""Rows of one transaction: a few tens of milliseconds in which nobody else can write."""
_STAFF = ("Jane Smith", "Sam Rivera", "Priya Nair", "Tom Becker", "Lena Hoffmann", "Marco Rossi")

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Volume:
    """How many rows of each kind."""

    leads: int
    accounts: int
    contacts: int
    notes: int
    tasks: int
    activities: int
    feedback: int = 0

    @property
    def rows(self) -> int:
        """All of them together."""
        return sum(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows came in, and how long it took."""

    rows: int
    seconds: float


async def load(database: Database, organization_id: str, volume: Volume, progress: Progress) -> Loaded:
    """Put the volume into an organization; `progress` hears of every chunk: its kind and how many rows."""
    began = perf_counter()
    base = await database.store(lambda session: _base(session, organization_id, database))
    maker = Maker(base)
    steps: list[tuple[type[Entity], Iterable[Row]]] = [
        (Account, maker.accounts(volume.accounts)),
        (Contact, maker.contacts(volume.contacts)),
        (Lead, maker.leads(volume.leads)),
        (Note, maker.notes(volume.notes)),
        (Task, maker.tasks(volume.tasks)),
        (Activity, maker.activities(volume.activities)),
    ]
    if volume.feedback:
        users = await database.store(lambda session: _count(session, EndUser, organization_id))
        pieces = FeedbackMaker(organization_id, base.now, users)
        steps += [
            (EndUser, pieces.users(volume.feedback)),
            (Feedback, pieces.feedback(volume.feedback)),
            (FeedbackTheme, pieces.themes()),
        ]
    put_in = 0
    for entity, rows in steps:
        for chunk in _chunks(rows):
            await _store(database, organization_id, entity, chunk)
            progress(entity.__tablename__, len(chunk))
            put_in += len(chunk)
    # A planner that knows nothing of new rows takes the wrong index.
    await database.store(_analyze)
    return Loaded(put_in, perf_counter() - began)


async def _store(database: Database, organization_id: str, entity: type[Entity], chunk: list[Row]) -> None:
    async def work(unit: Unit) -> Keys:
        await put(unit.session, entity.__table__, chunk)
        organization = await unit.session.get_one(Organization, organization_id)
        tell(unit, organization, {entity.__tablename__: len(chunk)})
        return {}

    await database.transact(seeder(organization_id), work)


async def _analyze(session: AsyncSession) -> None:
    await session.execute(text("ANALYZE"))


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while chunk := list(islice(source, _CHUNK_ROWS)):
        yield chunk


async def _base(session: AsyncSession, organization_id: str, database: Database) -> Base:
    """What the new rows stand on: staff, and numbers that no earlier load has used."""
    users = await _staff(session, organization_id, database)
    return Base(
        organization_id=organization_id,
        now=database.clock.now(),
        users=[(user.id, user.team_id) for user in users],
        first_account=await _count(session, Account, organization_id),
        first_contact=await _count(session, Contact, organization_id),
    )


async def _count(session: AsyncSession, entity: Any, organization_id: str) -> int:
    found = await session.scalar(select(func.count()).where(entity.organization_id == organization_id))
    return found or 0


async def _staff(session: AsyncSession, organization_id: str, database: Database) -> list[User]:
    """The staff of the organization; where there is none, some."""
    known = list(await session.scalars(select(User).where(User.organization_id == organization_id).order_by(User.id)))
    if known:
        return known
    team = await session.scalar(select(Team.id).where(Team.organization_id == organization_id).limit(1))
    made = [
        User(
            id=User.new_id(),
            organization_id=organization_id,
            created_at=database.clock.now(),
            team_id=team,
            name=name,
            email=f"{name.lower().replace(' ', '.')}@staff.example",
            role=Role.SALES_REP,
        )
        for name in _STAFF
    ]
    session.add_all(made)
    return made

"""Tasks that come again: each is taken up by one process at a time, and noted when it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.work import PeriodicTask
from resolvers.reads import Statement

LEASE = timedelta(minutes=5)
"""How long a task stays with whoever took it and no longer says that it runs."""


async def begin(session: AsyncSession, first: Mapping[str, datetime]) -> None:
    """Have tasks known by their names, and when each is due for the first time."""
    known = set(await session.scalars(select(PeriodicTask.name).where(PeriodicTask.name.in_(first))))
    session.add_all(PeriodicTask(name=name, due_at=first[name], taken=0) for name in sorted(first.keys() - known))


async def hasten(session: AsyncSession, names: Collection[str], now: datetime) -> None:
    """Have tasks be due now, except what somebody may hold at the moment."""
    waiting = (PeriodicTask.name.in_(names), PeriodicTask.due_at > now + LEASE)
    hastened = update(PeriodicTask).where(*waiting).values(due_at=now)
    await session.execute(hastened.execution_options(synchronize_session=False))


async def take(session: AsyncSession, names: Collection[str], now: datetime, most: int) -> Sequence[tuple[str, int]]:
    """Take up tasks that are due: name, and how often it has been taken by now."""
    due = select(PeriodicTask.name).where(PeriodicTask.name.in_(names), PeriodicTask.due_at <= now)
    ordered = due.order_by(PeriodicTask.due_at, PeriodicTask.name).limit(most)
    found = list(await session.scalars(ordered.with_for_update(skip_locked=True)))
    if not found:
        return []
    taken = (
        update(PeriodicTask)
        .where(PeriodicTask.name.in_(found))
        .values(due_at=now + LEASE, taken=PeriodicTask.taken + 1)
        .returning(PeriodicTask.name, PeriodicTask.taken)
        .execution_options(synchronize_session=False)
    )
    numbers = {row.name: row.taken for row in await session.execute(taken)}
    return [(name, numbers[name]) for name in found if name in numbers]


def next_due(names: Collection[str]) -> Statement:
    """When the next task is due, or the lease of one is over."""
    waiting = select(PeriodicTask.due_at).where(PeriodicTask.name.in_(names))
    return waiting.order_by(PeriodicTask.due_at).limit(1)


async def hold(session: AsyncSession, name: str, attempt: int, now: datetime) -> bool:
    """Begin the lease of a task anew; false when this attempt is over or in other hands."""
    task = await _held(session, name, attempt)
    if task is None:
        return False
    task.due_at = now + LEASE
    return True


async def finish(
    session: AsyncSession, name: str, attempt: int, now: datetime, due_at: datetime, failure: str | None
) -> None:
    """Note that an attempt is over, how it ended, and when the next is due; who lost the task notes nothing."""
    task = await _held(session, name, attempt)
    if task is None:
        return
    task.taken += 1
    task.due_at, task.failure = due_at, failure
    if failure is None:
        task.finished_at = now


async def _held(session: AsyncSession, name: str, attempt: int) -> PeriodicTask | None:
    statement = select(PeriodicTask).where(PeriodicTask.name == name, PeriodicTask.taken == attempt)
    found = await session.scalar(statement.with_for_update())
    return found if isinstance(found, PeriodicTask) else None

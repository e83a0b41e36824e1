"""What comes again: in one process at a time, in its interval, and sooner after a failure."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import unavailable
from domain.values import new_id
from domain.work import PeriodicTask
from gateway.database import Database
from gateway.work.periodic import PeriodicQueue, Task
from resolvers import periodic_tasks
from resolvers.periodic_tasks import LEASE
from tests.clocks import SetClock

HOUR = timedelta(hours=1)


class Chore:
    """Something to do; it fails as often as it is told to, and waits while it is held."""

    def __init__(self) -> None:
        self.name = new_id("chore")
        self.times = 0
        self.failures: list[Exception] = []
        self.begun = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self) -> None:
        self.begun.set()
        await self.free.wait()
        if self.failures:
            raise self.failures.pop()
        self.times += 1


@pytest.fixture
def chore() -> Chore:
    return Chore()


async def _due(database: Database, chore: Chore) -> None:
    """Have a chore known, and due now."""
    await database.store(partial(periodic_tasks.begin, first={chore.name: database.clock.now()}))


@pytest.fixture
async def queue(database: Database, chore: Chore) -> PeriodicQueue:
    """A queue whose chore is due."""
    await _due(database, chore)
    return PeriodicQueue(database, [Task(chore.name, HOUR, chore)], renew_seconds=0.02)


async def sweep(queue: PeriodicQueue) -> int:
    """Take up what is due and run it: how many tasks."""
    jobs = await queue.take(10)
    for job in jobs:
        await queue.run(job)
    return len(jobs)


async def row(database: Database, chore: Chore) -> Any:
    columns = (PeriodicTask.due_at, PeriodicTask.finished_at, PeriodicTask.failure)
    return (await database.rows(select(*columns).where(PeriodicTask.name == chore.name)))[0]


async def test_a_new_task_is_due_when_its_interval_is_over(database: Database, clock: SetClock, chore: Chore) -> None:
    queue = PeriodicQueue(database, [Task(chore.name, HOUR, chore)])
    assert await queue.next_due() == database.clock.now() + HOUR
    assert await sweep(queue) == 0


async def test_a_task_comes_again_after_its_interval(
    database: Database, queue: PeriodicQueue, chore: Chore, clock: SetClock
) -> None:
    began = clock.now()
    assert await queue.next_due() == began
    assert await sweep(queue) == 1
    assert await sweep(queue) == 0
    assert await row(database, chore) == (began + HOUR, began, None)
    assert await queue.next_due() == began + HOUR
    clock.advance(hours=1)
    # A process that starts now knows the task, and when it is due.
    assert await sweep(PeriodicQueue(database, [Task(chore.name, HOUR, chore)])) == 1
    assert chore.times == 2


@pytest.mark.parametrize(
    ("error", "said"), [(unavailable("It is away."), "It is away."), (KeyError("x"), "KeyError: 'x'")]
)
async def test_a_failure_is_noted_and_tried_again_soon(
    database: Database, queue: PeriodicQueue, chore: Chore, clock: SetClock, error: Exception, said: str
) -> None:
    chore.failures = [error]
    began = clock.now()
    await sweep(queue)
    assert await row(database, chore) == (began + timedelta(minutes=1), None, said)
    clock.advance(minutes=1)
    await sweep(queue)
    assert await row(database, chore) == (clock.now() + HOUR, clock.now(), None)


async def test_who_runs_a_task_holds_it_however_long_it_takes(
    database: Database, queue: PeriodicQueue, chore: Chore, clock: SetClock
) -> None:
    chore.free.clear()
    (job,) = await queue.take(10)
    running = asyncio.create_task(queue.run(job))
    await chore.begun.wait()
    for _ in range(3):
        clock.advance(seconds=(LEASE / 2).total_seconds())
        until = clock.now() + LEASE
        async with asyncio.timeout(10):
            while (await row(database, chore))[0] != until:  # noqa: ASYNC110 - it says so when it does
                await asyncio.sleep(0.01)
        assert await queue.take(10) == []
    chore.free.set()
    await running
    assert chore.times == 1


async def test_who_was_silent_for_too_long_gives_the_task_up(database: Database, chore: Chore, clock: SetClock) -> None:
    task = [Task(chore.name, HOUR, chore)]
    await _due(database, chore)
    slow, swift = PeriodicQueue(database, task, renew_seconds=0.2), PeriodicQueue(database, task)
    chore.free.clear()
    (job,) = await slow.take(10)
    running = asyncio.create_task(slow.run(job))
    await chore.begun.wait()
    clock.advance(seconds=LEASE.total_seconds())
    (again,) = await swift.take(10)
    await running
    assert (again.attempt, chore.times) == (job.attempt + 1, 0)

    chore.free.set()
    await swift.run(again)
    # The first attempt, begun anew after a crash, finds that it is over.
    await slow.run(job)
    await swift.run(again)
    assert chore.times == 1


async def test_of_many_processes_one_takes_a_task_up(database: Database, chore: Chore) -> None:
    await _due(database, chore)
    queues = [PeriodicQueue(database, [Task(chore.name, HOUR, chore)]) for _ in range(4)]
    taken = await asyncio.gather(*(queue.take(10) for queue in queues))
    assert sum(map(len, taken)) == 1

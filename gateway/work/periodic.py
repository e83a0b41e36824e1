"""Periodic work: named tasks that come again, each in one process at a time, as a queue of durable work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import DomainError
from gateway.database import Database
from gateway.logging import logger
from gateway.work.queue import Job
from resolvers import periodic_tasks
from resolvers.periodic_tasks import LEASE

_AT_ONCE = 2
_RETRY = timedelta(minutes=1)
"""After a failure, unless the task comes again sooner."""
_LONGEST_FAILURE = 500

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do again and again; begun once more after a crash, so twice must do no harm.

    `pressing` is asked when a process starts: whether the task has something to do that should not wait for its time.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    pressing: Callable[[], Awaitable[bool]] | None = None


class PeriodicQueue:
    """Tasks that are due, as jobs: a task belongs to no organization, and its name is the row's."""

    name = "periodic"
    at_once = _AT_ONCE

    def __init__(self, database: Database, tasks: Sequence[Task], renew_seconds: float | None = None) -> None:
        """A queue of tasks; who runs one says so every `renew_seconds`, by default three times per lease."""
        self._database = database
        self._tasks = {task.name: task for task in tasks}
        self._renew_seconds = renew_seconds or LEASE.total_seconds() / 3
        self._known = False

    async def take(self, most: int) -> Sequence[Job]:
        """Take up tasks that are due.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now, names = self._database.clock.now(), list(self._tasks)
        await self._begin()
        taken = await self._database.store(partial(periodic_tasks.take, names=names, now=now, most=most))
        return [Job("", name, attempt) for name, attempt in taken]

    async def next_due(self) -> datetime | None:
        """When a task is due next."""
        await self._begin()
        found = await self._database.rows(periodic_tasks.next_due(list(self._tasks)))
        return found[0][0] if found else None

    async def _begin(self) -> None:
        """Have every task known; the first time comes when its interval is over, for there is nothing to do yet."""
        if not self._known:
            now = self._database.clock.now()
            first = {name: now + task.every for name, task in self._tasks.items()}
            await self._database.store(partial(periodic_tasks.begin, first=first))
            pressing = [name for name, task in self._tasks.items() if task.pressing and await task.pressing()]
            if pressing:
                await self._database.store(partial(periodic_tasks.hasten, names=pressing, now=now))
            self._known = True

    async def run(self, job: Job) -> None:
        """Run a task, hold it meanwhile, and note how it ended.

        Raises:
            DomainError: UNAVAILABLE when the database is, and nothing could be noted.
        """
        task = self._tasks.get(job.id)
        if task is None or not await self._hold(job):
            return
        failure = await self._ended(task, job)
        now = self._database.clock.now()
        due_at = now + (min(task.every, _RETRY) if failure else task.every)
        note = partial(periodic_tasks.finish, name=job.id, attempt=job.attempt, now=now, due_at=due_at, failure=failure)
        await self._database.store(note)

    async def _ended(self, task: Task, job: Job) -> str | None:
        """What went wrong with a task, if anything; one that another process has taken over is given up."""
        running = asyncio.ensure_future(task.run())
        try:
            while not (await asyncio.wait({running}, timeout=self._renew_seconds))[0]:
                if not await self._still_held(job):
                    return "Another process has taken the task over."
            running.result()
        except DomainError as error:
            log.warning("a periodic task has to be repeated", task=task.name, reason=error.message)
            return error.message[:_LONGEST_FAILURE]
        except Exception as error:
            log.exception("a periodic task failed", task=task.name)
            return f"{type(error).__name__}: {error}"[:_LONGEST_FAILURE]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return None

    async def _still_held(self, job: Job) -> bool:
        try:
            return await self._hold(job)
        except DomainError:
            # Nobody else can take it either while the database is away; after that this looks again.
            return True

    async def _hold(self, job: Job) -> bool:
        async def hold(session: AsyncSession) -> bool:
            return await periodic_tasks.hold(session, job.id, job.attempt, self._database.clock.now())

        return await self._database.store(hold)

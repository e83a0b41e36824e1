"""Taking up what is due: each queue is looked at when something is committed, when its time comes, and now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.errors import DomainError
from domain.ports import Clock
from gateway.ending import end
from gateway.logging import bound, logger
from gateway.spans import span
from gateway.work.queue import Job, Queue

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0
_SHORTEST_SECONDS = 0.05
"""What falls due within the running second is waited for no shorter than this."""

log = logger(__name__)


class Handover(Protocol):
    """Durable work as the sweeper sees it."""

    async def begin(self, queue: str, job: Job) -> bool:
        """Have a job run, in this process unless it ends; false when one of its name has been begun before.

        Raises:
            DomainError: UNAVAILABLE when nothing durable can be noted now.
        """
        ...


@dataclass(slots=True)
class Tally:
    """How a queue fares in this process: jobs under way now, and since the start handed over, done, failed."""

    under_way: int = 0
    handed_over: int = 0
    done: int = 0
    failed: int = 0


@dataclass(eq=False, slots=True)
class _Line:
    """One queue in this process, its places, and what wakes it."""

    queue: Queue
    places: asyncio.Semaphore
    tally: Tally = field(default_factory=Tally)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    held: set[Job] = field(default_factory=set)
    """Jobs that were taken up here and are not over; those found again after a crash have not been taken up here."""

    @property
    def room(self) -> int:
        return self.queue.at_once - max(len(self.held), self.tally.under_way)


class Sweeper:
    """Hands what is due to durable work, and runs it when that says so; every queue waits for itself alone."""

    def __init__(self, queues: Sequence[Queue], handover: Handover, clock: Clock, poll_seconds: float) -> None:
        """A sweeper; what nobody told it of it finds within `poll_seconds`."""
        self._lines = {queue.name: _Line(queue, asyncio.Semaphore(queue.at_once)) for queue in queues}
        self._handover = handover
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._running: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def tallies(self) -> dict[str, Tally]:
        """How each queue fares in this process, by its name."""
        return {name: line.tally for name, line in self._lines.items()}

    def stir(self, queue: str | None = None) -> None:
        """Something of a queue may have fallen due, or of any: look at once."""
        for line in self._lines.values() if queue is None else (self._lines[queue],):
            line.stirred.set()

    async def due(self) -> bool:
        """Whether anything waits to be taken up.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._clock.now()
        moments = [await line.queue.next_due() for line in self._lines.values()]
        return any(each is not None and each <= now for each in moments)

    async def sweep(self) -> None:
        """Take up what is due until cancelled."""
        for line in self._lines.values():
            # What was handed over and never begun here does not keep its place.
            line.held.clear()
        async with asyncio.TaskGroup() as group:
            for line in self._lines.values():
                group.create_task(self._watch(line), name=f"sweep {line.queue.name}")

    async def run(self, queue: str, job: Job) -> None:
        """Work on a job as soon as there is a place; called by durable work, after a crash perhaps again."""
        line = self._lines.get(queue)
        if line is None:
            log.warning("work of a queue that is not here", queue=queue, id=job.id, attempt=job.attempt)
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        self._running.add(task)
        try:
            async with line.places:
                await self._run(line, job)
        finally:
            self._running.discard(task)
            line.held.discard(job)
            # There is room again, and what had to wait for this one may be due.
            line.stirred.set()

    async def settle(self, seconds: float) -> None:
        """Wait until nothing is under way, though not for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def abandon(self) -> None:
        """End what is under way: durable work begins it again, or its lease runs out."""
        await end(self._running)

    async def _run(self, line: _Line, job: Job) -> None:
        line.tally.under_way += 1
        self._idle.clear()
        try:
            name = f"{line.queue.name}:{job.id}:{job.attempt}"
            with bound(work=name), span(f"work {line.queue.name}", trigraph__work=name):
                await line.queue.run(job)
            line.tally.done += 1
        except DomainError as error:
            # Not noted on its row: another attempt follows when the lease is over.
            line.tally.failed += 1
            log.warning("work waits", queue=line.queue.name, id=job.id, attempt=job.attempt, reason=error.message)
        except Exception:
            line.tally.failed += 1
            log.exception("work failed", queue=line.queue.name, id=job.id, attempt=job.attempt)
        finally:
            line.tally.under_way -= 1
            if not any(each.tally.under_way for each in self._lines.values()):
                self._idle.set()

    async def _watch(self, line: _Line) -> None:
        pause = 0.0
        while True:
            try:
                await self._fill(line)
                pause = 0.0
                await self._wait(line, await self._until_due(line))
            except DomainError as error:
                pause = min(max(pause * 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
                log.warning("due work cannot be taken up", queue=line.queue.name, reason=error.message)
                await asyncio.sleep(pause)
            except Exception:
                pause = _LONGEST_PAUSE_SECONDS
                log.exception("taking up due work failed", queue=line.queue.name)
                await asyncio.sleep(pause)

    async def _fill(self, line: _Line) -> None:
        """Take up as much as there is room for."""
        line.stirred.clear()
        if line.room <= 0:
            return
        jobs = await line.queue.take(line.room)
        line.held.update(jobs)
        begun = await asyncio.gather(*(self._begin(line, job) for job in jobs), return_exceptions=True)
        for failure in begun:
            if isinstance(failure, BaseException):
                raise failure

    async def _begin(self, line: _Line, job: Job) -> None:
        """Hand a job over; what cannot be handed over is found again when its lease is over."""
        begun = False
        try:
            begun = await self._handover.begin(line.queue.name, job)
            line.tally.handed_over += begun
        finally:
            if not begun:
                line.held.discard(job)

    async def _until_due(self, line: _Line) -> float:
        """Seconds until there is something to take up, as far as is known."""
        if line.room <= 0:
            return self._poll_seconds
        due = await line.queue.next_due()
        if due is None:
            return self._poll_seconds
        return min(max((due - self._clock.now()).total_seconds(), _SHORTEST_SECONDS), self._poll_seconds)

    async def _wait(self, line: _Line, seconds: float) -> None:
        # Not wait_for: before Python 3.12 it drops a cancellation that meets the very wake-up.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await line.stirred.wait()

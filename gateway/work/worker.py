"""The part of a process that works: durable work is launched beside the doors, then the queues are swept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import DomainError
from gateway.database import Database
from gateway.ending import end
from gateway.logging import logger
from gateway.work.leftovers import left_behind
from gateway.work.queue import Job
from gateway.work.slots import EMBEDDED, Slot, claimed
from gateway.work.sweeper import Sweeper

if TYPE_CHECKING:
    from gateway.work.durable import Durable

QUIET_SECONDS = 1.0
"""How long the doors have the process to themselves, unless there is work at once: loading takes half a second."""
_PAUSE_SECONDS = 10.0
_PATIENCE_SECONDS = 1.0
FILE = "work.db"
"""Where DBOS keeps what it knows of the embedded database's work; without it, work waits for its lease."""

log = logger(__name__)


class Worker:
    """Durable work of this process, from the launch to the end; while it cannot be launched, nothing is taken up."""

    def __init__(self, database: Database, folder: Path, *, stop_seconds: float, poll_seconds: float) -> None:
        """A worker; `folder` is where the embedded database's own file of work lies.

        Before it is launched, it looks every `poll_seconds` whether something is due that nobody told it of.
        """
        self._poll_seconds = poll_seconds
        self._database = database
        self._folder = folder
        self._stop_seconds = stop_seconds
        self._durable: Durable | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()
        self._waiting = False
        self._ending = False

    @property
    def launched(self) -> bool:
        """Whether what is due is being taken up."""
        return self._durable is not None

    @property
    def ready(self) -> bool:
        """Whether what falls due will be taken up: it is launched, or will be by the first that does."""
        return self.launched or self._waiting

    def want(self) -> None:
        """There is work: do not wait for quieter times."""
        self._wanted.set()

    async def begin(self, queue: str, job: Job) -> bool:
        """Have a job run durably; false when one of its name was begun before, or nothing can be begun now."""
        return self._durable is not None and await self._durable.begin(queue, job)

    async def forget(self, before: datetime) -> None:
        """Drop what durable work knows of jobs that were begun before a moment."""
        if self._durable is not None:
            await self._durable.forget(before)

    def start(self, sweeper: Sweeper) -> None:
        """Begin, beside everything else."""
        self._task = asyncio.create_task(self._run(sweeper), name="worker")

    async def stop(self) -> None:
        """Take up nothing more, wait a little for what is under way, and leave the rest to the next process."""
        while self._task is not None and not self._task.done():
            # What did not hear that it is cancelled, because a library did, is told again; who ends is not disturbed.
            if not self._ending:
                self._task.cancel()
            await asyncio.wait({self._task}, timeout=_PATIENCE_SECONDS)

    async def _run(self, sweeper: Sweeper) -> None:
        await self._quiet(sweeper)
        while True:
            try:
                async with self._slot() as slot:
                    await self._work(sweeper, slot)
            except DomainError as error:
                log.warning("nothing due is taken up", reason=error.message)
            except Exception:
                log.exception("working on what is due failed")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _quiet(self, sweeper: Sweeper) -> None:
        """Wait until there is work: an idle process does not pay for loading DBOS, nor hold its memory.

        What another process has left is known to DBOS alone, so it is loaded soon where that may be.
        """
        if not self._database.engines.embedded or await asyncio.to_thread(left_behind, self._folder / FILE):
            await self._wanted_within(QUIET_SECONDS)
            return
        self._waiting = True
        try:
            pause = QUIET_SECONDS
            while not await self._wanted_within(pause):
                try:
                    if await sweeper.due():
                        return
                except DomainError as error:
                    log.warning("due work cannot be looked for", reason=error.message)
                pause = self._poll_seconds
        finally:
            self._waiting = False

    async def _wanted_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._wanted.wait()
        return False

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[Slot | None]:
        if self._database.engines.embedded:
            yield None
            return
        async with claimed(self._database.engines.writing.url) as slot:
            yield slot

    async def _work(self, sweeper: Sweeper, slot: Slot | None) -> None:
        """Sweep until cancelled, until the system database breaks, or until the slot is lost and with it the name that
        what is under way is known by.
        """
        durable = await self._launch(sweeper, slot)
        tasks: list[asyncio.Task[object]] = [
            asyncio.create_task(sweeper.sweep(), name="sweep"),
            asyncio.create_task(durable.broken.wait(), name="broken"),
        ]
        if slot is not None:
            tasks.append(asyncio.create_task(slot.lost(), name="slot"))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            reason = "its own database is broken" if durable.broken.is_set() else "its place among processes was lost"
            log.warning("work begins anew", reason=reason)
        finally:
            await self._end(sweeper, durable, tasks)

    async def _launch(self, sweeper: Sweeper, slot: Slot | None) -> Durable:
        module = await asyncio.to_thread(import_module, "gateway.work.durable")
        url = self._database.engines.writing.url.render_as_string(hide_password=False)
        system = await asyncio.to_thread(module.system_database, url, str(self._folder / FILE))
        durable: Durable = module.Durable(system, slot.name if slot else EMBEDDED, sweeper.run)
        await durable.start()
        self._durable = durable
        log.info("work is taken up", executor=slot.name if slot else EMBEDDED)
        return durable

    async def _end(self, sweeper: Sweeper, durable: Durable, tasks: list[asyncio.Task[object]]) -> None:
        """In the order in which nothing is lost: no more is taken, little is waited for, the rest stays begun."""
        self._ending = True
        try:
            await end(tasks)
            await sweeper.settle(self._stop_seconds)
            self._durable = None
            await sweeper.abandon()
            await durable.stop()
        finally:
            self._ending = False

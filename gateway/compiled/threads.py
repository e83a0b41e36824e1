"""Programs on SQLite in threads: each has a connection of its own, and runs whole programs in one turn."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, local
from typing import Any, Final

from domain.errors import unavailable
from gateway.failures import BUSY, told
from schema.compiled.steps import Begin

_AGAIN_SECONDS: Final = 0.02
"""After which time a statement is interrupted again that began just after it was."""


class Threads:
    """A few threads, begun when they are needed; who waits too long for one is told that the database is busy."""

    def __init__(self, opening: Callable[[], sqlite3.Connection], size: int, timeout: float) -> None:
        self._opening = opening
        self._size, self._timeout = size, timeout
        self._executor: ThreadPoolExecutor | None = None
        self._own = local()
        self._connections: list[sqlite3.Connection] = []
        self._jobs: set[_Job] = set()

    async def run(self, begin: Begin) -> Any:
        """The result of a program; cancelling interrupts its statement.

        Raises:
            DomainError: UNAVAILABLE when no thread is to be had in time, or the file cannot be opened or read now.
        """
        job = _Job(begin)
        running = self._started().submit(self._whole, job)
        waiting = asyncio.wrap_future(running)
        self._jobs.add(job)
        running.add_done_callback(lambda _: self._jobs.discard(job))
        try:
            await asyncio.wait((waiting,), timeout=self._timeout)
            # What has begun by now goes on: it is no longer the pool that it waits for.
            if running.cancel() or running.cancelled():
                raise unavailable(BUSY)
            with told():
                return await asyncio.shield(waiting)
        except asyncio.CancelledError:
            waiting.cancel()
            _interrupt(job, running)
            raise

    async def close(self) -> None:
        """Interrupt every program, and close the connections once none uses them."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        executor.shutdown(wait=False, cancel_futures=True)
        while jobs := list(self._jobs):
            for job in jobs:
                job.interrupt()
            await asyncio.sleep(_AGAIN_SECONDS)
        self._own = local()
        while self._connections:
            self._connections.pop().close()

    def _started(self) -> ThreadPoolExecutor:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._size, thread_name_prefix="compiled")
        return self._executor

    def _whole(self, job: _Job) -> Any:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._opening()
            self._connections.append(connection)
        try:
            return job.run(connection)
        except sqlite3.DatabaseError:
            # It may be broken, or the file behind it; opening it anew costs little.
            self._connections.remove(connection)
            del self._own.connection
            connection.close()
            raise


class _Job:
    """A program in a thread, which another thread may interrupt."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None
        self._given_up = False

    def run(self, connection: sqlite3.Connection) -> Any:
        """The result, all statements in one snapshot, of which nothing is left.

        Raises:
            sqlite3.Error: what a statement failed with, or that it was interrupted.
        """
        steps = self._begin()
        with self._lock:
            self._connection = connection
        try:
            asked = next(steps)
            connection.execute("BEGIN")
            while not self._given_up:
                asked = steps.send(connection.execute(asked.sql, asked.values).fetchall())
        except StopIteration as done:
            return done.value
        finally:
            # From here on an interruption would hit the program that comes next.
            with self._lock:
                self._connection = None
            if connection.in_transaction:
                connection.execute("COMMIT")
        raise sqlite3.OperationalError("interrupted")

    def interrupt(self) -> None:
        """Have it fail as soon as it can."""
        self._given_up = True
        with self._lock:
            if self._connection:
                self._connection.interrupt()


def _interrupt(job: _Job, running: Future[Any]) -> None:
    """Interrupt a program until it has ended: between two statements an interruption is not heard."""
    if not running.done():
        job.interrupt()
        asyncio.get_running_loop().call_later(_AGAIN_SECONDS, _interrupt, job, running)

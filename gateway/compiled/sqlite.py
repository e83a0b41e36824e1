"""Programs on SQLite: at once on the event loop while they are short, and in a thread where they are not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Final

from sqlalchemy import Dialect
from sqlalchemy.engine import URL

from gateway.compiled.threads import Threads
from gateway.failures import told
from gateway.sqlite import Memory, opened
from schema.compiled.steps import LATER, Begin

_INSTRUCTIONS: Final = 4_000
"""Instructions of SQLite between two looks at the clock: some 40 to 200 µs."""
_LONG_SECONDS: Final = 60.0
"""How long it is remembered that a statement took too long."""
_WAITS: Final = 3
"""How many times its bound a statement may wait beyond it, for pages from the disk or for the processor."""
_OFTEN: Final = 3
"""How often in a row a statement has to take too long: the first time its pages may still have been on the disk."""
_MOST_LONG: Final = 1_000
_MOST_PREPARED: Final = 500
"""Statements the event loop's connection keeps prepared; each takes some kilobytes."""
_MOST_LEARNED: Final = 5_000
_USUAL: Final = Memory()
_NEVER: Final = (0, 0.0)
_FRESH: Final = -inf
"""Until when a program may run whose time has not begun to be taken."""
_IN_A_THREAD: Final = {sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
"""What a thread may get further with, which has time and waits for locks."""


class SqliteDriver:
    """Runs programs on the event loop's own connection, and begins anew in a thread what takes too long there.

    A program of one statement needs no transaction; which are, told by their first statement, is learned.
    A program goes there as soon as it comes to a statement that has been taking too long within the last minute.
    Connections are opened when they are first needed, again after `close`; `opens` is called each time.
    """

    def __init__(
        self,
        dialect: Dialect,
        url: URL,
        *,
        inline_seconds: float,
        kept: int,
        pool_size: int,
        pool_timeout: float,
        busy_timeout: float,
        opens: Callable[[], None],
        memory: Memory = _USUAL,
    ) -> None:
        """`memory` is that of the connection on the event loop; those of threads get a quarter. Timeouts in seconds."""
        self.dialect = dialect
        self._bound = inline_seconds
        self._open = _opening(dialect, url, opens)
        self._prepared = min(kept, _MOST_PREPARED)
        self._memory, little = memory, memory.quarter()
        self._threads = Threads(lambda: self._open(timeout=busy_timeout, memory=little), pool_size, pool_timeout)
        self._connection: sqlite3.Connection | None = None
        self._cursor: sqlite3.Cursor | None = None
        self._until, self._worked = inf, 0.0
        self._several: dict[str, bool] = {}
        self._long: dict[str, tuple[int, float]] = {}
        self._respelled: dict[str, str] = {}

    def processor(self, type_: Any) -> Callable[[Any], Any] | None:
        """What turns raw values of a type of column into what they stand for; None where they are the same."""
        read: Callable[[Any], Any] | None = type_.dialect_impl(self.dialect).result_processor(self.dialect, None)
        return read

    async def run(self, begin: Begin) -> Any:
        """The result of a program.

        Raises:
            DomainError: UNAVAILABLE when the file cannot be opened or read now.
        """
        found = self.at_once(begin)
        return await self._threads.run(begin) if found is LATER else found

    def at_once(self, begin: Begin) -> Any:
        """The result of a program that is short; `LATER` for one that is not, or for which a lock would be waited for.

        Raises:
            DomainError: UNAVAILABLE when the file cannot be opened or read now.
        """
        return self._tried(begin) if self._bound else LATER

    async def close(self) -> None:
        """Interrupt what runs, and close every connection."""
        self._drop()
        self._long.clear()
        await self._threads.close()

    def _tried(self, begin: Begin) -> Any:
        several: bool | None = True
        statement, steps = "", begin()
        try:
            asked = next(steps)
            execute = (self._cursor or self._connected()).execute
            self._until = _FRESH
            first = asked.sql
            several = self._several.get(first)
            if several is not False:
                # Without it each statement would see what was committed before it, not before the first.
                execute("BEGIN")
            while True:
                statement = asked.sql
                if self._long and statement in self._long and self._is_long(statement):
                    return LATER
                spelled = self._respelled.get(statement, statement) if self._respelled else statement
                rows = execute(spelled, asked.values).fetchall()
                if self._long:
                    self._long.pop(statement, None)
                asked = steps.send(rows)
                if not several:
                    self._learn(first, several=True)
                    if several is False:
                        # What it asks now would see another snapshot.
                        return self._tried(begin)
                    several = True
        except StopIteration as done:
            if several is None:
                self._learn(first, several=False)
            return done.value
        except sqlite3.Error as error:
            return self._failed(error, statement)
        finally:
            self._end()

    def _learn(self, first: str, *, several: bool) -> None:
        # Once several always several: the number may depend on what was found.
        if len(self._several) >= _MOST_LEARNED:
            self._several.clear()
        self._several[first] = several

    def _failed(self, error: sqlite3.Error, statement: str) -> Any:
        # The lowest byte is the kind, what is above it says more.
        kind = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        # On a busy machine the time may have passed with waiting for the processor: that says nothing of a program.
        if kind == sqlite3.SQLITE_INTERRUPT and thread_time() - self._worked > self._bound / 2:
            if len(self._long) >= _MOST_LONG:
                del self._long[next(iter(self._long))]
            self._long[statement] = self._long.get(statement, _NEVER)[0] + 1, perf_counter() + _LONG_SECONDS
        if kind in _IN_A_THREAD:
            self._respell(statement)
            return LATER
        # A file that was broken is opened anew by the next: somebody may put another in its place.
        self._drop()
        with told():
            raise error

    def _respell(self, statement: str) -> None:
        """Write a statement that was interrupted in another way from now on.

        Python 3.11 takes one that has failed between two rows for one in use ever after, and prepares it anew each time
        (`stmt_reset` in its `_sqlite/cursor.c` keeps the mark when SQLite repeats the error).
        """
        if len(self._respelled) >= _MOST_LONG:
            # With the connection, all that is in use is gone.
            self._drop()
        self._respelled[statement] = self._respelled.get(statement, statement) + " "

    def _is_long(self, statement: str) -> bool:
        times, until = self._long[statement]
        if until < perf_counter():
            del self._long[statement]
            return False
        return times >= _OFTEN

    def _connected(self) -> sqlite3.Cursor:
        # Nobody waits for a lock on the event loop.
        self._connection = self._open(timeout=0, cached_statements=self._prepared, memory=self._memory)
        self._connection.set_progress_handler(self._is_over, _INSTRUCTIONS)
        self._cursor = self._connection.cursor()
        return self._cursor

    def _is_over(self) -> bool:
        if self._until == _FRESH:
            # Most programs end before anybody looks, and need no clock.
            self._until, self._worked = perf_counter() + self._bound, thread_time()
            return False
        late = perf_counter() - self._until
        if late < 0:
            return False
        # Time in which others had the processor is not what a statement takes; a thread would wait for it as long.
        return thread_time() - self._worked > self._bound or late > _WAITS * self._bound

    def _end(self) -> None:
        """Leave no snapshot open, or everything that comes after would see what was there now."""
        self._until = inf
        if self._connection is None or self._cursor is None or not self._connection.in_transaction:
            return
        try:
            self._cursor.execute("COMMIT")
        except sqlite3.Error:
            self._drop()

    def _drop(self) -> None:
        dropped, self._connection, self._cursor = self._connection, None, None
        self._respelled.clear()
        if dropped:
            dropped.close()


def _opening(dialect: Dialect, url: URL, opens: Callable[[], None]) -> Callable[..., sqlite3.Connection]:
    """Opens a connection that only reads, to a file that is there: whoever reads makes none."""
    (file,), options = dialect.create_connect_args(url)
    if not options.get("uri"):
        file = f"{Path(file).absolute().as_uri()}?mode=rw"

    def connection(**own: Any) -> sqlite3.Connection:
        found = opened(file, **{**options, "uri": True, "check_same_thread": False, **own})
        found.execute("PRAGMA query_only = ON")
        opens()
        return found

    return connection

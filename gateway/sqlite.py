"""Connections to SQLite whose statements take one turn of the connection's thread, where the driver takes four.

The driver runs everything in a thread, and asks it for a cursor, the execution, the rows and the end one after another:
each time the event loop wakes the thread and the thread wakes the event loop, which costs more than most statements.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from sys import getsizeof
from threading import Thread
from typing import Any, NamedTuple

import aiosqlite
from aiosqlite.core import _STOP_RUNNING_SENTINEL, set_exception, set_result

from gateway.sqlite_cursors import Cursor, Ran, Work
from resolvers.sql import SQLITE_FUNCTIONS

PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    # Commits on the event loop never wait for a disk: `Connection.commit` says when the log is emptied.
    "wal_autocheckpoint = 0",
)
CHANGES = 500
"""Rows changed after which the log is emptied into the database; about 15 MB of log where rows have many indexes."""
_SMALL = 64 * 1024
"""Bytes of memory up to which the values of a row are written on the event loop."""
_FEW = 20
"""Rows up to which that is done with one statement."""
Error = sqlite3.Error
READING = "BEGIN"
WRITING = "BEGIN IMMEDIATE"
"""One writer at a time is all SQLite has; taking the lock at the start keeps a writer from failing half-way."""
_PART, _KEEP, _UNDO = "SAVEPOINT part", "RELEASE part", "ROLLBACK TO part"
_GONE = "the transaction of which this is a part was rolled back"


class Lost(sqlite3.OperationalError):
    """The transaction that this one was a part of is gone; running it again may succeed."""


@dataclass(frozen=True, slots=True)
class Memory:
    """How much of a file one connection keeps in memory, in MiB: pages it has read, and what it maps of the file.

    Pages fill it as they are read, and are forgotten when another connection has written; what is mapped is the
    system's own memory of files, without a copy.
    """

    cache: float = 2
    mapped: int = 0

    def quarter(self) -> Memory:
        """For connections of which there are many, and each reads little, but no less than SQLite's own."""
        return Memory(max(self.cache / 4, min(self.cache, 2)), self.mapped)

    def pragmas(self) -> tuple[str, ...]:
        """As SQLite is told."""
        return f"cache_size = -{round(self.cache * 1024)}", f"mmap_size = {self.mapped * 1024**2}"


_USUAL = Memory()


def connect(file: str, **options: Any) -> Connection:
    """A connection, open once it was awaited; `options` are those of `opened`."""
    return Connection(partial(opened, file, **options))


def opened(file: str, memory: Memory = _USUAL, **options: Any) -> sqlite3.Connection:
    """A connection without a thread, which knows all that statements ask for; `options` are those of `sqlite3.connect`.

    Raises:
        sqlite3.Error: it cannot be opened now, or is no database.
    """
    # The driver must not open transactions of its own: whoever uses the connection says which kind.
    connection: sqlite3.Connection = sqlite3.connect(file, isolation_level=None, **options)
    try:
        for pragma in (*PRAGMAS, *memory.pragmas()):
            connection.execute(f"PRAGMA {pragma}")
        for name, function in SQLITE_FUNCTIONS.items():
            connection.create_function(name, 1, function, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


class Connection(aiosqlite.Connection):
    """Runs, fetches and closes in one turn; transactions begin with their first statement, in the same turn."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        # How many rows the driver's own cursors would fetch at a time: nobody reads by these.
        super().__init__(connector, iter_chunk_size=1)
        self._begin: str | None = None
        self._begun = False
        self._tx: _Asked = _Asked()
        self._aside = False
        """Whether a statement of this transaction was run by the thread."""
        self._emptied, self._restarts = 0, False
        self._patience: int | None = None
        """Milliseconds the thread waits for the lock of another process."""
        self._patient = True
        """Whether the connection is told to wait so long just now."""
        self._parts: int | None = None
        """How many transactions have ended that wait for `finish`; None where each has a commit of its own."""
        # A process that ends does not wait for a connection nobody has closed.
        self._thread = Thread(target=_serve, args=(self._tx,), daemon=True)

    def begin(self, how: str) -> None:
        """Have the next statement begin a transaction. Until then it holds no lock, as SQLite's own `BEGIN` does."""
        # What was begun so already goes on: rows are written in one transaction with and without SQLAlchemy.
        if not (self._begun and self._begin == how):
            self._begin, self._begun, self._aside = how, False, bool(self._parts) and self._aside

    @property
    def begun(self) -> bool:
        """Whether a transaction was begun that has not ended."""
        return self._begun

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Any]:
        """The rows of a small statement, on the event loop where that waits for nothing; in the transaction begun.

        A look-up by an index or a change of one row takes less time than waking a thread.
        """
        connection = self._conn
        if _small(values) and self._here(connection):
            return connection.execute(sql, values).fetchall()
        return (await self.run(lambda cursor: cursor.execute(sql, values))).rows

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement that changes one row with each of some rows of values, as `rows` does."""
        connection = self._conn
        if len(rows) <= _FEW and all(map(_small, rows)) and self._here(connection):
            connection.executemany(sql, rows)
        else:
            await self.run(lambda cursor: cursor.executemany(sql, rows))

    def _here(self, connection: sqlite3.Connection) -> bool:
        """Whether the event loop may run a statement: the thread does nothing, and the lock is there or free."""
        if not self._tx.idle:
            return False
        if self._begin is None or (self._begun and connection.in_transaction):
            return True
        if self._parts:
            _enter(connection)
        elif not (connection.in_transaction or self._begins_here(connection, self._begin)):
            return False
        self._begun = True
        return True

    def _begins_here(self, connection: sqlite3.Connection, begin: str) -> bool:
        if self._patience is None:
            self._patience = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        if self._patient:
            connection.execute("PRAGMA busy_timeout = 0")
            self._patient = False
        try:
            connection.execute(begin)
        except sqlite3.OperationalError as error:
            # Another process writes: the thread waits for it.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, which costs the thread nothing until it executes."""
        return Cursor(self.run)

    async def run(self, work: Work) -> Ran:
        """Have a cursor do something, in the transaction that was begun, and bring everything it found."""
        # Whoever waits may be cancelled: the thread goes on, and what is asked next has its turn after it.
        first, self._begun, self._aside = not self._begun, True, True
        patience, self._patient = None if self._patient else self._patience, True
        turn = _Turn(_PART if self._parts and self._begin else self._begin, first, patience)
        ran: Ran = await self._execute(_ran, self._conn, work, turn)  # type: ignore[no-untyped-call]
        return ran

    def gather(self) -> None:
        """From now on transactions end without a commit: `finish` commits what all of them have written.

        Each is undone by itself; where SQLite has undone them all, the next statement says that they are lost.
        """
        self._parts = 0

    @property
    def parts(self) -> int:
        """How many transactions have ended that wait for `finish`."""
        return self._parts or 0

    @property
    def lost(self) -> bool:
        """Whether what these have written is gone."""
        return bool(self._parts) and not self._conn.in_transaction

    async def finish(self) -> None:
        """Commit what was gathered.

        Raises:
            Lost: it is gone.
        """
        lost, self._parts = self.lost, None
        if lost:
            raise Lost(_GONE)
        if self._conn.in_transaction:
            self._begin, self._begun = WRITING, True
            await self.commit()

    @property
    def waits(self) -> bool:
        """Whether a commit is for the thread: it has something to do, had much, or is to empty the log."""
        return self._aside or self._restarts or self._overfull or not self._tx.idle

    @property
    def _overfull(self) -> bool:
        return self._conn.total_changes - self._emptied >= CHANGES

    async def commit(self) -> None:
        """Commit, if there was a statement; after many changes the thread empties the log, as that waits for a disk.

        So does the first commit after it, which begins the log anew. A transaction among others ends only.
        """
        if self._parts is not None:
            self._end_part()
        elif self._begun:
            empty = self._begin == WRITING and self._overfull
            if self.waits:
                await self._execute(_committed, self._conn, empty)  # type: ignore[no-untyped-call]
            else:
                self._conn.commit()
            self._restarts = empty
            if empty:
                self._emptied = self._conn.total_changes
        # Not before: what could not be committed has to be rolled back.
        self._begin, self._begun = None, False

    def _end_part(self) -> None:
        if self._begun:
            if self.lost:
                raise Lost(_GONE)
            if self._parts:
                # Nothing else is asked of the connection meanwhile, and nothing is written by this.
                self._conn.execute(_KEEP)
            self._parts = self.parts + 1

    async def rollback(self) -> None:
        """Roll back, if there was a statement. What was to read has nothing to lose: nobody waits for its end."""
        begin, begun = self._begin, self._begun
        self._begin, self._begun = None, False
        if begun and begin == READING:
            self._tx.put_nowait((None, self._conn.rollback))
        elif begun and self._parts:
            await self._execute(_undone, self._conn)  # type: ignore[no-untyped-call]
        elif begun:
            await super().rollback()


class _Asked(SimpleQueue["tuple[asyncio.Future[Any] | None, Callable[[], Any]]"]):
    """What a thread is to do. Each count is written by one side alone: by who asks, and by the thread."""

    def __init__(self) -> None:
        self._asked = 0
        self.done = 0

    @property
    def idle(self) -> bool:
        """Whether the thread has nothing to do, and does nothing."""
        return self._asked == self.done

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Ask for something."""
        self._asked += 1
        super().put_nowait(item)


def _enter(connection: sqlite3.Connection) -> None:
    """Begin a part of what was begun."""
    if not connection.in_transaction:
        raise Lost(_GONE)
    connection.execute(_PART)


def _undone(connection: sqlite3.Connection) -> None:
    """Undo a part, as far as SQLite has not undone the whole."""
    if connection.in_transaction:
        connection.execute(_UNDO)
        connection.execute(_KEEP)


def _committed(connection: sqlite3.Connection, empty: bool) -> None:
    connection.commit()
    if empty:
        # Of what readers still see something is left to the next time.
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _small(values: Sequence[Any]) -> bool:
    return sum(map(getsizeof, values)) <= _SMALL


def _serve(asked: _Asked) -> None:
    """Do what is asked of a connection until it is stopped.

    The driver's own thread fails when a loop was closed while it worked: nobody waits for an answer then.
    """
    found: object = None
    while found is not _STOP_RUNNING_SENTINEL:
        waiting, work = asked.get()
        tell: Callable[[asyncio.Future[Any], Any], None] = set_result
        try:
            found = work()
        except BaseException as error:
            tell, found = set_exception, error
        asked.done += 1
        if waiting:
            with suppress(RuntimeError):
                waiting.get_loop().call_soon_threadsafe(tell, waiting, found)
        del waiting, work


class _Turn(NamedTuple):
    """How a statement is run by the thread: what begins its transaction, whether nothing of it has run yet.

    `patience` is how many milliseconds to wait for a lock, where the connection is not told so already.
    """

    begin: str | None
    first: bool
    patience: int | None


def _ran(connection: sqlite3.Connection, work: Work, turn: _Turn) -> Ran:
    if turn.patience is not None:
        connection.execute(f"PRAGMA busy_timeout = {turn.patience}")
    # Where the first could not begin it, because the database was locked, a later one does: none runs outside of it.
    if turn.begin and (turn.first or not connection.in_transaction):
        if turn.begin == _PART:
            _enter(connection)
        else:
            connection.execute(turn.begin)
    cursor = connection.cursor()
    try:
        work(cursor)
        # Of statements that change and return rows the count is known once these were fetched.
        rows = cursor.fetchall() if cursor.description else ()
        return Ran(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    finally:
        cursor.close()

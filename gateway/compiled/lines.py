"""Connections to PostgreSQL that only read, each with the statements it has prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Final

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import Dialect
from sqlalchemy.engine import URL

from domain.errors import unavailable
from gateway.compiled.numbers import send_numbers
from gateway.compiled.turns import Turns
from gateway.failures import BUSY, told
from schema.compiled.steps import Asked

_MOST_PREPARED: Final = 200
"""Statements a connection keeps prepared; the server holds a plan of each, of some ten kilobytes."""
_ONLY_READING: Final = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_OF_SQLALCHEMY: Final = ("prepared_statement_cache_size", "prepared_statement_name_func")
"""Arguments of a URL that are meant for SQLAlchemy alone."""
_GONE: Final = ("08", "57P")
"""Codes of connections that failed, and of a server that ends or starts."""
_FAREWELL_SECONDS: Final = 2.0
ENDED: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What is heard on a connection that ends meanwhile, at either end."""
_OUTDATED: Final = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.OutdatedSchemaCacheError,
)
"""What prepared statements fail with once their tables have changed, or the server has forgotten them."""


class Lost(Exception):
    """A connection, or what was prepared on it, is of no use any more; another one may be."""


class Line:
    """One connection. From `begin` to `rollback`, or the next `begin`, everything it reads is of one snapshot."""

    def __init__(self, connection: asyncpg.Connection[Any], turns: Turns, kept: int) -> None:
        self._connection = connection
        self._kept = kept
        self._prepared: dict[str, PreparedStatement[Any]] = {}
        self.turns = turns
        self.is_free = True
        """Whether it is neither in a transaction nor in the middle of a statement."""
        self.is_over = False
        """Whether nobody reads in its transaction any more, which the server is still to be told."""

    @property
    def is_closed(self) -> bool:
        """Whether one of both ends has closed it."""
        return self._connection.is_closed()

    def is_lost(self, error: Exception) -> bool:
        """Whether a failure is one of this connection, not of the statement; it is closed then."""
        gone = str(getattr(error, "sqlstate", None)).startswith(_GONE)
        if gone or isinstance(error, (*_OUTDATED, OSError)):
            self.terminate()
        return self.is_closed

    async def begin(self) -> None:
        """Have the next statement take a snapshot for all that follow."""
        over, self.is_free, self.is_over = self.is_over, False, False
        await self._connection.execute("ROLLBACK; BEGIN" if over else "BEGIN")

    async def rollback(self) -> None:
        """End the transaction, after what was cancelled."""
        self.is_over = False
        await self._connection.execute("ROLLBACK")
        self.is_free = True

    async def rows(self, asked: Asked) -> Sequence[Any]:
        """The rows of a statement."""
        free, self.is_free = self.is_free, False
        statement = self._prepared.get(asked.sql) or await self._prepare(asked.sql)
        rows: Sequence[Any] = await statement.fetch(*asked.values)
        self.is_free = free
        return rows

    async def _prepare(self, sql: str) -> PreparedStatement[Any]:
        if len(self._prepared) >= self._kept:
            del self._prepared[next(iter(self._prepared))]
        statement = self._prepared[sql] = await self._connection.prepare(sql)
        return statement

    def terminate(self) -> None:
        """Close it without a word."""
        self._connection.terminate()

    async def close(self) -> None:
        """Close it soon, having the server end what it runs for it."""
        with suppress(*ENDED):
            await self._connection.close(timeout=_FAREWELL_SECONDS)


class Lines:
    """As many connections as are needed at once, up to a number; the one used last is used next."""

    def __init__(
        self, dialect: Dialect, url: URL, kept: int, size: int, timeout: float, opens: Callable[[], None]
    ) -> None:
        self._dialect: Any = dialect
        self._opens = opens
        given = dialect.create_connect_args(url)[1]
        self._options = {name: value for name, value in given.items() if name not in _OF_SQLALCHEMY}
        self._kept = min(kept, _MOST_PREPARED)
        self._size, self._timeout = size, timeout
        self._open()

    def _open(self) -> None:
        self._free: list[Line] = []
        self._over: list[Line] = []
        self._taken: set[Line] = set()
        self.turns = Turns(self._size, self._timeout)

    async def take(self, several: bool) -> Line:
        """A connection, a new one where none is free; `put` gives it back.

        Whoever has `several` things to read begins a transaction, and ends with it the one before, where that is over.

        Raises:
            DomainError: UNAVAILABLE when none is given back in time, or none can be opened.
        """
        turns = self.turns
        if not turns.take():
            try:
                await turns.wait()
            except TimeoutError as error:
                raise unavailable(BUSY) from error
        try:
            line = self._spare(several) or Line(await self._connected(), turns, self._kept)
            if turns is not self.turns:
                line.terminate()
                raise unavailable(BUSY)
        except BaseException:
            turns.give_back()
            raise
        self._taken.add(line)
        return line

    def put(self, line: Line) -> None:
        """Give a connection back; a closed one makes room for another."""
        self._taken.discard(line)
        if line.turns is not self.turns:
            line.terminate()
        else:
            (self._over if line.is_over else self._free).append(line)
        line.turns.give_back()

    def take_over(self) -> Line | None:
        """A connection whose transaction is over and that nobody has taken since; `put` gives it back."""
        if not self._over or not self.turns.take():
            return None
        line = self._over.pop(0)
        self._taken.add(line)
        return line

    def drop(self) -> None:
        """Give up what nobody uses now."""
        for spare in (self._free, self._over):
            while spare:
                spare.pop().terminate()

    async def close(self) -> None:
        """Close every connection, also what somebody waits for."""
        lines = [*self._free, *self._over, *self._taken]
        self._open()
        await asyncio.gather(*(line.close() for line in lines))

    def _spare(self, several: bool) -> Line | None:
        for spare in (self._over, self._free) if several else (self._free, self._over):
            while spare:
                line = spare.pop()
                if not line.is_closed:
                    return line
        return None

    async def _connected(self) -> asyncpg.Connection[Any]:
        with told():
            connection: asyncpg.Connection[Any] = await asyncpg.connect(**self._options)
            try:
                # Values are to come as SQLAlchemy has them come, which reads these itself.
                adapted = SimpleNamespace(_connection=connection)
                await self._dialect.setup_asyncpg_json_codec(adapted)
                await self._dialect.setup_asyncpg_jsonb_codec(adapted)
                await send_numbers(connection)
                await connection.execute(_ONLY_READING)
            except BaseException:
                connection.terminate()
                raise
            self._opens()
            return connection

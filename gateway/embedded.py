"""Writing into SQLite: transactions that come at the same time share one commit.

A commit writes every page that was changed, and those who write at the same time change much the same pages. So a
transaction that is through ends as a part of a larger one, and waits for its commit, which comes as soon as nobody else
is ready to write. Nobody is answered before it: neither who wrote, nor who was refused for what others had
written. A part is undone by itself; where the whole is lost, each of its parts is run again by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.pool import Pool, PoolProxiedConnection, QueuePool
from sqlalchemy.util import greenlet_spawn

from domain.errors import unavailable
from gateway import sqlite
from gateway.failures import BUSY
from gateway.spans import note_statement, traced
from resolvers.held import Held
from resolvers.kept import Direct

T = TypeVar("T")


class Embedded:
    """The one connection by which a file is written; transactions take turns."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._locked_out = 0
        self._shared: _Shared | None = None

    async def run(self, work: Callable[[Held], Awaitable[T]]) -> T:
        """Do something in one transaction; what it answers, once that is committed.

        Who waited for somebody whom another process kept out of the database has waited for that process too: they
        are told so at once, or one after the other would wait as long again.

        Raises:
            DomainError: UNAVAILABLE when it came to that.
        """
        known, failure = self._locked_out, None
        async with self._turn:
            if self._locked_out != known:
                raise unavailable(BUSY)
            shared = self._shared or await self._opened()
            try:
                found = await self._part(shared, work)
            except Exception as error:
                if "locked" in str(getattr(error, "orig", "")):
                    self._locked_out += 1
                if self._shared is None:
                    raise
                failure = error
            committed = shared.joined()
            if shared.finishing is None:
                # Begins when everybody who is ready to write now has written.
                shared.finishing = asyncio.ensure_future(self._finish(shared))
        await committed
        if failure is not None:
            raise failure
        return found

    async def _opened(self) -> _Shared:
        pooled = await _taken(self._engine.sync_engine.pool)
        self._shared = _Shared(pooled)
        self._shared.driver.gather()
        return self._shared

    async def _part(self, shared: _Shared, work: Callable[[Held], Awaitable[T]]) -> T:
        direct = _Told(shared.driver, self._engine.dialect)

        def open_session() -> AsyncSession:
            return session_on(AsyncConnection(self._engine, Connection(self._engine.sync_engine, shared.pooled)))

        held = Held(_Traced(direct) if traced() else direct, open_session)
        try:
            shared.driver.begin(sqlite.WRITING)
            found = await work(held)
            await held.flush()
            if held.opened:
                await held.opened.commit()
            await direct.commit()
        except BaseException:
            await _in_any_case(self._give_up(shared, held))
            raise
        return found

    async def _give_up(self, shared: _Shared, held: Held) -> None:
        """Leave no lock and no rows to the next; a connection that SQLAlchemy has given up is closed already."""
        try:
            if held.opened:
                await held.opened.close()
            if shared.pooled.is_valid:
                await shared.driver.rollback()
        except BaseException:
            shared.pooled.invalidate()
            raise
        finally:
            if not shared.pooled.is_valid or shared.driver.lost:
                await self._over(shared, sqlite.Lost("it was rolled back with another one"))
            elif not shared.driver.parts:
                await self._over(shared)

    async def _finish(self, shared: _Shared) -> None:
        """Commit what was gathered; who asks for a turn meanwhile is a part of it, who asks later is not."""
        async with self._turn:
            if shared is not self._shared:
                return
            failure: Exception | None = None
            try:
                await shared.driver.finish()
            except Exception as error:
                # Whatever it was, nobody must wait for ever.
                failure = error
                with suppress(sqlite.Error):
                    await shared.driver.rollback()
            await self._over(shared, failure)

    async def _over(self, shared: _Shared, failure: Exception | None = None) -> None:
        """Tell everybody, and give the connection back; one whose transaction is in doubt is not used again."""
        self._shared = None
        for each in shared.waiting:
            if not each.done():
                if failure is None:
                    each.set_result(None)
                else:
                    each.set_exception(_error(failure, "COMMIT", self._engine.dialect))
        if failure is None and shared.pooled.is_valid:
            shared.pooled.close()
            return
        if shared.pooled.is_valid:
            await greenlet_spawn(shared.pooled.invalidate)
        await greenlet_spawn(shared.pooled.close)


class _Shared:
    """A transaction of several, by a connection of the pool."""

    def __init__(self, pooled: PoolProxiedConnection) -> None:
        self.pooled = pooled
        self.driver = cast(sqlite.Connection, pooled.driver_connection)
        self.waiting: list[asyncio.Future[None]] = []
        self.finishing: asyncio.Future[None] | None = None

    def joined(self) -> asyncio.Future[None]:
        """What one who waits for the commit waits for; who gives up waiting is alone in that."""
        waiting = asyncio.get_running_loop().create_future()
        self.waiting.append(waiting)
        return waiting


class _Told:
    """A connection to SQLite whose failures are those of SQLAlchemy."""

    def __init__(self, driver: sqlite.Connection, dialect: Dialect) -> None:
        self._driver = driver
        self.dialect = dialect

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self._driver.rows(sql, values)
        except sqlite.Error as error:
            raise _error(error, sql, self.dialect) from error

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        try:
            await self._driver.write(sql, rows)
        except sqlite.Error as error:
            raise _error(error, sql, self.dialect) from error

    async def commit(self) -> None:
        try:
            await self._driver.commit()
        except sqlite.Error as error:
            raise _error(error, "COMMIT", self.dialect) from error


class _Traced:
    """A connection whose statements are told to whoever traces: what SQLAlchemy does not run it does not tell of."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self.dialect = direct.dialect

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        with self._noted(sql):
            return await self._direct.rows(sql, values)

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._noted(sql):
            await self._direct.write(sql, rows)

    @contextmanager
    def _noted(self, sql: str) -> Iterator[None]:
        began, failure = time.time_ns(), ""
        try:
            yield
        except Exception as error:
            failure = type(error.__cause__ or error).__name__
            raise
        finally:
            note_statement(self.dialect.name, sql, began, time.time_ns(), failure)


async def _taken(pool: Pool) -> PoolProxiedConnection:
    """The connection to write by. Where it waits in the pool, nothing else has to wait."""
    if isinstance(pool, QueuePool) and pool.checkedin():
        # What is in the pool may be the place of a connection that was given up, to be opened anew.
        with suppress(MissingGreenlet):
            return pool.connect()
    taken: PoolProxiedConnection = await greenlet_spawn(pool.connect)
    return taken


async def _in_any_case(work: Coroutine[Any, Any, None]) -> None:
    """Do it to its end, also where whoever waits is cancelled meanwhile."""
    doing = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as error:
            cancelled = error
    doing.result()
    if cancelled is not None:
        raise cancelled


def session_on(connection: AsyncConnection) -> AsyncSession:
    """SQLAlchemy's session in the transaction of a connection."""
    return AsyncSession(connection, expire_on_commit=False, autoflush=False, join_transaction_mode="rollback_only")


def _error(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """The failure as SQLAlchemy tells it, which is what everybody knows; without values. Each has its own."""
    return DBAPIError.instance(sql, None, error, sqlite.Error, hide_parameters=True, dialect=dialect)

"""Transactions to write in: rows are told to the connection directly as long as that serves, else by SQLAlchemy."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.pool import Pool, PoolProxiedConnection, QueuePool
from sqlalchemy.util import greenlet_spawn

from gateway import sqlite
from gateway.engines import Engines
from gateway.spans import note_statement, traced
from resolvers.held import Held
from resolvers.kept import Direct


def transaction(engines: Engines) -> AbstractAsyncContextManager[Held]:
    """What is stored within is committed at the end, all or nothing."""
    return _embedded(engines.writing) if engines.embedded else _served(engines.writing)


class _Served:
    """A connection to a server, by SQLAlchemy's own."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.dialect: Dialect = connection.dialect

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        found = await self._connection.exec_driver_sql(sql, tuple(values))
        return found.all() if found.returns_rows else ()

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        given = [tuple(row) for row in rows]
        await self._connection.exec_driver_sql(sql, given if len(given) > 1 else given[0])


@asynccontextmanager
async def _served(engine: AsyncEngine) -> AsyncIterator[Held]:
    async with engine.connect() as connection, connection.begin():
        held = Held(_Served(connection), partial(_session, connection))
        try:
            yield held
            await held.flush()
        finally:
            if held.opened:
                await held.opened.close()


class _Embedded:
    """A connection to SQLite, by its driver."""

    def __init__(self, driver: sqlite.Connection, dialect: Dialect) -> None:
        self._driver = driver
        self.dialect = dialect

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        try:
            return await self._driver.rows(sql, values)
        except sqlite.Error as error:
            raise _told(error, sql, self.dialect) from error

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        try:
            await self._driver.write(sql, rows)
        except sqlite.Error as error:
            raise _told(error, sql, self.dialect) from error

    async def commit(self) -> None:
        try:
            await self._driver.commit()
        except sqlite.Error as error:
            raise _told(error, "COMMIT", self.dialect) from error


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


@asynccontextmanager
async def _embedded(engine: AsyncEngine) -> AsyncIterator[Held]:
    pooled = await _taken(engine.sync_engine.pool)
    driver = cast(sqlite.Connection, pooled.driver_connection)
    direct = _Embedded(driver, engine.dialect)

    def open_session() -> AsyncSession:
        return _session(AsyncConnection(engine, Connection(engine.sync_engine, pooled)))

    held = Held(_Traced(direct) if traced() else direct, open_session)
    try:
        driver.begin(sqlite.WRITING)
        yield held
        await held.flush()
        if held.opened:
            await held.opened.commit()
        await direct.commit()
    except BaseException:
        await _in_any_case(_give_up(held, pooled, driver))
        raise
    else:
        pooled.close()


async def _taken(pool: Pool) -> PoolProxiedConnection:
    """The connection to write by. Where it waits in the pool, nothing else has to wait."""
    if isinstance(pool, QueuePool) and pool.checkedin():
        # What is in the pool may be the place of a connection that was given up, to be opened anew.
        with suppress(MissingGreenlet):
            return pool.connect()
    taken: PoolProxiedConnection = await greenlet_spawn(pool.connect)
    return taken


async def _give_up(held: Held, pooled: PoolProxiedConnection, driver: sqlite.Connection) -> None:
    """Leave no lock and no rows to the next; a connection that SQLAlchemy has given up is closed already."""
    try:
        if held.opened:
            await held.opened.close()
        if pooled.is_valid:
            await driver.rollback()
    except BaseException:
        pooled.invalidate()
        raise
    finally:
        await greenlet_spawn(pooled.close)


async def _in_any_case(work: Coroutine[Any, Any, None]) -> None:
    """Also where whoever waits is cancelled once more."""
    await asyncio.shield(asyncio.ensure_future(work))


def _session(connection: AsyncConnection) -> AsyncSession:
    return AsyncSession(connection, expire_on_commit=False, autoflush=False, join_transaction_mode="rollback_only")


def _told(error: sqlite.Error, sql: str, dialect: Dialect) -> BaseException:
    """The failure as SQLAlchemy tells it, which is what everybody knows; without values."""
    return DBAPIError.instance(sql, None, error, sqlite.Error, hide_parameters=True, dialect=dialect)

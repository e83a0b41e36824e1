"""Transactions to write in: rows are told to the connection directly as long as that serves, else by SQLAlchemy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.embedded import Embedded, session_on
from gateway.engines import Engines
from resolvers.held import Held

T = TypeVar("T")


class Transactions(Protocol):
    """Where everything is written."""

    async def run(self, work: Callable[[Held], Awaitable[T]]) -> T:
        """Do something in one transaction; what it answers, once that is committed, all or nothing."""
        ...


def transactions(engines: Engines) -> Transactions:
    """Those of a database."""
    return Embedded(engines.writing) if engines.embedded else _Served(engines.writing)


class _Served:
    """Transactions of a server, as many at once as there are connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def run(self, work: Callable[[Held], Awaitable[T]]) -> T:
        async with self._engine.connect() as connection, connection.begin():
            held = Held(_Direct(connection), partial(session_on, connection))
            try:
                found = await work(held)
                await held.flush()
            finally:
                if held.opened:
                    await held.opened.close()
        return found


class _Direct:
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

"""Places for processes that work: each living process has one of its own, and a new one takes what an old one left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from sqlalchemy import func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from domain.errors import unavailable

EMBEDDED = "serve-0"
"""The one process of an embedded database."""
SLOTS = 256
"""Most processes that work on one database."""
_LOCKS = 0x7472_6967
"""What the advisory locks of slots have in common: "trig"."""
_LOOK_SECONDS = 5.0
_PATIENCE_SECONDS = 5.0


class Slot:
    """A place that belongs to this process as long as its connection lives."""

    def __init__(self, number: int, connection: AsyncConnection) -> None:
        self.name = f"work-{number}"
        self._connection = connection

    async def lost(self) -> None:
        """Return when the connection is gone, and with it the place: another process may take it."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._connection.execute(select(1))
            except (DBAPIError, OSError, TimeoutError):
                return


@asynccontextmanager
async def claimed(url: URL) -> AsyncIterator[Slot]:
    """Hold the first free place among the processes that work on this PostgreSQL database.

    An advisory lock says whose it is: the server gives it back when the process ends, however it ends.

    Raises:
        DomainError: UNAVAILABLE when the database is, or no place is left.
    """
    patience = {"timeout": _PATIENCE_SECONDS, "command_timeout": _PATIENCE_SECONDS}
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=patience)
    # The engine pools nothing, so whatever happens the connection is closed, and with it the place is free.
    async with AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(engine.connect())
            number = await _first_free(connection)
        except (DBAPIError, OSError, TimeoutError) as error:
            raise unavailable(f"the database is out of reach: {error}") from error
        stack.push_async_callback(_give_back, connection, number)
        yield Slot(number, connection)


async def _first_free(connection: AsyncConnection) -> int:
    for number in range(SLOTS):
        if await connection.scalar(select(func.pg_try_advisory_lock(_LOCKS, number))):
            return number
    raise unavailable(f"{SLOTS} processes work on this database already")


async def _give_back(connection: AsyncConnection, number: int) -> None:
    """Have the place free when this returns, so that who comes next finds it; a silent server is not waited for."""
    with suppress(DBAPIError, OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await connection.scalar(select(func.pg_advisory_unlock(_LOCKS, number)))
    await connection.invalidate()

"""Database engines: SQLite as the embedded default, PostgreSQL by asyncpg beyond."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolResetState

from gateway import sqlite

_ASIDE_SECONDS = 1.0
"""How long a statement aside may take: a connection whose other end is gone without a word would hang for minutes."""
_HIDDEN = True
"""Errors do not tell the values of a statement: they end in the log, and may hold what a client has sent."""


class Closable(Protocol):
    """Something with connections to the same database."""

    async def close(self) -> None:
        """Close them."""
        ...


@dataclass(frozen=True, slots=True)
class Engines:
    """One engine to read by and one to write by; on PostgreSQL both are the same.

    `aside` has one connection for what must not wait until a busy process has one to spare: hearing of changes of
    access.
    """

    reading: AsyncEngine
    writing: AsyncEngine
    aside: AsyncEngine
    _others: set[Closable] = field(default_factory=set, compare=False, repr=False)

    def close_with(self, other: Closable) -> None:
        """Have something that has opened connections of its own closed when these are, once."""
        self._others.add(other)

    @property
    def embedded(self) -> bool:
        """Whether the database lives inside this process's own file."""
        return self.writing.dialect.name == "sqlite"

    async def dispose(self) -> None:
        """Close every connection."""
        for engine in {self.reading, self.writing, self.aside}:
            await engine.dispose()
        while self._others:
            await self._others.pop().close()


def open_engines(
    url: str, *, pool_size: int, pool_timeout: float, busy_timeout: float, memory: sqlite.Memory | None = None
) -> Engines:
    """Engines for a database URL; timeouts in seconds. Nothing is connected yet.

    `memory` is what each connection to SQLite keeps of the file.
    """
    if not url.startswith("sqlite"):
        engine = _server(url, pool_size, pool_timeout)
        impatient = {"command_timeout": _ASIDE_SECONDS, "timeout": _ASIDE_SECONDS}
        return Engines(engine, engine, _server(url, 1, pool_timeout, **impatient))
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    kept = memory or sqlite.Memory()
    reading = _sqlite(url, sqlite.READING, pool_size, pool_timeout, busy_timeout, kept)
    writing = _sqlite(url, sqlite.WRITING, 1, pool_timeout, busy_timeout, kept)
    return Engines(reading, writing, _sqlite(url, sqlite.READING, 1, pool_timeout, busy_timeout, kept))


def _server(url: str, pool_size: int, pool_timeout: float, **connecting: float) -> AsyncEngine:
    pooled = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": pool_timeout, "pool_pre_ping": True}
    return create_async_engine(url, **pooled, hide_parameters=_HIDDEN, connect_args=connecting)


def _sqlite(
    url: str, begin: str, pool_size: int, pool_timeout: float, busy_timeout: float, memory: sqlite.Memory
) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        connect_args={"timeout": busy_timeout, "memory": memory, "async_creator_fn": sqlite.connect},
        hide_parameters=_HIDDEN,
        pool_reset_on_return=None,
    )

    @event.listens_for(engine.sync_engine, "reset")
    def end(connection: Any, record: Any, state: PoolResetState) -> None:
        # Most have ended what they began, and then nothing has to be waited for.
        if connection.driver_connection.begun and not state.terminate_only:
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.connection.driver_connection.begin(begin)

    return engine

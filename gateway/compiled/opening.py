"""The driver that fits a database."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

from gateway.compiled.sqlite import SqliteDriver
from gateway.engines import Engines
from gateway.sqlite import Memory
from schema.compiled.steps import Driver


class ClosableDriver(Driver, Protocol):
    """A driver whose connections can be closed; it opens others when it is asked again."""

    async def close(self) -> None:
        """Close every connection; whoever waits is told that the database cannot be asked now."""
        ...


def open_driver(
    engines: Engines,
    *,
    inline_milliseconds: float,
    kept: int,
    pool_size: int,
    pool_timeout: float,
    busy_timeout: float,
    memory: Memory | None = None,
) -> ClosableDriver:
    """A driver for the database of these engines, closed where they are disposed of; nothing is connected yet.

    `pool_size` is how many connections it has besides those of the engines, on SQLite how many threads. `kept` is how
    many statements are kept prepared at most, timeouts are in seconds. `memory` is that of SQLite's connection on the
    event loop; those of threads get a quarter.
    """
    engine = engines.reading
    driver: ClosableDriver

    def noted() -> None:
        engines.close_with(driver)

    if engines.embedded:
        driver = SqliteDriver(
            engine.dialect,
            engine.url,
            inline_seconds=inline_milliseconds / 1_000,
            kept=kept,
            pool_size=pool_size,
            pool_timeout=pool_timeout,
            busy_timeout=busy_timeout,
            memory=memory or Memory(),
            opens=noted,
        )
    else:
        # Who has a file needs no library for a server, which takes megabytes.
        postgres = import_module("gateway.compiled.postgres")
        driver = postgres.PostgresDriver(
            engine.dialect, engine.url, kept=kept, pool_size=pool_size, pool_timeout=pool_timeout, opens=noted
        )
    return driver

"""The driver of compiled operations for the database of the settings."""

from __future__ import annotations

from importlib import import_module

from gateway.compiled.sqlite import SqliteDriver
from gateway.engines import Engines
from gateway.settings import Settings
from schema.compiled.steps import Driver


def open_driver(settings: Settings, engines: Engines) -> Driver:
    """What runs programs on the database behind these engines; nothing is connected yet."""
    dialect, url = engines.reading.dialect, engines.reading.url
    size, timeout = settings.database_pool_size, settings.database_pool_timeout_seconds
    if not engines.embedded:
        # Its driver takes 3 MiB and 25 ms to load, which only those pay who have the server for it.
        made: Driver = import_module("gateway.compiled.postgres").PostgresDriver(
            dialect, url, kept=settings.compiled.kept, pool_size=size, pool_timeout=timeout
        )
        return made
    return SqliteDriver(
        dialect,
        url,
        inline_seconds=settings.compiled.inline_milliseconds / 1000,
        kept=settings.compiled.kept,
        busy_timeout=settings.sqlite_busy_timeout_seconds,
        pool_size=size,
        pool_timeout=timeout,
    )

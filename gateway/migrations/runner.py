"""Running migrations on an engine, and telling how far a database is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.migrations import lead_words
from resolvers.reads import Statement

REVISION: Statement = select(column("version_num")).select_from(table("alembic_version"))
"""The revision of a database that was ever migrated."""
_LOCK = 7_418_529_630
"""Advisory lock on PostgreSQL: of several processes that start together, one migrates."""


@cache
def revisions() -> frozenset[str]:
    """Every revision this code knows: the files of migrations are named for them."""
    return frozenset(each.name.partition("_")[0] for each in Path(__file__).parent.glob("versions/[0-9]*_*.py"))


def newest() -> str:
    """The revision a current database has."""
    return max(revisions())


async def migrate(engine: AsyncEngine) -> None:
    """Bring a database to the newest revision, with the index of words where that can be made; mostly it is there."""
    async with engine.connect() as connection, _rebuilding(connection), connection.begin():
        await connection.run_sync(_upgrade)


@asynccontextmanager
async def _rebuilding(connection: AsyncConnection) -> AsyncIterator[None]:
    """Lets SQLite replace a table by its next form: with foreign keys on, dropping the old one takes along whatever
    hangs on its rows. Inside a transaction the switch does nothing.

    https://sqlite.org/lang_altertable.html, section 7.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101 - it is open
    await driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        await driver.execute("PRAGMA foreign_keys = ON")


async def revision(engine: AsyncEngine) -> str | None:
    """The revision a database has; None when it was never migrated."""
    async with engine.connect() as connection:
        return await connection.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    known = inspect(connection).has_table("alembic_version")
    return connection.scalar(REVISION) if known else None


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _revision(connection) != newest():
        # Alembic takes 9 MiB and 0.1 seconds to load, which only those pay whose database is behind.
        import_module("gateway.migrations.upgrading").upgrade(connection)
    # What can find leads by words may have come since the migration that makes the index.
    lead_words.ensure(connection)

"""Running migrations on an engine, and telling how far a database is."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 7_418_529_630
"""Advisory lock on PostgreSQL: of several processes that start together, one migrates."""


def configuration() -> Config:
    """Alembic's configuration; no file of its own is needed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


@cache
def newest() -> str | None:
    """The revision a current database has."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


@cache
def revisions() -> frozenset[str]:
    """Every revision this code knows."""
    return frozenset(each.revision for each in ScriptDirectory.from_config(configuration()).walk_revisions())


async def migrate(engine: AsyncEngine) -> None:
    """Bring a database to the newest revision; does nothing when it is there."""
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)


async def revision(engine: AsyncEngine) -> str | None:
    """The revision a database has; None when it was never migrated."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if MigrationContext.configure(connection).get_current_revision() == newest():
        return
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

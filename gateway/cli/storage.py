"""The database as commands use it: reached, at its revision, closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.ports import SystemClock
from gateway.assembly import open_database
from gateway.cli.failures import Unusable
from gateway.database import Database
from gateway.doctor import reach
from gateway.migrations.runner import migrate, newest, revision
from gateway.settings import Settings


@asynccontextmanager
async def opened(settings: Settings, *, migrating: bool = False) -> AsyncIterator[Database]:
    """The database of the settings; the embedded one is migrated, a server's only when asked.

    Raises:
        Unusable: it cannot be reached, or is not at the newest revision.
    """
    database = open_database(settings, SystemClock())
    writing = database.engines.writing
    try:
        trouble = await reach(writing)
        if trouble:
            raise Unusable(trouble)
        if migrating or database.engines.embedded:
            await migrate(writing)
        elif await revision(writing) != newest():
            raise Unusable("The database is not at the newest revision; run `trigraph migrate` first.")
        yield database
    finally:
        await database.engines.dispose()

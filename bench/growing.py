"""A million leads within a minute or two: some are loaded as ever, the database multiplies them by itself.

Indexes are taken away meanwhile and made again at the end, which takes a fraction of keeping them up to date.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.leads import Lead
from gateway.cli.storage import opened
from gateway.migrations import lead_words
from gateway.settings import Settings

_AT_ONCE = 10
"""Copies of every lead in one statement."""
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'lead' AND sql IS NOT NULL",
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'lead' AND indexname <> 'lead_pkey'",
}
_COPIED = {
    "sqlite": {
        "id": "'lead_' || printf('%05d', copy.number) || substr(lead.id, 11)",
        "created_at": "strftime('%Y-%m-%dT%H:%M:%SZ', lead.created_at, '-' || copy.number || ' seconds')",
    },
    "postgresql": {
        "id": "'lead_' || lpad(copy.number::text, 5, '0') || substr(lead.id, 11)",
        "created_at": "lead.created_at - copy.number * interval '1 second'",
    },
}
"""What a copy has of its own; e-mail addresses have the number in them, and so have the words that search looks at."""
_NUMBERED = {name: f"replace(lead.{name}, '@', '.' || copy.number || '@')" for name in ("email", "search_text")}


async def grow(settings: Settings, loaded: int, leads: int) -> None:
    """Multiply the leads of a database, of which so many are loaded, until there are so many."""
    async with opened(settings, migrating=True) as database, database.engines.writing.connect() as connection:
        async with connection.begin():
            await connection.run_sync(_multiply, -(-leads // loaded) - 1)
        await _known(connection, embedded=database.engines.embedded)


def _multiply(connection: Connection, copies: int) -> None:
    kind = connection.dialect.name
    lead_words.drop(connection)
    indexes: list[Any] = list(connection.execute(text(_INDEXES[kind])))
    for name, _ in indexes:
        connection.execute(text(f"DROP INDEX {name}"))
    connection.execute(text("CREATE TEMPORARY TABLE loaded AS SELECT * FROM lead"))
    own = _COPIED[kind] | _NUMBERED
    names = [column.name for column in Lead.__table__.columns]
    values = ", ".join(own.get(name, f"lead.{name}") for name in names)
    for first in range(1, copies + 1, _AT_ONCE):
        numbers = ", ".join(f"({number})" for number in range(first, min(first + _AT_ONCE, copies + 1)))
        copied = f"WITH copy(number) AS (VALUES {numbers}) SELECT {values} FROM loaded AS lead CROSS JOIN copy"
        connection.execute(text(f"INSERT INTO lead ({', '.join(names)}) {copied}".replace(":", "\\:")))
    connection.execute(text("DROP TABLE loaded"))
    for _, made in indexes:
        connection.execute(text(made))
    lead_words.ensure(connection)


async def _known(connection: AsyncConnection, *, embedded: bool) -> None:
    """Tell the planner of the new rows."""
    if embedded:
        async with connection.begin():
            await connection.execute(text("ANALYZE"))
        return
    bare = await connection.execution_options(isolation_level="AUTOCOMMIT")
    await bare.execute(text("VACUUM ANALYZE"))

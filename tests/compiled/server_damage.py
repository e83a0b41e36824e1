"""Stored values that should not be there on PostgreSQL: what types of columns let through, and our code does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random

import asyncpg
from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url

from domain.tables import METADATA
from gateway.seeds.printed import ORGANIZATION

_TEXTS = (
    *("text", "", " ", "NO_SUCH_WORD", "new", "NEW", "12", "nan", "null", "{", "[]", "\x01", "\u2028", "🦊"),
    *("2024-01-15", "2024-13-45T99:99:99Z", "lead_nobody", "x" * 5000),
    None,
)
VALUES: Mapping[str, Sequence[str | None]] = {
    "TEXT": _TEXTS,
    "VARCHAR": tuple(text for text in _TEXTS if text is None or len(text) <= 32),
    "JSONB": (
        *("null", '"text"', '""', "1", "1.5", "true", "[]", "{}", "1e400", "12345678901234567890123", "1.0", "-0.0"),
        *(
            "[1, 2]",
            '[1, null, {"key": "value"}]',
            '{"key": [1]}',
            "[null]",
            '["🦊", "\\u0001"]',
            "[[]]",
            '{"": {}}',
            None,
        ),
    ),
    "INTEGER": ("0", "1", "-1", "2147483647", "-2147483648", None),
    "BIGINT": ("0", "-1", "2147483648", "-2147483649", "9007199254740993", "9223372036854775807", None),
    "DOUBLE PRECISION": ("NaN", "Infinity", "-Infinity", "-0", "0.1", "1e300", "5e-324", "100", "1e16", "-1.5", None),
    "BOOLEAN": ("true", "false", None),
    "TIMESTAMP WITH TIME ZONE": (
        *("infinity", "-infinity", "0044-03-15T12:00:00Z BC", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
        *(
            "10000-01-01T00:00:00Z",
            "294276-12-31T00:00:00Z",
            "2024-01-15T14:30:00.5+02:00",
            "0987-06-05T04:03:02Z",
            None,
        ),
    ),
    "DATE": ("infinity", "-infinity", "0044-03-15 BC", "0001-01-01", "9999-12-31", "10000-01-01", "0987-06-05", None),
}
"""By the type of a column, values as PostgreSQL reads them; each of them comes in some round."""
ROUNDS = max(map(len, VALUES.values()))
_SPARED = 0.4
"""Which share of columns is left whole each time: one that lists are sorted by spoils all of a list."""
_OWN = f"organization_id = '{ORGANIZATION}'"
_UNCHECKED = "SET session_replication_role = replica"
"""Keys of other tables may lead nowhere."""
_TAKEN = """DO $$ BEGIN {change}; INSERT INTO damage VALUES ('{name}');
EXCEPTION WHEN OTHERS THEN NULL; END $$"""


class ServerDamage:
    """Damage to a database on a server, done in a loop of its own; what was there is kept in copies of the tables."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._connection = self._runner.run(_connected(url))
        self._tables = [table for table in METADATA.sorted_tables if "organization_id" in table.c]
        self._run("CREATE SCHEMA kept; CREATE TABLE damage (name text)", _UNCHECKED)
        self._run(*(f"CREATE TABLE kept.{_named(table)} AS TABLE public.{_named(table)}" for table in self._tables))
        self._sizes = {table.name: self._size(table) for table in self._tables}

    @contextmanager
    def done(self, turn: int, random: Random) -> Iterator[list[str]]:
        """Have the values of a round in the database for a while; the columns are yielded that took theirs."""
        wanted = [(table, column) for table in self._tables if self._sizes[table.name] for column in table.c]
        script = [
            self._change(table, column, turn, random)
            for table, column in wanted
            if not (column.primary_key or column.name == "organization_id") and random.random() >= _SPARED
        ]
        self._run("TRUNCATE damage", *filter(None, script))
        try:
            rows = self._runner.run(self._connection.fetch("SELECT name FROM damage"))
            yield [row["name"] for row in rows]
        finally:
            self._run(*map(_restored, self._tables))

    def close(self) -> None:
        """Let go of the database."""
        self._runner.run(self._connection.close())
        self._runner.close()

    def _change(self, table: Table, column: Column[object], turn: int, random: Random) -> str:
        type_ = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
        values = VALUES.get(type_.partition("(")[0])
        if values is None:
            return ""
        value = values[turn % len(values)]
        written = "NULL" if value is None else f"CAST({_quoted(value)} AS {type_})"
        keys = ", ".join(each.name for each in table.primary_key)
        row = f"SELECT {keys} FROM {_named(table)} WHERE {_OWN} ORDER BY {keys} LIMIT 1"
        place = f"({keys}) = ({row} OFFSET {random.randrange(self._sizes[table.name])})"
        change = f'UPDATE {_named(table)} SET "{column.name}" = {written} WHERE {_OWN} AND {place}'
        return _TAKEN.format(change=change, name=f"{table.name}.{column.name}")

    def _size(self, table: Table) -> int:
        size = self._runner.run(self._connection.fetchval(f"SELECT count(*) FROM {_named(table)} WHERE {_OWN}"))
        assert isinstance(size, int)
        return size

    def _run(self, *statements: str) -> None:
        self._runner.run(self._connection.execute(";\n".join(statements)))


def _restored(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    kept = ", ".join(f'kept."{column.name}"' for column in table.c)
    same = " AND ".join(f"now.{column.name} = kept.{column.name}" for column in table.primary_key)
    # Compared as texts: zero equals its negative.
    changed = "CAST(now AS text) <> CAST(kept AS text)"
    return (
        f"UPDATE {_named(table)} AS now SET ({columns}) = ROW({kept}) FROM kept.{_named(table)} AS kept "
        f"WHERE {same} AND {changed}"
    )


def _named(table: Table) -> str:
    """Quoted: a user is something else to PostgreSQL."""
    return f'"{table.name}"'


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


async def _connected(url: str) -> asyncpg.Connection[asyncpg.Record]:
    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))

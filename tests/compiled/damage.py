"""Stored values that should not be there: put into a database past its rules, and taken out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Column, Table

from domain.tables import METADATA
from gateway.seeds.printed import ORGANIZATION

_KEPT = {"id", "organization_id"}
"""Without these no list would find the row."""


class Cell(NamedTuple):
    """A column of a table, and the place of a row of the organization there."""

    table: Table
    column: Column[Any]
    row: int


ANYTHING: tuple[Any, ...] = (
    *("text", "", "NO_SUCH_WORD", "12", "1.5", "true", "nan", "\x00", "a\x00b"),
    *("2024-13-45T99:99:99Z", "2024-01-15", "2024-01-15 14:30:00", "2024-01-15T14:30:00.123456+02:00", "20240115"),
    *(
        "{",
        "[1, 2",
        '"text"',
        "[]",
        "{}",
        "null",
        "1",
        '[1, null, {"key": "value"}]',
        '{"key": [1]}',
        "[NaN]",
        '["\\ud800"]',
    ),
    *(0, 1, 2, -1, 2**31, 2**53 + 1, 2**63 - 1, 1.5, 1e300, float("inf"), -0.0),
    *(b"", b"bytes", b"\xff\xfe", b"[]", None),
)
"""What SQLite keeps in any column, whatever its type."""


def cells(random: Random, sizes: Mapping[str, int]) -> Iterator[Cell]:
    """A cell of every column of which there are `sizes` rows, but of those by which rows are found."""
    for table in METADATA.sorted_tables:
        if sizes.get(table.name):
            for column in table.c:
                if column.name not in _KEPT:
                    yield Cell(table, column, random.randrange(sizes[table.name]))


class SqliteDamage:
    """Damage to a file of SQLite, whose columns take anything."""

    values: Sequence[Any] = ANYTHING

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA ignore_check_constraints = ON")
        self.sizes: dict[str, int] = {}
        for table in METADATA.sorted_tables:
            if "organization_id" in table.c:
                self.sizes[table.name] = self._ask(f"SELECT count(*) FROM {table.name} WHERE {_OWN}")[0][0]

    def _ask(self, sql: str, *values: Any) -> list[Any]:
        return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def done(self, wanted: Sequence[Cell], value: Any) -> Iterator[list[Cell]]:
        """Have the value in all these cells for a while; those are yielded that took it."""
        kept: list[tuple[str, Any, int]] = []
        taken: list[Cell] = []
        for cell in wanted:
            name, table = f'"{cell.column.name}"', f'"{cell.table.name}"'
            place, before = self._ask(
                f"SELECT rowid, {name} FROM {table} WHERE {_OWN} ORDER BY rowid LIMIT 1 OFFSET ?", cell.row
            )[0]
            change = f"UPDATE {table} SET {name} = ? WHERE rowid = ?"
            try:
                self._connection.execute(change, (value, place))
            except sqlite3.Error:
                # What must not be null, is not; and an index may allow a value once only.
                continue
            kept.append((change, before, place))
            taken.append(cell)
        try:
            yield taken
        finally:
            for change, before, place in reversed(kept):
                self._connection.execute(change, (before, place))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


_OWN = f"organization_id = '{ORGANIZATION}'"

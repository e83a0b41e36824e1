"""Performance as it is sent: a CSV file, or rows as objects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.errors import invalid, required
from domain.performance_files import read_performance
from domain.performance_rows import PerformanceRow, Unreadable, performance_of
from domain.rejected_rows import RejectedRow
from resolvers.ad_performance import PerformanceImport
from resolvers.desk import Desk


@dataclass(frozen=True, slots=True)
class SentPerformance:
    """A file as a door hands it over, or a list of objects by the same column names."""

    file: Any = None
    rows: list[dict[str, Any]] | None = None


async def read_in(desk: Desk, sent: SentPerformance) -> PerformanceImport:
    """The rows of a file or a list, those that cannot be read apart.

    Raises:
        DomainError: INVALID for neither or both, for too much at once, for a file that is no CSV of performance.
    """
    if (sent.file is None) == (sent.rows is None):
        raise required("file", "file or rows is required, and not both.")
    terms = desk.outside.marketing
    if sent.file is not None and (sent.file.size or 0) > terms.import_bytes:
        raise invalid("file", f"file must have at most {terms.import_bytes} bytes; more goes by `trigraph import`.")
    name = "rows" if sent.file is None else "file"
    rows = listed(sent.rows or []) if sent.file is None else read_performance(sent.file.file)
    # Reading takes a while, and others are waiting.
    return await asyncio.to_thread(gathered, rows, name, terms.import_rows)


def listed(rows: Iterable[dict[str, Any]]) -> Iterator[PerformanceRow | RejectedRow]:
    """Rows of a list, each with its place from 1 if it cannot be read."""
    for line, row in enumerate(rows, 1):
        try:
            yield performance_of(row, day_needed=True)
        except Unreadable as error:
            yield RejectedRow(line, error.column, error.reason)


def gathered(rows: Iterable[PerformanceRow | RejectedRow], name: str, most: int) -> PerformanceImport:
    """All of them, sorted into those that can be taken in and those that cannot.

    Raises:
        DomainError: INVALID when there are too many.
    """
    taken: list[PerformanceRow] = []
    rejected: list[RejectedRow] = []
    for row in rows:
        if isinstance(row, PerformanceRow):
            taken.append(row)
        else:
            rejected.append(row)
        if len(taken) + len(rejected) > most:
            raise invalid(name, f"{name} must have at most {most} rows; more go by `trigraph import`.")
    return PerformanceImport(taken, rejected)

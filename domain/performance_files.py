"""CSV files of performance, as Google Ads and others export them."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator
from typing import BinaryIO

from domain.errors import invalid
from domain.performance_rows import PerformanceRow, Unreadable, column_of, names_of, performance_of
from domain.rejected_rows import RejectedRow
from domain.text_files import as_text
from domain.texts import LONGEST_CELL

_PREAMBLE = 20
"""Most lines before the one that names the columns: exports begin with a title and a range of days."""
_TOTAL = re.compile(r"totals?\s*(?::.*)?", re.IGNORECASE | re.DOTALL)
"""How a line of sums begins; a campaign may be called `Total Fitness`."""
_MEASURES = frozenset({"impressions", "clicks", "conversions", "cost", "cost_micros", "revenue"})


def read_performance(content: BinaryIO) -> Iterator[PerformanceRow | RejectedRow]:
    """The rows of a CSV file in UTF-8 or UTF-16, separated by commas, semicolons or tabs, one after the other.

    A title before the columns and totals below the rows are passed over.

    Raises:
        DomainError: INVALID naming `file` when it is no text, or no line names the columns.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        with as_text(content) as text:
            yield from _rows(text)
    except UnicodeError:
        raise invalid("file", "file must be CSV in UTF-8 or UTF-16.") from None


def _rows(text: io.TextIOWrapper) -> Iterator[PerformanceRow | RejectedRow]:
    head = list(itertools.islice(text, _PREAMBLE))
    place = next((index for index, line in enumerate(head) if _names(line) is not None), None)
    if place is None:
        raise invalid(
            "file",
            f"file must have a line of column names, {names_of(['day'])} and some of "
            f"{names_of(['impressions', 'clicks', 'conversions', 'cost'])} among them.",
        )
    separator, names = _names(head[place]) or (",", [])
    lines = csv.reader(itertools.chain(head[place + 1 :], text), delimiter=separator, strict=True)
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            yield RejectedRow(place + 1 + lines.line_num, None, f"is not CSV: {error}; the rest was not read")
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not _TOTAL.fullmatch(cells[0].strip()):
            yield _read(names, cells, place + 1 + lines.line_num)


def _read(names: list[str], cells: list[str], line: int) -> PerformanceRow | RejectedRow:
    if any(cell.strip() for cell in cells[len(names) :]):
        return RejectedRow(line, None, "has more cells than there are columns")
    try:
        return performance_of(dict(zip(names, cells, strict=False)), day_needed=True)
    except Unreadable as error:
        return RejectedRow(line, error.column, error.reason)


def _names(line: str) -> tuple[str, list[str]] | None:
    """The separator and the names of columns, if this line names them."""
    for separator in (",", ";", "\t"):
        try:
            names = next(csv.reader([line], delimiter=separator, strict=True), [])
        except csv.Error:
            continue
        known = {column_of(name) for name in names}
        if "day" in known and known & _MEASURES:
            return separator, [name.strip() for name in names]
    return None

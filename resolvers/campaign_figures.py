"""The figures that are given with a request for an analysis, in whichever of the known forms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.errors import invalid
from domain.figures import Fact, Figures
from domain.performance_rows import PerformanceRow, Unreadable, flat, performance_of
from domain.rejected_rows import RejectedRow

_ROWS, _TEXT = "rows", "text"


@dataclass(frozen=True, slots=True)
class GivenPerformance:
    """Days, or figures of the whole campaign or its parts; the rows that could not be read, and what to say of it."""

    days: tuple[PerformanceRow, ...] = ()
    undated: tuple[PerformanceRow, ...] = ()
    rejected: tuple[RejectedRow, ...] = ()
    notes: tuple[str, ...] = ()

    def dated(self) -> list[Fact]:
        """The facts of the days, rows of one day, region and segment added up."""
        added: dict[tuple[Any, str, str], Figures] = {}
        for row in self.days:
            key = (row.fact.day, row.fact.region, row.fact.segment)
            added[key] = added.get(key, Figures()) + row.fact.figures
        return [Fact(figures, *key) for key, figures in added.items()]


def given_performance(name: str, data: dict[str, Any] | None, most: int) -> GivenPerformance:
    """What an object of figures says; one with `rows` is a list of such objects, one with `text` holds it as JSON.

    An only object must be readable; of several those that are not are reported. Rows without a day are parts of the
    whole, and are left out where others have one: they cannot be of the same range.

    Raises:
        DomainError: INVALID naming what is wrong with an only object, or that there are too many rows.
    """
    if data is None:
        return GivenPerformance()
    if isinstance(data.get(_TEXT), str):
        found = _parsed(data[_TEXT])
        if found is None:
            return GivenPerformance(notes=("performance_data is a text without figures and was not used.",))
        data = found
    if not isinstance(data.get(_ROWS), list):
        return _one(name, data)
    rows = data[_ROWS]
    if len(rows) > most:
        raise invalid("performanceData", f"performanceData must hold at most {most} rows.")
    return _several(name, rows)


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return {_ROWS: value} if isinstance(value, list) else value if isinstance(value, dict) else None


def _one(name: str, data: dict[str, Any]) -> GivenPerformance:
    try:
        row = performance_of(_whole(data), name)
    except Unreadable as error:
        raise invalid("performanceData", f"performanceData.{error}.") from None
    if row.fact.day is not None:
        return GivenPerformance(days=(row,))
    if not row.fact.figures.known:
        return GivenPerformance(notes=("performance_data holds no figures and was not used.",))
    return GivenPerformance(undated=(row,))


def _whole(data: dict[str, Any]) -> dict[str, Any]:
    """The Campaign model keeps its figures in an object `performance` (CB, Campaign Schema)."""
    inner = data.get("performance")
    return {**data, **inner} if isinstance(inner, dict) else data


def _several(name: str, rows: Iterable[Any]) -> GivenPerformance:
    read: list[PerformanceRow] = []
    rejected: list[RejectedRow] = []
    for place, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            rejected.append(RejectedRow(place, None, "must be an object"))
            continue
        try:
            read.append(performance_of({**flat(_whole(row)), "campaign id": name}, name))
        except Unreadable as error:
            rejected.append(RejectedRow(place, error.column, error.reason))
    days = tuple(row for row in read if row.fact.day is not None)
    undated = tuple(row for row in read if row.fact.day is None and row.fact.figures.known)
    notes = [f"Row {each.line} was left out: {each.column or 'it'} {each.reason}." for each in rejected[:20]]
    if days and undated:
        notes.append(f"{len(undated)} rows without a day were left out, because others have one.")
        undated = ()
    return GivenPerformance(days, undated, tuple(rejected), tuple(notes))

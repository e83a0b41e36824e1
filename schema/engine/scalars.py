"""The graph's own scalars, each saying what a value is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.values import Moment, iso

Cursor = NewType("Cursor", str)
Fraction = NewType("Fraction", float)
JSONObject = NewType("JSONObject", dict)  # type: ignore[type-arg]

# Years of four digits in every offset: that is how a moment is written.
_EARLIEST, _LATEST = 1001, 9998


def read_moment(value: Any) -> Moment:
    """An ISO 8601 date-time with any offset (UTC without one), or a date that stands for its whole UTC day."""
    if isinstance(value, str) and 8 <= len(value) <= 40:
        try:
            read: Moment | None = _date(value) or datetime.fromisoformat(value)
        except ValueError:
            read = None
        if read and _EARLIEST <= read.year <= _LATEST:
            return read
    raise GraphQLError("DateTime must be an ISO 8601 date-time such as 2024-01-15T14:30:00Z, or a date.")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _write_moment(value: datetime | str) -> str:
    # The keys of an idempotent write are stored as JSON, where a moment is text already.
    return value if isinstance(value, str) else iso(value)


def _read_cursor(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("Cursor must be a text that an earlier answer carried.")
    return value


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("JSON must be an object.")
    return value


def _scalar(name: str, description: str, serialize: Any, parse: Any) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=serialize, parse_value=parse)


def _same(value: Any) -> Any:
    return value


SCALAR_MAP: dict[object, ScalarDefinition] = {
    datetime: _scalar(
        "DateTime",
        "A moment, written YYYY-MM-DDTHH:MM:SSZ; read with any offset, or as a date that stands for its whole UTC day.",
        _write_moment,
        read_moment,
    ),
    Cursor: _scalar("Cursor", "A place in a list or in the event log: opaque text.", str, _read_cursor),
    Fraction: _scalar("Fraction", "A share from 0 to 1.", float, float),
    JSONObject: _scalar("JSON", "A JSON object.", _same, _read_object),
}

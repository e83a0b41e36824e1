"""The graph's own scalars, each saying what a value is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from domain.values import Moment, iso

Cursor = NewType("Cursor", str)
Fraction = NewType("Fraction", float)
Upload = NewType("Upload", bytes)
JSONObject = NewType("JSONObject", dict)  # type: ignore[type-arg]

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def read_moment(value: Any) -> Moment:
    """An ISO 8601 date-time with any offset (UTC without one), or a date that stands for its whole UTC day.

    A moment whose offset carries it out of the calendar is the calendar's end: such are meant as open bounds.
    """
    if isinstance(value, str) and 8 <= len(value) <= 40:
        try:
            return _date(value) or _utc(datetime.fromisoformat(value))
        except ValueError:
            pass
    raise GraphQLError("DateTime must be an ISO 8601 date-time such as 2024-01-15T14:30:00Z, or a date.")


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _write_moment(value: datetime | str) -> str:
    # The keys of an idempotent write are stored as JSON, where a moment is text already.
    return value if isinstance(value, str) else iso(value)


def read_date(value: Any) -> date:
    """A day, also as a date-time with any offset: then its day in UTC (CB-15)."""
    try:
        moment = read_moment(value)
    except GraphQLError:
        raise GraphQLError("Date must be a day such as 2024-01-15, or a date-time.") from None
    return moment.date() if isinstance(moment, datetime) else moment


def _write_date(value: date | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _read_cursor(value: Any) -> str:
    if not isinstance(value, str):
        raise GraphQLError("Cursor must be a text that an earlier answer carried.")
    return value


def _read_fraction(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GraphQLError("Fraction must be a number from 0 to 1.")
    return float(value)


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise GraphQLError("JSON must be an object.")
    return value


def _read_upload(value: Any) -> Any:
    if not hasattr(value, "read"):
        raise GraphQLError("Upload must be a file of a multipart request.")
    return value


def _scalar(name: str, description: str, serialize: Any, parse: Any) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=serialize, parse_value=parse)


def _same(value: Any) -> Any:
    return value


SCALAR_MAP: dict[object, ScalarDefinition] = {
    date: _scalar(
        "Date", "A day, written YYYY-MM-DD; of a date-time that is read, the day in UTC.", _write_date, read_date
    ),
    datetime: _scalar(
        "DateTime",
        "A moment, written YYYY-MM-DDTHH:MM:SSZ; read with any offset, or as a date that stands for its whole UTC day.",
        _write_moment,
        read_moment,
    ),
    Cursor: _scalar("Cursor", "A place in a list or in the event log: opaque text.", str, _read_cursor),
    Fraction: _scalar("Fraction", "A share from 0 to 1.", float, _read_fraction),
    Upload: _scalar("Upload", "A file of a multipart request.", _same, _read_upload),
    JSONObject: _scalar("JSON", "A JSON object.", _same, _read_object),
}

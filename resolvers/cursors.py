"""Cursors: opaque texts that stand for a place in an ordered list."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date, datetime
from typing import Any

from domain.errors import invalid
from domain.texts import storable
from domain.values import iso

_PLACE = "e1:"
_KEYS = "c1:"
_LONGEST = 400
_SAFE = bytes.maketrans(b"+/", b"-_")
_INTEGER = 2**31
_quoted = json.encoder.encode_basestring_ascii
_WRITTEN = json.JSONEncoder(separators=(",", ":")).encode


def place(sequence: int) -> str:
    """The cursor of a numbered place, such as one in the event log."""
    return _encode(f"{_PLACE}{sequence}")


def sequence_of(cursor: str, field: str = "after") -> int:
    """The number a place's cursor stands for.

    Raises:
        DomainError: INVALID when the text is no such cursor.
    """
    text = _decode(cursor, field)
    number = text.removeprefix(_PLACE)
    if not text.startswith(_PLACE) or not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise _unknown(field)
    return int(number)


def keys(order: str, value: Any, id: str) -> str:
    """The cursor of a row by its sort value and id; `order` names the sorting it belongs to."""
    if type(value) is int:
        return _encode(f'{_KEYS}["{order}",{value},{_quoted(id)}]')
    shown = iso(value) if isinstance(value, datetime) else value.isoformat() if isinstance(value, date) else value
    return _encode(_KEYS + _WRITTEN([order, shown, id]))


def keys_of(cursor: str, order: str, python_type: type, field: str) -> tuple[Any, str]:
    """Sort value and id behind a row's cursor.

    Raises:
        DomainError: INVALID when the text is no cursor, or one of another sorting.
    """
    text = _decode(cursor, field)
    try:
        named, value, row_id = json.loads(text.removeprefix(_KEYS))
        if not text.startswith(_KEYS) or named != order or not isinstance(row_id, str):
            raise _unknown(field)
        place = python_type.fromisoformat(value) if python_type in (datetime, date) else value
        if type(place) is python_type and storable(row_id) and _comparable(place):
            return place, row_id
    except (ValueError, TypeError, RecursionError):
        pass
    raise _unknown(field)


def _comparable(value: Any) -> bool:
    """Whether a database can compare its column with a value that a forged cursor may hold."""
    if isinstance(value, datetime):
        return value.tzinfo is not None and 1 < value.year < 9999
    return not isinstance(value, int) or abs(value) < _INTEGER


def _encode(text: str) -> str:
    written = binascii.b2a_base64(text.encode(), newline=False)
    return written.translate(_SAFE).decode().rstrip("=")


def _decode(cursor: str, field: str) -> str:
    if len(cursor) <= _LONGEST:
        try:
            return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        except (binascii.Error, ValueError):
            pass
    raise _unknown(field)


def _unknown(field: str) -> Exception:
    return invalid(field, f"{field} must be a cursor that an earlier answer of the same list carried.")

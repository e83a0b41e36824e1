"""Checks on text and JSON that come from outside, each refusal naming its field, and the spelling of names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from domain.errors import invalid, required
from domain.values import Absent

LINE = 200
"""Most characters of a one-line text such as a name."""
TEXT = 20_000
"""Most characters of a free text such as a note."""
JSON_NODES = 1_000
"""Most values inside one JSON object."""
JSON_DEPTH = 20
"""Deepest nesting of one JSON object."""
JSON_INTEGER = 2**63
"""First whole number inside a JSON object that is too large; not every reader knows more than 64 bits."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_USUAL_ADDRESS = re.compile(
    r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?!(?:arpa|invalid|local|localhost|onion|test)$)[a-z]{2,}",
    re.ASCII | re.IGNORECASE,
)
"""Addresses as most are, which the rules for all addresses allow; up to 64 characters, which no part may exceed."""
_PHONE = re.compile(r"[0-9 ()\-.+]+")


def storable(value: str) -> bool:
    """Whether every database can take a text: it has neither NUL characters nor lone surrogates."""
    return not _UNSTORABLE.search(value)


def camel(name: str) -> str:
    """A name in snake_case as GraphQL and JavaScript spell it."""
    first, *others = name.split("_")
    return first + "".join(each.capitalize() for each in others)


def text(field: str, value: str, longest: int = LINE) -> str:
    """The text, if it can be stored.

    Raises:
        DomainError: INVALID for NUL characters, lone surrogates, or too many characters.
    """
    if not storable(value):
        raise invalid(field, f"{field} must not contain NUL characters or unpaired surrogates.")
    if len(value) > longest:
        raise invalid(field, f"{field} must have at most {longest} characters, not {len(value)}.")
    return value


def line(field: str, value: str | None, longest: int = LINE) -> str | None:
    """A one-line text without surrounding blanks; nothing but blanks is no text."""
    if value is None:
        return None
    return text(field, value, longest).strip() or None


def needed(field: str, value: str | Absent | None, longest: int = LINE) -> str:
    """A text that has to say something.

    Raises:
        DomainError: REQUIRED when it is absent, null or blank.
    """
    if isinstance(value, Absent) or value is None or not value.strip():
        raise required(field)
    return text(field, value, longest)


def email(field: str, value: str) -> str:
    """An e-mail address as given, without surrounding blanks.

    Raises:
        DomainError: INVALID when it cannot be an address.
    """
    address = text(field, value, 320).strip()
    if len(address) <= 64 and _USUAL_ADDRESS.fullmatch(address):
        return address
    # Its tables take a while to make, which is spared to those who start.
    rules = import_module("email_validator")
    try:
        rules.validate_email(address, check_deliverability=False, test_environment=True)
    except rules.EmailNotValidError:
        raise invalid(field, f"{field} must be an e-mail address such as name@example.com.") from None
    return address


def phone(field: str, value: str) -> str:
    """A telephone number, stored as it was given (CU-21): 7 to 15 digits with blanks and ()-.+ between them."""
    number = text(field, value, 40).strip()
    if not _PHONE.fullmatch(number) or not 7 <= sum(c.isdigit() for c in number) <= 15:
        raise invalid(field, f"{field} must be a telephone number of 7 to 15 digits; spaces and ()-.+ are allowed.")
    return number


def json_object(field: str, value: object) -> dict[str, Any]:
    """A JSON object small and plain enough to store.

    Raises:
        DomainError: INVALID when it is no object, too large, too deep, or holds text that cannot be stored.
    """
    if not isinstance(value, Mapping):
        raise invalid(field, f"{field} must be an object.")
    budget = [JSON_NODES]
    _walk(field, value, budget, JSON_DEPTH)
    return dict(value)


def _walk(field: str, value: object, budget: list[int], depth: int) -> None:
    budget[0] -= 1
    if budget[0] < 0 or depth < 0:
        raise invalid(field, f"{field} must hold at most {JSON_NODES} values, nested at most {JSON_DEPTH} deep.")
    if isinstance(value, str):
        text(field, value, TEXT)
    elif isinstance(value, int | float):
        _number(field, value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            text(f"{field}.{key[:40]}", key)
            _walk(f"{field}.{key[:40]}", item, budget, depth - 1)
    elif isinstance(value, Sequence):
        for item in value:
            _walk(field, item, budget, depth - 1)


def _number(field: str, value: int | float) -> None:
    known = abs(value) < JSON_INTEGER if isinstance(value, int) else math.isfinite(value)
    if not known:
        raise invalid(field, f"{field} must not hold infinite numbers, or whole numbers beyond 64 bits.")


LONGEST_CELL = 200_000
"""Most characters of a cell of CSV. Python keeps one limit for the whole process: every reader sets this same one, so
that none that runs beside it is surprised. What a cell may hold is checked by what it is taken for."""

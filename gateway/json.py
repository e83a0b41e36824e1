"""JSON in and out: the one module that knows orjson."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

# orjson reads 1,024 levels but writes only 254, so what is read must stay well below that to be written again.
MAX_DEPTH = 128


class MalformedJSON(ValueError):
    """A text that is not acceptable JSON; the message says why and where."""


def loads(text: bytes | str) -> Any:
    """The value of a JSON text.

    Raises:
        MalformedJSON: for everything that is not strict JSON in UTF-8 of at most 128 levels: byte order marks,
            NaN, numbers beyond a double, lone surrogates, anything after the value.
    """
    try:
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise MalformedJSON(str(error)) from None
    opening = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    # Only a text with that many brackets can be nested so deeply; the others are spared the walk.
    if opening > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise MalformedJSON(f"nested more than {MAX_DEPTH} levels deep")
    return value


def dumps(value: Any, *, sort_keys: bool = False) -> bytes:
    """The UTF-8 text of a value; lone surrogates become U+FFFD, integers beyond 64 bits become doubles.

    Raises:
        TypeError: for values JSON has no word for.
    """
    option = orjson.OPT_UTC_Z | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        # The exception, not the rule: only a value that failed is rewritten.
        return orjson.dumps(_repaired(value), option=option)


def _deeper(value: Any, levels: int) -> bool:
    generation = [value]
    for _ in range(levels):
        generation = [child for parent in generation for child in _children(parent)]
        if not generation:
            return False
    return any(isinstance(parent, list | dict) for parent in generation)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, list | dict)]
    if isinstance(value, list):
        return [child for child in value if isinstance(child, list | dict)]
    return []


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        try:
            return float(value)
        except OverflowError:
            return None
    if isinstance(value, Mapping):
        return {_repaired(key if isinstance(key, str) else str(key)): _repaired(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_repaired(item) for item in value]
    return value

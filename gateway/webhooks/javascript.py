"""JSON exactly as JavaScript prints it: the documented receiver signs `JSON.stringify(JSON.parse(body))` (X-17)."""

from __future__ import annotations

import math
import re
from json.encoder import encode_basestring
from typing import Any

_EXACT = 2**53
"""Up to here every whole number is one that a double can hold, and is printed as it is."""
_MOST_DIGITS = 21
"""Beyond so many digits before the point JavaScript writes an exponent (ECMA-262, Number::toString)."""
_INDEX_END = 2**32 - 1
"""Keys that are whole numbers below this are indices: objects list them first, in ascending order."""
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")


def stringify(value: Any) -> str:
    """A JSON value as `JSON.stringify` prints what `JSON.parse` has made of it.

    Raises:
        TypeError: when something in it is no JSON.
    """
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(key)}:{stringify(each)}" for key, each in _entries(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(stringify, value)) + "]"
    raise TypeError(f"a {type(value).__name__} is no JSON")


def _entries(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """Keys and values in the order in which an object lists them."""
    if any(_LONE.search(key) for key in value):
        # Two ways to write one character are one key to JavaScript.
        value = {_joined(key): each for key, each in value.items()}
    indices = sorted(int(key) for key in value if _INDEX.fullmatch(key) and int(key) < _INDEX_END)
    if not indices:
        return list(value.items())
    # A key that is set again keeps its place.
    return list((dict.fromkeys(map(str, indices)) | value).items())


def _number(value: float) -> str:
    if isinstance(value, int) and -_EXACT <= value <= _EXACT:
        return str(value)
    try:
        double = float(value)
    except OverflowError:
        return "null"
    if not math.isfinite(double):
        return "null"
    if double == 0:
        return "0"
    return ("-" if double < 0 else "") + _positive(abs(double))


def _positive(double: float) -> str:
    """A number as ECMA-262 writes it; `point` is where the decimal point stands, counted from the first digit."""
    # Both languages choose the fewest digits that read back as the same number; they differ in how they lay them out.
    mantissa, _, exponent = repr(double).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= _MOST_DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _MOST_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"


def _text(value: str) -> str:
    if _LONE.search(value):
        value = _joined(value)
        printed: str = encode_basestring(value)
        return _LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", printed)
    quoted: str = encode_basestring(value)
    return quoted


def _joined(value: str) -> str:
    """The text with the halves of characters that belong together put together."""
    return _PAIR.sub(lambda found: found[0].encode("utf-16", "surrogatepass").decode("utf-16"), value)

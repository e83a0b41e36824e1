"""Numbers as laws write them: digits with every kind of separator, and words in several languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

GROUPED = re.compile(r"\d{1,3}(?:[ .,'\u2019\u00a0\u202f\u2009]\d{3})+(?![\d])")
SEPARATORS = re.compile(r"[ .,'\u2019\u00a0\u202f\u2009]")
WORD = re.compile(r"[^\W\d_]+")
LONGEST = 24


def of_digits(text: str) -> float | None:
    """The number that digits with separators write: `20 000 000`, `1,500.50`, `1.500,50`, `7,5`.

    A single separator before exactly three digits groups, any other is a decimal one.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    grouped = GROUPED.match(text)
    whole = SEPARATORS.sub("", grouped[0]) if grouped else ""
    rest = text[grouped.end() :] if grouped else text
    if not grouped:
        whole, _, rest = text.replace(",", ".").partition(".")
        rest = "." + rest if rest else ""
    try:
        return float(whole + rest.replace(",", "."))
    except ValueError:
        return None


def of_words(text: str, numbers: Mapping[str, int]) -> float | None:
    """The number that words write: `two hundred fifty thousand`, `fünfundzwanzigtausend`, `quatre-vingt-dix`."""
    values: list[int] = []
    for word in WORD.findall(text.lower()):
        parts = _parts(word, numbers)
        if parts is None:
            return None
        values.extend(parts)
    return _sum(values) if values else None


def _parts(word: str, numbers: Mapping[str, int]) -> list[int] | None:
    """Values of the number words that a word is made of, longest first; None if something is left over."""
    values: list[int] = []
    while word:
        for size in range(min(len(word), 14), 0, -1):
            if word[:size] in numbers:
                values.append(numbers[word[:size]])
                word = word[size:]
                break
        else:
            return None
    return values


def _sum(values: list[int]) -> float | None:
    total = current = 0
    for value in values:
        if value >= 1000:
            total += max(current, 1) * value
            current = 0
        elif value == 100:
            current = max(current, 1) * 100
        elif value == 20 and current % 100 == 4:  # quatre-vingts
            current += 76
        else:
            current += value
    return float(total + current) or None

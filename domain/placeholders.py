"""What changes in a text from one use to the next: percents, amounts, numbers, addresses, names in braces.

A text is compared and kept with placeholders in their stead: `{percent}`, `{amount}`, `{number}`, `{url}`, `{name}`, a
second of the kind `{percent_2}` and so on. `{percent:source}` is written as in the source, others as the market does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from domain.outside import Written

KINDS = ("percent", "amount", "number", "url", "name")
_SIGNS = {
    "$": "USD", "US$": "USD", "$US": "USD", "CA$": "CAD", "C$": "CAD", "$CA": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "MX$": "MXN", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY",
    "JP¥": "JPY", "CN¥": "CNY", "₹": "INR", "₩": "KRW", "zł": "PLN", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₪": "ILS",
    "฿": "THB", "₫": "VND",
}  # fmt: skip
_CODES = "USD|EUR|GBP|JPY|CHF|CAD|AUD|INR|PLN|SEK|NOK|DKK|BRL|MXN|CNY|KRW"
_SIGN = "|".join([*map(re.escape, sorted(_SIGNS, key=len, reverse=True)), _CODES])
# Bounded, so that a text of nothing but digits is read in one go; no number is longer.
_DIGITS = r"\d(?:[\d.,'\u00a0\u202f]{0,30}\d)?"
_LONGEST_KEY = 300
"""Longer texts are known by their digest: an entry of an index has room for less than three kilobytes (PostgreSQL)."""
_EXACT = 15
"""Most digits of a number whose every digit a float keeps: longer ones are names, of orders or cards."""
_GROUPED = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_TOKEN = re.compile(
    rf"(?P<brace>\{{\{{[^{{}}\n]{{1,60}}\}}\}}|\{{[^{{}}\n]{{1,60}}\}})"
    rf"|(?P<url>(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)])"
    rf"|(?P<amount>(?<!\w)(?:{_SIGN})[ \u00a0\u202f]?{_DIGITS}|(?<!\w){_DIGITS}[ \u00a0\u202f]?(?:{_SIGN})(?!\w))"
    rf"|(?P<percent>{_DIGITS}[ \u00a0\u202f]?%)"
    rf"|(?P<number>(?<![\w]){_DIGITS}(?![\w]))"
)
_PLACE = re.compile(r"\{([a-z]+)(?:_(\d{1,2}))?(?::(source))?\}")
_SENTENCE = re.compile(r"((?<=[.!?…])[ \t]+|(?<!\s)\s*\n\s*)")


@dataclass(frozen=True, slots=True)
class Token:
    """What stands in a place: its kind, how it was written, and its value if it is written as markets do."""

    kind: str
    raw: str
    value: Written | None = None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with placeholders, and what they stand for, in order."""

    text: str
    tokens: tuple[Token, ...]
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """How texts are compared: in one case and spacing, with one kind of apostrophe."""
        plain = unicodedata.normalize("NFC", self.text).replace("\u2019", "'")
        same = " ".join(plain.casefold().split())
        return same if len(same) <= _LONGEST_KEY else sha256(same.encode()).hexdigest()


def masked(text: str) -> Masked:
    """A text with placeholders in place of what changes."""
    tokens: list[Token] = []
    names: list[str] = []
    counts: dict[str, int] = {}

    def put(found: re.Match[str]) -> str:
        token = _token(found)
        counts[token.kind] = counts.get(token.kind, 0) + 1
        tokens.append(token)
        names.append(_name(token.kind, counts[token.kind]))
        return f"{{{names[-1]}}}"

    return Masked(_TOKEN.sub(put, text), tuple(tokens), tuple(names))


def sentences(text: str) -> list[str]:
    """The sentences of a text, and at every second place what lies between them."""
    return _SENTENCE.split(text.strip())


def template(source: str, target: str) -> tuple[Masked, str]:
    """A text masked, and its translation with the same placeholders.

    What both write alike, such as 50%, stays written like that; what the translation writes its own way, such as 50 %,
    is written as markets do.

    Raises:
        ValueError: a placeholder has no counterpart, or the translation has one of its own.
    """
    own, other = masked(source), masked(target)
    free = list(range(len(own.tokens)))
    written = iter([_counterpart(own, token, free) for token in other.tokens])
    text = _TOKEN.sub(lambda _: next(written), target)
    if free:
        raise ValueError(f"lacks {{{own.names[free[0]]}}}")
    return own, text


def _counterpart(own: Masked, token: Token, free: list[int]) -> str:
    """The placeholder of the source that a token of the translation stands for."""
    place = _PLACE.fullmatch(token.raw)
    named = _name(place[1], int(place[2] or 1)) if place and place[1] in KINDS else None
    alike = (index for index in free if own.tokens[index].kind == token.kind and _alike(own.tokens[index], token))
    found = next((index for index in free if own.names[index] == named), None)
    if found is None:
        found = next(alike, None)
    if found is None:
        raise ValueError(f"has {token.raw}, which the source has not")
    free.remove(found)
    name, source = own.names[found], own.tokens[found]
    keeps = (place and place[3]) or (token.kind in ("percent", "amount") and token.value and token.raw == source.raw)
    return f"{{{name}:source}}" if keeps else f"{{{name}}}"


def _alike(source: Token, token: Token) -> bool:
    if source.value and token.value:
        return source.value.value == token.value.value and source.value.currency == token.value.currency
    return source.raw == token.raw


def filled(text: str, content: Masked, written: Mapping[str, str]) -> str:
    """A translation with what the content holds in the places; `written` is how the market writes it."""
    raws = dict(zip(content.names, (token.raw for token in content.tokens), strict=True))

    def put(found: re.Match[str]) -> str:
        name = _name(found[1], int(found[2] or 1))
        if name not in raws:
            return found[0]
        return raws[name] if found[3] else written.get(name, raws[name])

    return _PLACE.sub(put, text)


def places(text: str) -> list[str]:
    """The names of the placeholders in a text, sorted."""
    return sorted(_name(found[1], int(found[2] or 1)) for found in _PLACE.finditer(text) if found[1] in KINDS)


def braces(text: str) -> int:
    """How many braces there are that belong to no placeholder of a kind that is known."""
    return len(re.findall("[{}]", _PLACE.sub(lambda found: "" if found[1] in KINDS else found[0], text)))


def _name(kind: str, count: int) -> str:
    return kind if count == 1 else f"{kind}_{count}"


def _token(found: re.Match[str]) -> Token:
    raw = found[0]
    if found.lastgroup == "brace":
        place = _PLACE.fullmatch(raw)
        return Token(place[1] if place and place[1] in KINDS else "name", raw)
    if found.lastgroup == "url":
        return Token("url", raw)
    kind = str(found.lastgroup)
    sign = re.search(_SIGN, raw) if kind == "amount" else None
    currency = _SIGNS.get(sign[0], sign[0]) if sign else None
    digits = re.search(_DIGITS, raw)
    number = _number(digits[0]) if digits else None
    if number is None:
        return Token(kind, raw)
    grouped = kind != "number" or (number[0] >= 1000 and not re.match(r"\d{4}", raw))
    return Token(kind, raw, Written(kind, number[0], number[1], currency, grouped))


def _number(text: str) -> tuple[float, int] | None:
    """A number and how many digits it has behind the point; None when it is none, such as 1.2.3 or 007."""
    bare = re.sub(r"['\u00a0\u202f]", "", text)
    signs = re.findall("[.,]", bare)
    if sum(letter.isdigit() for letter in bare) > _EXACT or re.match(r"0\d", bare):
        return None
    # 1,000 and 1.000 are thousands: no price or percent has three decimals, unless it is below one or not grouped.
    if not signs or (len(signs) == 1 and _GROUPED.fullmatch(bare)):
        return float(re.sub("[.,]", "", bare)), 0
    whole, _, fraction = bare.rpartition(signs[-1])
    if len(signs) > 1 and len(set(signs)) == 1:
        return (float(re.sub("[.,]", "", bare)), 0) if len(fraction) == 3 else None
    return float(f"{re.sub('[.,]', '', whole)}.{fraction}"), len(fraction)

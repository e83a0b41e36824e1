"""Amounts of money and shares of something, as legal texts write them in digits or words, whatever they are for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from domain.intelligence.law_lexicons import LEXICONS
from domain.intelligence.law_numbers import of_digits, of_words
from domain.intelligence.law_reading import Reading
from domain.intelligence.law_words import Numbers

DIGITS = r"\d{1,3}(?:[ .,'\u2019]\d{3}){1,5}(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d{1,12}(?:[.,]\d{1,2}(?!\d))?"
SYMBOLS = {
    "\u20ac": "EUR",
    "$": "USD",
    "\u00a3": "GBP",
    "\u00a5": "JPY",
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "CA$": "CAD",
    "S$": "SGD",
    "HK$": "HKD",
}
CODES = (
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "JPY",
    "AUD",
    "CAD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "HUF",
    "RON",
    "BGN",
    "INR",
    "CNY",
    "SGD",
    "HKD",
    "NZD",
    "BRL",
    "MXN",
    "ZAR",
)
DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD"}
FARTHEST_BASE = 160
LEAST_LOWER = 1
MOST_PERCENT = 1000
BASE_ENDS = re.compile(
    r"(?i),? (?:or|oder|ou) (?=\d|[A-Z]{3} |up to|bis zu|[$\u20ac\u00a3])"
    r"|[ ](?:is|are|shall|may|can|must|where|if|for each|per|wird|werden|geahndet|verhängt|wenn|sofern"
    r"|est|sont|peut|peuvent|si|lorsque|par)\b"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, or a share of something, between two positions of a reading."""

    start: int
    end: int
    amount: float | None = None
    currency: str | None = None
    fraction: float | None = None
    base: str | None = None


@dataclass(frozen=True)
class _Money:
    numbers: Numbers
    money: re.Pattern[str]
    after: re.Pattern[str]
    before: re.Pattern[str]
    lower: re.Pattern[str]
    limit: re.Pattern[str]
    percent: re.Pattern[str]
    share: re.Pattern[str]
    base: re.Pattern[str]
    whichever: re.Pattern[str]
    currencies: Mapping[str, str]
    multiple: re.Pattern[str]
    multiples: Mapping[str, int]


@cache
def _money_words(language: str) -> _Money:
    words, numbers = LEXICONS[language].penalty, LEXICONS[language].numbers
    names, scale, symbols = _any(words.money), _any(numbers.scales), _any(SYMBOLS)
    scaled = rf"(?:[ -]?(?P<scale>{scale})(?![^\W\d_])\.?)?"
    number = rf"(?<![\w.,])(?:(?P<digits>{DIGITS}){scaled}|(?P<words>{numbers.spelled}))"
    small = rf"(?<![\w.,])(?:(?P<digits>\d{{1,3}}(?:[.,]\d{{1,3}})?)|(?P<words>{numbers.spelled}))"
    currencies = {**SYMBOLS, **{code: code for code in CODES}, **words.money}
    flags = re.IGNORECASE
    return _Money(
        numbers,
        money=re.compile(rf"{symbols}|(?<![^\W\d_])(?:{'|'.join(CODES)}|(?i:{names}))(?![^\W_])"),
        after=re.compile(rf" ?(?P<digits>{DIGITS}){scaled}", flags),
        before=re.compile(
            rf"{number}(?:[.,][-\u2013]{{1,2}})?(?: ?\(\d[\d ,.]{{0,16}}\))?"
            r"(?: (?:of|de|von|d['\u2019]?))?[ -]?(?:d['\u2019])?$",
            flags,
        ),
        lower=re.compile(rf"{number} {words.span} (?:{words.limit} )?$", flags),
        limit=re.compile(rf"(?:\b{words.limit}\s?)+$", flags),
        percent=re.compile(rf"(?:{words.percent})", flags),
        share=re.compile(rf"{small}(?: ?\(\d[\d.,]{{0,6}}\)?)? ?\(?$", flags),
        base=re.compile(r"\s?" + words.base, flags),
        whichever=re.compile(words.whichever, flags),
        currencies={name.lower(): code for name, code in currencies.items()},
        multiple=re.compile(words.multiple, flags),
        multiples=words.multiples,
    )


def _any(words: Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def amounts(reading: Reading, language: str, jurisdiction: str) -> list[Amount]:
    """Amounts of money and shares in a text, in order, whatever they are for."""
    words = _money_words(language)
    found = [
        *reading.budget.take(_money(reading, words, jurisdiction)),
        *reading.budget.take(_shares(reading, words)),
        *reading.budget.take(_multiples(reading, words)),
    ]
    found.sort(key=lambda p: (p.start, p.end))
    distinct: list[Amount] = []
    for one in found:
        last = distinct[-1] if distinct else None
        same = (
            last is not None
            and last.amount == one.amount
            and last.fraction == one.fraction
            and last.currency == one.currency
        )
        if last is not None and one.start < last.end:
            continue
        if last is not None and same and one.start - last.end <= 3:  # two thousand dollars ($2,000)
            distinct[-1] = replace(last, end=one.end)
        else:
            distinct.append(one)
    return distinct


def _money(reading: Reading, words: _Money, jurisdiction: str) -> Iterator[Amount]:
    text = reading.text
    for match in words.money.finditer(text):
        currency = words.currencies[match[0].lower()]
        if match[0] == "$":
            currency = DOLLARS.get(jurisdiction.upper()[:2], "USD")
        number = words.after.match(text, match.end())
        window = text[max(match.start() - 80, 0) : match.start()]
        before = words.before.search(window)
        if before is not None and not (number and match[0] in SYMBOLS and match[0] != "\u20ac"):
            amount = _value(before, words.numbers)
            start, end = match.start() - len(window) + before.start(), match.end()
        elif number is not None:
            amount, start, end = _value(number, words.numbers), match.start(), number.end()
        else:
            continue
        if amount:
            yield from _lower(reading, words, start, currency)
            yield Amount(start, end, amount=amount, currency=currency)


def _lower(reading: Reading, words: _Money, start: int, currency: str) -> Iterator[Amount]:
    """The lower end of a range whose upper end alone has a currency: `500 to 1,000 euros`."""
    window = reading.text[max(start - 80, 0) : start]
    lower = words.lower.search(window)
    if lower is None or not words.limit.search(window[: lower.start()]):
        return
    amount = _value(lower, words.numbers)
    if amount is not None and amount >= LEAST_LOWER:
        begins = start - len(window) + lower.start()
        yield Amount(
            begins, start - len(window) + len(lower[0].split(" ")[0]) + lower.start(), amount=amount, currency=currency
        )


def _value(number: re.Match[str], numbers: Numbers) -> float | None:
    groups = number.groupdict()
    if groups.get("words"):
        return of_words(groups["words"], numbers.words)
    value = of_digits(groups["digits"])
    scale = groups.get("scale")
    return value * numbers.scales[scale.lower()] if value is not None and scale else value


def _shares(reading: Reading, words: _Money) -> Iterator[Amount]:
    text = reading.text
    for match in words.percent.finditer(text):
        window = text[max(match.start() - 60, 0) : match.start()]
        number = words.share.search(window)
        if number is None:
            continue
        value = (
            of_digits(number["digits"].replace(",", "."))
            if number["digits"]
            else of_words(number["words"], words.numbers.words)
        )
        if not value or value > MOST_PERCENT:
            continue
        end = match.end()
        base = words.base.match(text, end, end + FARTHEST_BASE)
        start = match.start() - len(window) + number.start()
        yield Amount(start, end, fraction=value / 100, base=cut(base["base"], words.whichever) if base else None)


def _multiples(reading: Reading, words: _Money) -> Iterator[Amount]:
    """Multiples, as shares above one: `three times the gain` is 3 of `the gain`."""
    for match in words.multiple.finditer(reading.text):
        times = match["times"].lower().split(" ")[0]
        count = words.multiples.get(times) or (
            float(times) if times.isdigit() else of_words(times, words.numbers.words)
        )
        if count and 1 < count <= MOST_PERCENT / 100:
            base = BASE_ENDS.split(cut(match["base"], words.whichever), maxsplit=1)[0].rstrip()
            end = match.start("base") + len(base)
            yield Amount(match.start(), end, fraction=float(count), base=base.removeprefix("the "))


def cut(base: str, whichever: re.Pattern[str]) -> str:
    """What a share is a share of, without what is said of which counts."""
    rest = whichever.search(base)
    return (base[: rest.start()] if rest else base).strip()

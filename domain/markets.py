"""What is known of countries as markets: colours, payments, taboos, and what season of trade it is.

The table is a file of its own, dated and with its sources; organizations correct it by profiles of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from domain.regions import Country, country_of

_TABLE = Path(__file__).with_name("markets.json")
HOLIDAY_DAYS = 14
"""From how many days before it a public holiday is the season."""
_SOUTH = (
    "AR",
    "AU",
    "BO",
    "BR",
    "BW",
    "CL",
    "LS",
    "MG",
    "MU",
    "MZ",
    "NA",
    "NZ",
    "PE",
    "PY",
    "SZ",
    "UY",
    "ZA",
    "ZM",
    "ZW",
)
_SEASONS = ("winter", "spring", "summer", "autumn")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?[-_]([A-Za-z]{2})")
_SAME = {"nb": "no", "nn": "no"}


@dataclass(frozen=True, slots=True)
class Market:
    """A country as it was asked for, and the language if one was named with it."""

    asked: str
    country: Country
    language: str | None = None

    @property
    def key(self) -> str:
        """What tells it from others: a country may be asked for in several of its languages."""
        return f"{self.language}-{self.country.code}" if self.language else self.country.code

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages a text may be in: the one named, else the official ones, the usual one first."""
        return (self.language,) if self.language else tuple(dict.fromkeys(map(language_of, self.country.languages)))


@dataclass(frozen=True, slots=True)
class Customs:
    """What is known of a market, where it is from and how old it is; nothing where nothing is known."""

    colors: list[str]
    payments: list[str]
    taboos: list[str]
    source: str
    as_of: date


def market_of(asked: str) -> Market | None:
    """The market a country's code or name, or a locale such as fr-CH, stands for."""
    plain = asked.strip()
    locale = _LOCALE.fullmatch(plain)
    if locale:
        country = country_of(locale[2])
        return Market(asked, country, language_of(locale[1])) if country else None
    country = country_of(plain)
    # Antarctica speaks no language of its own.
    return Market(asked, country) if country and country.languages else None


def language_of(code: str) -> str:
    """A language without its script, in small letters; both kinds of Norwegian are one."""
    bare = re.split("[-_]", code.strip().lower())[0]
    return _SAME.get(bare, bare)


def customs_of(country: str) -> Customs:
    """The table's own words about a country."""
    table = _table()
    row = table["markets"].get(country, {})
    source = row.get("source", table["source"]) if row else "Nothing is known of this market."
    as_of = date.fromisoformat(table["as_of"])
    return Customs(row.get("colors", []), row.get("payments", []), row.get("taboos", []), source, as_of)


def season_of(country: str, day: date, holidays: Sequence[str]) -> str:
    """What is in season: a period of trade, else the next public holiday, else the time of the year.

    `holidays` are the English names of those that begin within HOLIDAY_DAYS, the next one first.
    """
    for name, first, last in _table()["markets"].get(country, {}).get("seasons", ()):
        if _within(day, first, last):
            return str(name)
    french = _soldes(day) if country == "FR" else None
    if french:
        return french
    if _black_friday(day.year) - timedelta(days=4) <= day <= _black_friday(day.year) + timedelta(days=3):
        return "black_friday"
    if holidays:
        return _slug(holidays[0])
    quarter = (day.month % 12) // 3
    return _SEASONS[(quarter + 2) % 4 if country in _SOUTH else quarter]


def _within(day: date, first: str, last: str) -> bool:
    # As text, month and day compare like dates; a period may reach over the end of the year.
    now = f"{day:%m-%d}"
    return first <= now <= last if first <= last else now >= first or now <= last


def _soldes(day: date) -> str | None:
    """French sales by decree: four weeks from the second Wednesday of January (the first, if that is after the 12th),
    and from the last Wednesday of June (the one before, if that is after the 28th) (code de commerce, D310-15-2).
    """
    winter = _wednesday(date(day.year, 1, 8))
    if winter.day > 12:
        winter -= timedelta(days=7)
    summer = _wednesday(date(day.year, 6, 24))
    if summer.day > 28:
        summer -= timedelta(days=7)
    for name, begin in (("soldes_hiver", winter), ("soldes_ete", summer)):
        if begin <= day < begin + timedelta(weeks=4):
            return name
    return None


def _wednesday(day: date) -> date:
    return day + timedelta(days=(2 - day.weekday()) % 7)


def _black_friday(year: int) -> date:
    first = date(year, 11, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday + timedelta(days=1)


def _slug(name: str) -> str:
    bare = re.sub(r"\(.*?\)", "", name.partition(";")[0])
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_") or "holiday"


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text("utf-8"))
    return table

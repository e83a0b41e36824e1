"""How numbers are written in languages and countries (Babel), and when holidays are (holidays).

Both are large: this module is loaded when it is first needed, in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import holidays
from babel import Locale, UnknownLocaleError
from babel.numbers import NumberPattern

from domain.outside import MarketDays, Written


def written(language: str, market: str, values: Sequence[Written]) -> list[str]:
    """The values as they are written in a language in a market."""
    locale = _locale(language, market)
    return [_written(locale, each) for each in values]


def _locale(language: str, market: str) -> Locale:
    for name in (f"{language}_{market}", language, "en"):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _written(locale: Locale, each: Written) -> str:
    digits = (each.digits, each.digits)
    if each.kind == "percent":
        return str(_pattern(locale.percent_formats[None]).apply(each.value / 100, locale, force_frac=digits))
    if each.kind == "amount" and each.currency:
        pattern = _pattern(locale.currency_formats["standard"])
        return str(pattern.apply(each.value, locale, currency=each.currency, currency_digits=False, force_frac=digits))
    pattern = _pattern(locale.decimal_formats[None])
    return str(pattern.apply(each.value, locale, force_frac=digits, group_separator=each.grouped))


def _pattern(pattern: NumberPattern) -> NumberPattern:
    return pattern


def coming(wanted: MarketDays) -> list[str]:
    """The public holidays of a market that begin within some days, the next one first."""
    last = wanted.day + timedelta(days=wanted.days)
    known = _known(wanted.market, sorted({wanted.day.year, last.year}))
    return [name for day, name in sorted(known.items()) if wanted.day <= day <= last]


def _known(market: str, years: Sequence[int]) -> dict[date, str]:
    try:
        return dict(holidays.country_holidays(market, years=years, language="en_US").items())
    except NotImplementedError:
        return {}

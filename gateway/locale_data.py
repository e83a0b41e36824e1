"""How numbers are written in languages and countries (Babel), and when holidays are (holidays).

Both are large: this module is loaded when it is first needed, in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
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
    if each.kind == "percent":
        return str(_exact(locale.percent_formats[None], each.digits).apply(each.value / 100, locale))
    if each.kind == "amount" and each.currency:
        pattern = _exact(locale.currency_formats["standard"], each.digits)
        return str(pattern.apply(each.value, locale, currency=each.currency, currency_digits=False))
    pattern = _exact(locale.decimal_formats[None], each.digits)
    return str(pattern.apply(each.value, locale, group_separator=each.grouped))


def _exact(pattern: NumberPattern, digits: int) -> NumberPattern:
    """A pattern with as many digits behind the point as the text had."""
    own = copy(pattern)
    own.frac_prec = (digits, digits)
    return own


def coming(wanted: MarketDays) -> list[str]:
    """The public holidays of a market that begin within some days, the next one first."""
    # The calendar ends.
    last = wanted.day + min(timedelta(days=wanted.days), date.max - wanted.day)
    known = _known(wanted.market, sorted({wanted.day.year, last.year}))
    return [name for day, name in sorted(known.items()) if wanted.day <= day <= last]


def _known(market: str, years: Sequence[int]) -> dict[date, str]:
    try:
        return dict(holidays.country_holidays(market, years=years, language="en_US").items())
    except NotImplementedError:
        return {}

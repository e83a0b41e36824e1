"""Rows of performance as advertising platforms export them, read tolerantly and refused with a reason.

Names of columns are those of Google Ads: its reports (`Campaign ID`, `Conv. value`), its query language
(`campaign.id`, `metrics.cost_micros`) and its JSON (`costMicros`), and of the Campaign model of ClickUp Brain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.figures import Fact, Figures, figures
from domain.texts import LINE, storable

_NAMES: dict[str, tuple[str, ...]] = {
    "campaign_id": ("campaign id", "campaign.id", "id", "campaign.resource_name"),
    "campaign": ("campaign", "campaign name", "campaign.name", "name"),
    "platform": ("platform", "network"),
    "currency": ("currency", "currency code", "customer.currency_code"),
    "day": ("day", "date", "segments.date"),
    "impressions": ("impressions", "impr.", "metrics.impressions"),
    "clicks": ("clicks", "metrics.clicks"),
    "conversions": ("conversions", "conv.", "metrics.conversions"),
    "cost": ("cost", "spend", "amount spent", "metrics.cost"),
    "cost_micros": ("cost micros", "metrics.cost_micros"),
    "revenue": (
        "revenue",
        "conv. value",
        "conversion value",
        "conversions value",
        "total conv. value",
        "metrics.conversions_value",
    ),
    "roi": ("roi", "roas", "conv. value / cost", "metrics.conversions_value_per_cost"),
    "region": (
        "region",
        "country",
        "market",
        "location",
        "country/territory",
        "country/territory (user location)",
        "segments.geo_target_country",
        "segments.geo_target_region",
        "geographic_view.country_criterion_id",
    ),
    "segment": ("segment", "ad group", "ad group name", "ad_group.name", "keyword", "audience", "ad set"),
}
_CURRENCY = re.compile(r"^([+-]?)\s*[^\W\d_]{0,3}[$€£¥₹₩₽₺₴₫฿]?|[$€£¥₹₩₽₺₴₫฿]?\s*[^\W\d_]{0,3}$")
_SPACES = re.compile(r"[\s'\u2019]")
_MINUS = "\u2212"
_NOTHING = frozenset({"", "-", "--", "—", "n/a", "na", "null", "none"})
_LARGEST = 1e15
_MOST_COUNTED = 1e12
"""More were never shown in a day; millions of such rows still add up to a whole number that databases keep."""
_WHOLE = ("impressions", "clicks")
_SIGNED = ("revenue", "roi")
_MEASURES = (*_WHOLE, *_SIGNED, "conversions", "cost", "cost_micros")
_COMMA = re.compile(r"\d,(?:\d{1,2}|\d{4,})\D*$|\.\d{3},\d+\D*$", re.ASCII)
_GROUPS = r"[+-]?\d{{1,3}}(?:{0}\d{{2,3}})*{0}\d{{3}}"
"""Thousands, and the pairs of digits that India groups by."""
_DAYS = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%Y/%m/%d")


class Unreadable(ValueError):
    """A cell that does not say what its column should; `column` as the file names it."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PerformanceRow:
    """What one row says: of which campaign, and how it did."""

    campaign_id: str
    fact: Fact
    campaign: str | None = None
    platform: str | None = None
    currency: str | None = None
    roi: float | None = None


def column_of(name: str) -> str | None:
    """What a column holds, by its name in any case, spacing and punctuation."""
    return _COLUMNS.get(_bare(name))


def flat(row: Mapping[str, Any], under: str = "", depth: int = 4) -> dict[str, Any]:
    """A row of nested objects as one of dotted names, such as `metrics.clicks`; nothing is found any deeper."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        path = f"{under}.{name}" if under else str(name)
        if not isinstance(value, Mapping):
            found[path] = value
        elif depth:
            found |= flat(value, path, depth - 1)
    return found


def performance_of(row: Mapping[str, Any], campaign_id: str = "", day_needed: bool = False) -> PerformanceRow:
    """A row read by its columns; those of other names are ignored, the campaign's own id is only needed if not given.

    Raises:
        Unreadable: naming the column.
    """
    cells: dict[str, tuple[str, Any]] = {}
    for name, value in flat(row).items():
        kind = column_of(name)
        if kind and kind not in cells and not _nothing(value):
            cells[kind] = (_told(name), value)
    own = _text(cells, "campaign_id") or campaign_id or _text(cells, "campaign")
    if not own:
        raise Unreadable("Campaign ID", "is required")
    day = _day(cells)
    if day_needed and day is None:
        raise Unreadable("Day", "is required")
    measures = _measures(cells)
    fact = Fact(_figures(measures), day, _text(cells, "region") or "", _text(cells, "segment") or "")
    currency = _text(cells, "currency")
    return PerformanceRow(
        own.removeprefix("customers/").rpartition("/")[2] if own.startswith("customers/") else own,
        fact,
        _text(cells, "campaign"),
        _text(cells, "platform"),
        currency.upper() if currency and len(currency) == 3 else None,
        measures.get("roi"),
    )


def number_of(value: object, comma: bool = False) -> float:
    """A number as people and spreadsheets write it: 1,234.5, 1.234,5, 1 234, $5, 5 %, 1'000; a percent is a fraction.

    One comma before exactly three digits groups thousands, one dot never does; where decimals are known to follow a
    `comma` it is the other way round.

    Raises:
        ValueError: it is no finite number.
    """
    if isinstance(value, bool):
        raise ValueError("must be a number")
    try:
        number = float(value) if isinstance(value, int | float) else _written(str(value), comma)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or abs(number) > _LARGEST:
        raise ValueError("must be a finite number below 10^15")
    return number


def _written(text: str, comma: bool) -> float:
    bare = text.strip().replace(_MINUS, "-")
    percent = bare.endswith("%")
    bare = _SPACES.sub("", _CURRENCY.sub(r"\1", bare.removesuffix("%").strip()))
    if "," in bare and "." in bare:
        comma = bare.rfind(",") > bare.rfind(".")
    elif bare.count(".") > 1:
        comma = True
    elif not comma:
        comma = "," in bare and not re.fullmatch(_GROUPS.format(","), bare)
    grouping, decimal = (".", ",") if comma else (",", ".")
    whole, point, fraction = bare.partition(decimal)
    if grouping in whole and re.fullmatch(_GROUPS.format(re.escape(grouping)), whole):
        whole = whole.replace(grouping, "")
    bare = whole + point.replace(",", ".") + fraction
    if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", bare, re.ASCII):
        raise ValueError("must be a number")
    return float(bare) / (100 if percent else 1)


def _figures(measures: Mapping[str, float]) -> Figures:
    cost = measures.get("cost", measures.get("cost_micros", 0.0) / 1e6)
    revenue, roi = measures.get("revenue"), measures.get("roi")
    if revenue is None and roi is not None and cost:
        # Whoever knows how often the cost came back knows what came back.
        revenue = roi * cost
    impressions, clicks = (int(measures.get(name, 0)) for name in _WHOLE)
    return figures(impressions, clicks, measures.get("conversions", 0.0), cost, revenue)


def _measures(cells: Mapping[str, tuple[str, Any]]) -> dict[str, float]:
    """All numbers of a row: one that surely has a comma before its decimals tells how the others are meant."""
    found = {kind: cells[kind] for kind in _MEASURES if kind in cells}
    comma = any(isinstance(value, str) and _COMMA.search(value) for _, value in found.values())
    return {kind: _measure(kind, name, value, comma) for kind, (name, value) in found.items()}


def _measure(kind: str, name: str, value: object, comma: bool) -> float:
    if isinstance(value, Mapping | list | tuple):
        raise Unreadable(name, "must be a number")
    try:
        number = number_of(value, comma)
    except ValueError as error:
        raise Unreadable(name, f"{error}, not {str(value)[:40]!r}") from None
    if number < 0 and kind not in _SIGNED:
        raise Unreadable(name, "must not be negative")
    if kind in _WHOLE and (number != int(number) or number > _MOST_COUNTED):
        raise Unreadable(name, f"must be a whole number up to 10^12, not {str(value)[:40]!r}")
    return number


def _day(cells: Mapping[str, tuple[str, Any]]) -> date | None:
    if "day" not in cells:
        return None
    name, value = cells["day"]
    written = str(value).strip()[:40]
    try:
        # Also a moment such as 2024-01-15T00:00:00Z.
        return datetime.fromisoformat(written).date()
    except ValueError:
        pass
    for form in _DAYS:
        try:
            return datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Unreadable(name, f"must be a day such as 2024-01-15, not {written!r}")


def _text(cells: Mapping[str, tuple[str, Any]], kind: str) -> str | None:
    if kind not in cells:
        return None
    name, value = cells[kind]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = str(value).strip()
    if not storable(written) or len(written) > LINE:
        raise Unreadable(name, f"must be a text of at most {LINE} characters that can be stored")
    return written or None


def _nothing(value: object) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def _told(name: str) -> str:
    """The name of a column as messages and notes may repeat it."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:LINE])


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_COLUMNS: dict[str, str] = {_bare(name): kind for kind, names in _NAMES.items() for name in names}


def names_of(kinds: Sequence[str]) -> str:
    """How Google Ads calls columns, for messages."""
    return ", ".join(_NAMES[kind][0] for kind in kinds)

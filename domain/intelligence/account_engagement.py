"""How engaged a company is, whether that grows, and when its people are reached: from the hours they did something in.

All moments are in UTC (CC-23).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from domain.intelligence.priors import at_least

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WINDOW = timedelta(days=180)
"""How far back engagement counts."""
FEWEST_EVENTS = 20
"""Events below which nothing is concluded from when they happened, and the whole is called thin."""
_HALF_LIFE_DAYS = 30.0
_HALF_SCORE = 2.0
"""Decayed interest at which the overall score is one half: about two replies today. An assumption."""
_MONTH = timedelta(days=30)
_CHANGE, _Z = 0.1, 1.645
"""Relative change and deviations (5 % on one side) from which engagement is told to grow or to shrink."""
_PEAKS, _UNLIKELY = 3, 0.05
"""How many peaks are told, and how likely at most any is told of an even spread."""


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour in which something was noticed: how often, and what the scores add up to."""

    begin: datetime
    events: int
    score: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Where engagement is heading: increasing, stable or decreasing, and by which part of what it was.

    `began` says that there was nothing before to compare with.
    """

    word: str
    change: float
    began: bool = False


STABLE = Trend("stable", 0.0)


def overall_score(hours: Sequence[Hour], now: datetime) -> float:
    """How much interest there is now, a fraction: x / (x + 2), where x adds up scores that halve every 30 days."""
    interest = sum(
        each.score * 0.5 ** (max(0.0, (now - each.begin).total_seconds()) / 86_400 / _HALF_LIFE_DAYS) for each in hours
    )
    return interest / (interest + _HALF_SCORE) if interest > 0 else 0.0


def trend(hours: Sequence[Hour], now: datetime) -> Trend:
    """The scores of the last 30 days against those of the 30 before.

    Stable without at least 20 events in both together, when the change is less than a tenth, and when the numbers of
    events differ by less than 1.645 of their deviation (Poisson: z = (n1 - n2) / sqrt(n1 + n2)). Where there was
    nothing before, the change is told as 1.
    """
    recent = [each for each in hours if each.begin > now - _MONTH]
    before = [each for each in hours if now - 2 * _MONTH < each.begin <= now - _MONTH]
    n1, n2 = sum(each.events for each in recent), sum(each.events for each in before)
    if n1 + n2 < FEWEST_EVENTS:
        return STABLE
    was = sum(each.score for each in before)
    change = (sum(each.score for each in recent) - was) / was if was > 0 else 1.0
    z = (n1 - n2) / sqrt(n1 + n2)
    if change >= _CHANGE and z >= _Z:
        return Trend("increasing", change, began=was <= 0)
    return Trend("decreasing", change) if change <= -_CHANGE and z <= -_Z else Trend("stable", change)


@dataclass(frozen=True, slots=True)
class Peak:
    """A weekday (0 is Monday) or an hour of the day with clearly more events than its share; `part` of all of them."""

    place: int
    part: float


def peak_days(hours: Sequence[Hour]) -> list[Peak]:
    """Weekdays that stand out, the strongest first."""
    return _peaks([(each.begin.weekday(), each.events) for each in hours], 7)


def peak_hours(hours: Sequence[Hour]) -> list[Peak]:
    """Hours of the day that stand out, the strongest first."""
    return _peaks([(each.begin.hour, each.events) for each in hours], 24)


def _peaks(events: Sequence[tuple[int, int]], buckets: int) -> list[Peak]:
    """At most three buckets that stand out, the strongest first; none of few events."""
    counts: dict[int, int] = {}
    for place, count in events:
        counts[place] = counts.get(place, 0) + count
    whole = sum(counts.values())
    if whole < FEWEST_EVENTS:
        return []
    found = [place for place, count in counts.items() if _stands_out(count, whole, buckets)]
    found.sort(key=lambda each: (-counts[each], each))
    return [Peak(place, counts[place] / whole) for place in found[:_PEAKS]]


def _stands_out(count: int, whole: int, buckets: int) -> bool:
    """Whether one of equal buckets holds more than an even spread gives: binomial, 5 % over all of them (Bonferroni).

    One in 24 hours is busier than its share by accident alone nearly always.
    """
    return count * buckets > whole and at_least(count, whole, 1 / buckets) * buckets < _UNLIKELY


def clock(hour: int) -> str:
    """The middle of an hour of the day as a time to write: 2:30 PM."""
    return f"{hour % 12 or 12}:30 {'AM' if hour < 12 else 'PM'}"


def span(hour: int) -> str:
    """An hour of the day as it is written: 10:00-11:00."""
    return f"{hour:02d}:00-{(hour + 1) % 24:02d}:00"

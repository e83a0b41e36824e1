"""Arithmetic of deadlines: when what runs from a day is due, how near it is, and at which distances it is told."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.compliance import NEVER, AlertType
from domain.errors import invalid
from domain.intelligence.law_findings import TimeUnit
from domain.values import Moment, start_of

_SATURDAY = 5
_MOST = {
    TimeUnit.HOUR: 24 * 366 * 100,
    TimeUnit.DAY: 366 * 100,
    TimeUnit.WORKING_DAY: 1_000,
    TimeUnit.WEEK: 53 * 100,
    TimeUnit.MONTH: 1_200,
    TimeUnit.YEAR: 100,
}


@dataclass(frozen=True, slots=True)
class Stage:
    """How near a deadline is: so many days or fewer, or past (0 days); `first` and `last` are the days it holds for."""

    type: AlertType
    days: int
    first: date
    last: date


def due_after(trigger: Moment, count: int, unit: TimeUnit) -> date:
    """The day on which a period ends that runs from a moment; a date stands for its beginning.

    A month ends on the day of the same number, or on the month's last. Working days are Monday to Friday: public
    holidays differ from place to place and are not left out.

    Raises:
        DomainError: INVALID when the end is beyond the calendar.
    """
    if not 0 <= count <= _MOST[unit]:
        raise invalid("count", f"count must be from 0 to {_MOST[unit]} for the unit {unit.value}.")
    try:
        end = _end(start_of(trigger), count, unit)
    except (OverflowError, ValueError):
        end = NEVER
    if end == NEVER:
        raise invalid("triggeredAt", f"triggeredAt must leave the deadline before {NEVER}.")
    return end


def _end(begin: datetime, count: int, unit: TimeUnit) -> date:
    day = begin.date()
    match unit:
        case TimeUnit.HOUR:
            return (begin + timedelta(hours=count)).date()
        case TimeUnit.DAY:
            return day + timedelta(days=count)
        case TimeUnit.WORKING_DAY:
            return _working_days_after(day, count)
        case TimeUnit.WEEK:
            return day + timedelta(weeks=count)
        case TimeUnit.MONTH:
            return _months_after(day, count)
        case TimeUnit.YEAR:
            return _months_after(day, 12 * count)


def stages(today: date, days_before: Sequence[int]) -> list[Stage]:
    """The stages a deadline can be in on a day, the furthest last; no two share a day."""
    found = [Stage(AlertType.OVERDUE, 0, date.min, today - timedelta(days=1))]
    first = today
    for days in sorted({each for each in days_before if each >= 0}):
        last = today + timedelta(days=days)
        found.append(Stage(AlertType.DEADLINE_APPROACHING, days, first, last))
        first = last + timedelta(days=1)
    return found


def stage_of(deadline: date, today: date, days_before: Sequence[int]) -> Stage | None:
    """The stage a deadline is in on a day; None while it is further away than anything that is told."""
    return next((each for each in stages(today, days_before) if each.first <= deadline <= each.last), None)


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def _months_after(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

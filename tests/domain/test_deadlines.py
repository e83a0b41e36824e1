"""When what runs from a day is due, and how near that is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.compliance import AlertType
from domain.deadlines import due_after, stage_of, stages
from domain.errors import DomainError
from domain.intelligence.law_findings import TimeUnit


@pytest.mark.parametrize(
    ("trigger", "count", "unit", "due"),
    [
        (date(2024, 1, 15), 72, TimeUnit.HOUR, date(2024, 1, 18)),
        (datetime(2024, 1, 15, 20, tzinfo=UTC), 3, TimeUnit.HOUR, date(2024, 1, 15)),
        (datetime(2024, 1, 15, 20, tzinfo=UTC), 5, TimeUnit.HOUR, date(2024, 1, 16)),
        (date(2024, 2, 28), 2, TimeUnit.DAY, date(2024, 3, 1)),
        # A Friday, and a Saturday.
        (date(2024, 1, 19), 1, TimeUnit.WORKING_DAY, date(2024, 1, 22)),
        (date(2024, 1, 20), 5, TimeUnit.WORKING_DAY, date(2024, 1, 26)),
        (date(2024, 1, 15), 2, TimeUnit.WEEK, date(2024, 1, 29)),
        (date(2024, 1, 31), 1, TimeUnit.MONTH, date(2024, 2, 29)),
        (date(2023, 12, 31), 2, TimeUnit.MONTH, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, TimeUnit.YEAR, date(2025, 2, 28)),
    ],
)
def test_a_period_ends(trigger, count, unit, due) -> None:
    assert due_after(trigger, count, unit) == due


@pytest.mark.parametrize(
    ("trigger", "count", "unit"),
    [
        (date(9999, 12, 1), 60, TimeUnit.DAY),
        (date(9999, 1, 1), 1, TimeUnit.YEAR),
        (date(2024, 1, 1), 10**9, TimeUnit.DAY),
    ],
)
def test_no_period_ends_beyond_the_calendar(trigger, count, unit) -> None:
    with pytest.raises(DomainError):
        due_after(trigger, count, unit)


def test_every_day_is_in_one_stage_at_most() -> None:
    today = date(2024, 1, 15)
    told = {days: stage_of(today + timedelta(days=days), today, (30, 7, 1)) for days in range(-3, 40)}
    assert {
        days: stage.days for days, stage in told.items() if stage and stage.type is AlertType.DEADLINE_APPROACHING
    } == {
        **dict.fromkeys((0, 1), 1),
        **dict.fromkeys(range(2, 8), 7),
        **dict.fromkeys(range(8, 31), 30),
    }
    assert [days for days, stage in told.items() if stage and stage.type is AlertType.OVERDUE] == [-3, -2, -1]
    assert told[31] is None
    assert [stage.days for stage in stages(today, ())] == [0]

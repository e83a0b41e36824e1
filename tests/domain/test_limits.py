"""Windows of the clock, and the printed limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clients import TIERS
from domain.limits import DOCUMENTED, POINTS_PER_MINUTE, Allowance, LimitGroup, LimitWindow, Standing
from domain.viewer import Dialect

MINUTE, HOUR, MONTH = LimitWindow


@pytest.mark.parametrize(
    ("window", "at", "start", "end"),
    [
        # The moments of the printed examples: a whole minute, a whole hour.
        (MINUTE, "2024-01-15T13:19:45", "2024-01-15T13:19:00", "2024-01-15T13:20:00"),
        (HOUR, "2024-01-15T10:30:00", "2024-01-15T10:00:00", "2024-01-15T11:00:00"),
        (MINUTE, "2024-12-31T23:59:59", "2024-12-31T23:59:00", "2025-01-01T00:00:00"),
        (HOUR, "2024-12-31T23:59:59", "2024-12-31T23:00:00", "2025-01-01T00:00:00"),
        (MONTH, "2024-12-31T23:59:59", "2024-12-01T00:00:00", "2025-01-01T00:00:00"),
        (MONTH, "2024-02-29T12:00:00", "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
        (MONTH, "2024-01-31T00:00:00", "2024-01-01T00:00:00", "2024-02-01T00:00:00"),
        (MINUTE, "2024-01-15T13:20:00", "2024-01-15T13:20:00", "2024-01-15T13:21:00"),
    ],
)
def test_where_a_window_begins_and_ends(window: LimitWindow, at: str, start: str, end: str) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert window.start(now).replace(tzinfo=None).isoformat() == start
    assert window.end(now).replace(tzinfo=None).isoformat() == end


def test_windows_are_those_of_utc_wherever_the_moment_was_told() -> None:
    there = datetime(2024, 1, 1, 5, 15, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert MONTH.start(there) == datetime(2023, 12, 1, tzinfo=UTC)
    assert HOUR.end(there) == datetime(2024, 1, 1, tzinfo=UTC)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(st.sampled_from(LimitWindow), moments)
def test_windows_follow_each_other_without_a_gap(window: LimitWindow, now: datetime) -> None:
    start, end = window.start(now), window.end(now)
    assert start <= now < end
    assert window.start(end) == end
    assert window.start(start) == start
    assert window.start(end - timedelta(seconds=1)) == start


def test_every_tier_of_every_product_has_its_limits_and_every_tier_its_points() -> None:
    for dialect in Dialect:
        assert tuple(DOCUMENTED[dialect]) == TIERS[dialect]
        assert all(allowances[0].group is LimitGroup.API_REQUESTS for allowances in DOCUMENTED[dialect].values())
    assert {tier for tiers in TIERS.values() for tier in tiers} == set(POINTS_PER_MINUTE)


def test_what_remains_is_never_less_than_nothing() -> None:
    standing = Standing(Allowance(LimitGroup.API_REQUESTS, MINUTE, 60), 75, datetime(2024, 1, 1, tzinfo=UTC))
    assert standing.remaining == 0

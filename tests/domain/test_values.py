"""Identifiers, moments, and the sentinel for what was not sent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from domain.ports import SystemClock
from domain.values import ABSENT, end_of, iso, new_id, present, start_of, whole_second
from domain.values import given as was_given

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
bounds = (datetime(2, 1, 1), datetime(9998, 12, 31))  # noqa: DTZ001 - the strategy wants them without a zone
moments = st.datetimes(*bounds, timezones=zones)


def test_identifiers_sort_by_time_of_making_and_never_repeat() -> None:
    made = [new_id("lead") for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"lead_[0-9a-hjkmnp-tv-z]{26}", each) for each in made)


def test_identifiers_are_unique_over_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [new_id("x") for _ in range(2000)], range(8)))
    assert all(batch == sorted(batch) for batch in batches)
    assert len({each for batch in batches for each in batch}) == 16000


def test_identifiers_grow_while_the_clock_stands_still_or_steps_back() -> None:
    before = new_id("x")
    with time_machine.travel(datetime(2001, 1, 1, tzinfo=UTC), tick=False):
        made = [before, *(new_id("x") for _ in range(2000))]
    assert made == sorted(set(made))


_FORKED = """
import os
from domain.values import new_id
new_id("x")
child = os.fork()
os.write(1, new_id("x").encode() + b"\\n")
if child:
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_a_forked_process_draws_identifiers_of_its_own() -> None:
    told = subprocess.run([sys.executable, "-c", _FORKED], capture_output=True, text=True, check=True).stdout.split()
    # The last sixteen digits are random, the others are the time.
    assert len({each[-16:] for each in told}) == 2


@given(moments)
def test_a_moment_is_stored_and_written_in_whole_seconds_of_utc(moment: datetime) -> None:
    stored = whole_second(moment)
    assert stored.microsecond == 0
    assert stored.utcoffset() == timedelta(0)
    assert timedelta(0) <= moment - stored < timedelta(seconds=1)
    assert datetime.fromisoformat(iso(moment)) == stored
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", iso(moment))


def test_the_system_clock_tells_whole_seconds_of_utc() -> None:
    with time_machine.travel(datetime(2024, 1, 15, 14, 30, 5, 999_999, tzinfo=UTC), tick=False):
        assert SystemClock().now() == datetime(2024, 1, 15, 14, 30, 5, tzinfo=UTC)


@given(st.dates(date(2, 1, 1), date(9997, 1, 1)))
def test_a_date_stands_for_its_whole_day(day: date) -> None:
    assert start_of(day) == datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert end_of(day) + timedelta(seconds=1) == start_of(day + timedelta(days=1))


@given(moments)
def test_a_moment_stands_for_itself(moment: datetime) -> None:
    assert start_of(moment) == end_of(moment) == whole_second(moment)


def test_a_moment_without_an_offset_is_utc() -> None:
    assert start_of(datetime.fromisoformat("2024-01-15T14:30:00")) == datetime(2024, 1, 15, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", 0, False])
def test_null_and_empty_were_sent_and_absent_was_not(value: object) -> None:
    assert was_given(value)
    assert present(value, "fallback") == value
    assert not was_given(ABSENT)
    assert present(ABSENT, "fallback") == "fallback"
    assert not ABSENT

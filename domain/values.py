"""Small values every feature shares: the sentinel for absent, identifiers, the clock's grain."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Final, TypeGuard, TypeVar

T = TypeVar("T")


class Absent(Enum):
    """The type of ABSENT."""

    ABSENT = "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent.ABSENT
"""A property the caller did not send; null is a value, absent is not."""


def given(value: T | Absent) -> TypeGuard[T]:
    """Whether the caller sent the property at all."""
    return value is not ABSENT


def present(value: T | Absent, fallback: T) -> T:
    """The value when it was sent, else the fallback."""
    return fallback if isinstance(value, Absent) else value


class ShownOnce(str):
    """A text such as a new key: it is answered once and kept nowhere, also not under an idempotency key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ShownOnce(...)"


_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS: Final = range(120, -1, -10)
_RANDOM_BITS: Final = 80
_RANDOM_BYTES: Final = _RANDOM_BITS // 8
_DRAWN: Final = 256


class _Sequence:
    """Time-ordered 128-bit numbers: 48 bits of milliseconds, 80 random bits that only grow within a millisecond."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._random: Iterator[int] = iter(())

    def next(self) -> int:
        milliseconds = time.time_ns() // 1_000_000
        with self._lock:
            fresh = milliseconds << _RANDOM_BITS | self._drawn()
            # The clock may stand still or step back: later ids must sort later all the same.
            self._last = fresh if fresh > self._last else self._last + 1 + (self._drawn() & 0xFFFF_FFFF)
            return self._last

    def forked(self) -> None:
        """Draw anew: what its parent has drawn ahead is the parent's, as is whoever holds the lock."""
        self._lock, self._random = threading.Lock(), iter(())

    def _drawn(self) -> int:
        drawn = next(self._random, None)
        if drawn is None:
            # The system is asked for many at once: it takes longer than all the rest.
            many = os.urandom(_RANDOM_BYTES * _DRAWN)
            self._random = iter(
                [int.from_bytes(many[at : at + _RANDOM_BYTES]) for at in range(0, len(many), _RANDOM_BYTES)]
            )
            drawn = next(self._random)
        return drawn


_sequence = _Sequence()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_sequence.forked)


def new_id(prefix: str) -> str:
    """A new identifier such as `lead_01k…`: 26 base-32 digits that sort by time of making."""
    number = _sequence.next()
    # Two digits at a time: there are two ids in every request.
    digits = "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
    return f"{prefix}_{digits}"


def whole_second(moment: datetime) -> datetime:
    """The moment in UTC without its fraction: what is stored is what is shown (decision 0005)."""
    return moment.astimezone(UTC).replace(microsecond=0)


def iso(moment: datetime) -> str:
    """`2024-01-15T14:30:00Z`, the one way a moment is written."""
    # Not strftime: some systems write the year 987 with three digits.
    return whole_second(moment).replace(tzinfo=None).isoformat() + "Z"


Moment = datetime | date
"""A date-time, or a date that stands for its whole UTC day (X-11)."""


def start_of(moment: Moment) -> datetime:
    """The first second a moment stands for."""
    if isinstance(moment, datetime):
        return whole_second(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def end_of(moment: Moment) -> datetime:
    """The last second a moment stands for; a date includes its whole day."""
    begin = start_of(moment)
    return begin if isinstance(moment, datetime) else begin + timedelta(days=1, seconds=-1)

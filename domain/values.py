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
_LOW_BITS: Final = 40
_LOW: Final = (1 << _LOW_BITS) - 1
_HIGH_SHIFTS: Final = range(80, -1, -10)
_DRAWN: Final = 512


class _Sequence:
    """Time-ordered 128-bit numbers: 48 bits of milliseconds, 80 random bits that only grow within a millisecond.

    The upper 88 of them are kept as they are written: most numbers differ from the last only below.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._high, self._low, self._digits = 0, _LOW, ""
        self._random: Iterator[int] = iter(())

    def next(self) -> str:
        """The next number in 26 digits."""
        milliseconds = time.time_ns() // 1_000_000
        with self._lock:
            # The clock may stand still or step back: later ids must sort later all the same.
            if milliseconds > self._high >> _LOW_BITS:
                self._begin(milliseconds << _LOW_BITS | self._drawn() & _LOW, self._drawn() & _LOW)
            else:
                low = self._low + 1 + (self._drawn() & 0xFFFF_FFFF)
                if low > _LOW:
                    self._begin(self._high + 1, low & _LOW)
                else:
                    self._low = low
            low, pairs = self._low, _PAIRS
            return (
                f"{self._digits}{pairs[low >> 30]}{pairs[low >> 20 & 1023]}{pairs[low >> 10 & 1023]}{pairs[low & 1023]}"
            )

    def forked(self) -> None:
        """Draw anew: what its parent has drawn ahead is the parent's, as is whoever holds the lock."""
        self._lock, self._random = threading.Lock(), iter(())
        # Both go on from where they parted: far apart, they do not meet within the millisecond.
        self._begin(self._high + 1 + (self._drawn() & 0xFFFF_FFFF), self._drawn() & _LOW)

    def _begin(self, high: int, low: int) -> None:
        self._high, self._low = high, low
        self._digits = "".join([_PAIRS[high >> shift & 1023] for shift in _HIGH_SHIFTS])

    def _drawn(self) -> int:
        """64 random bits."""
        drawn = next(self._random, None)
        if drawn is None:
            # The system is asked for many at once: it takes longer than all the rest.
            self._random = iter(memoryview(os.urandom(8 * _DRAWN)).cast("Q"))
            drawn = next(self._random)
        return drawn


_sequence = _Sequence()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_sequence.forked)


def new_id(prefix: str) -> str:
    """A new identifier such as `lead_01k…`: 26 base-32 digits that sort by time of making."""
    return f"{prefix}_{_sequence.next()}"


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

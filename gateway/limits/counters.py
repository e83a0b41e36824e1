"""What has been used of each window: the contract of those who count, and the count of one process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.limits import Allowance, LimitGroup, LimitWindow


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a charge that one window bears; an amount of 0 only looks."""

    allowance: Allowance
    amount: int
    starts_at: datetime
    ends_at: datetime

    def exceeds(self, used: int) -> bool:
        """Whether it does not fit beside what is used."""
        return used + self.amount > self.allowance.limit


@dataclass(frozen=True, slots=True)
class Tally:
    """Whether a charge was counted, and what is used of each of its windows now."""

    counted: bool
    used: tuple[int, ...]


class Counters(Protocol):
    """Counts per subject, group and window."""

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit."""
        ...


Counter = tuple[str, LimitGroup]


@dataclass(slots=True)
class _Running:
    """The window of one length that runs now, with everything used in it."""

    starts_at: datetime
    used: OrderedDict[Counter, int]


class MemoryCounters:
    """Counts in this process. A window that is over is dropped whole; of the running ones `most` counters are kept.

    Nothing awaits between looking and counting, so calls at the same time cannot take the same unit twice.
    """

    def __init__(self, most: int) -> None:
        """Keep at most that many counters a window; beyond, those that were begun first are forgotten."""
        self._most = most
        self._windows: dict[LimitWindow, _Running] = {}

    def __len__(self) -> int:
        return sum(len(running.used) for running in self._windows.values())

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit."""
        before = [self._running(share).get((subject, share.allowance.group), 0) for share in shares]
        if any(share.exceeds(used) for share, used in zip(shares, before, strict=True)):
            return Tally(False, tuple(before))
        after = tuple(used + share.amount for share, used in zip(shares, before, strict=True))
        self.learn(subject, shares, after)
        return Tally(True, after)

    def learn(self, subject: str, shares: Sequence[Share], used: Sequence[int]) -> None:
        """Take over what is used of these windows, as counted here or elsewhere."""
        for share, known in zip(shares, used, strict=True):
            if known:
                running = self._running(share)
                running[subject, share.allowance.group] = known
                if len(running) > self._most:
                    running.popitem(last=False)

    def _running(self, share: Share) -> OrderedDict[Counter, int]:
        window = share.allowance.window
        running = self._windows.get(window)
        if running is None or running.starts_at != share.starts_at:
            running = self._windows[window] = _Running(share.starts_at, OrderedDict())
        return running.used

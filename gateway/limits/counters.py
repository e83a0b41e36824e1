"""What has been used of each window: the contract of those who count, and the count of one process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from domain.limits import Allowance, LimitGroup, LimitWindow


class Share(NamedTuple):
    """The part of a charge that one window bears; an amount of 0 only looks, one below gives back."""

    allowance: Allowance
    amount: int
    starts_at: datetime
    ends_at: datetime

    def exceeds(self, used: int) -> bool:
        """Whether it does not fit beside what is used."""
        return self.amount > 0 and used + self.amount > self.allowance.limit


class Tally(NamedTuple):
    """Whether a charge was counted, and what is used of each of its windows now."""

    counted: bool
    used: tuple[int, ...]


class Counters(Protocol):
    """Counts per subject, group and window."""

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit."""
        ...

    async def run(self) -> None:
        """Look after where it counts, beside the requests; returns when there is nothing to look after."""
        ...

    async def close(self) -> None:
        """Let go of where it counts."""
        ...


class Unreachable(Exception):
    """What counts for several processes did not count; the message says why."""


class SharedCounters(Protocol):
    """Counts for several processes, somewhere outside of them."""

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit.

        Raises:
            Unreachable: it may have been counted all the same.
        """
        ...

    async def probe(self) -> None:
        """Count something nobody asks for, to see whether it can be done.

        Raises:
            Unreachable: it cannot.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


Used = OrderedDict[tuple[str, LimitGroup], int]
"""What each subject has used of each group, in one window; in the order in which the counters were begun."""

_WINDOWS_KEPT = 2
"""The running window, and the one before for charges that are late or for a clock that was put back."""


class MemoryCounters:
    """Counts in this process. Windows that are over are dropped whole; of one window `most` counters are kept.

    Nothing awaits between looking and counting, so calls at the same time cannot take the same unit twice.
    """

    def __init__(self, most: int) -> None:
        """Keep at most that many counters a window; beyond, those that were begun first are forgotten."""
        self._most = most
        self._windows: dict[LimitWindow, dict[datetime, Used]] = {window: {} for window in LimitWindow}

    def __len__(self) -> int:
        return sum(len(used) for kept in self._windows.values() for used in kept.values())

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit."""
        found: list[tuple[Used, tuple[str, LimitGroup], int, int]] = []
        for share in shares:
            counters, counter = self._used_in(share), (subject, share.allowance.group)
            used = counters.get(counter, 0)
            if share.exceeds(used):
                return Tally(
                    False, tuple([self._used_in(each).get((subject, each.allowance.group), 0) for each in shares])
                )
            found.append((counters, counter, used, max(0, used + share.amount)))
        for counters, counter, before, after in found:
            if after != before:
                self._set(counters, counter, after)
        return Tally(True, tuple([after for _, _, _, after in found]))

    def add(self, subject: str, allowance: Allowance, starts_at: datetime, amount: int) -> int | None:
        """Count one share of a counter that runs already; what is used then, None where only `take` can tell."""
        counters, counter = self._windows[allowance.window].get(starts_at), (subject, allowance.group)
        if counters is None or counter not in counters:
            return None
        used = counters[counter] + amount
        if used > allowance.limit:
            return None
        counters[counter] = used
        return used

    def add_all(
        self, subject: str, allowances: Sequence[Allowance], starts_at: Sequence[datetime], amount: int
    ) -> Sequence[int] | None:
        """The same for a share in each of several windows, all of them or none."""
        found: list[tuple[Used, tuple[str, LimitGroup], int]] = []
        for allowance, begun in zip(allowances, starts_at, strict=True):
            counters, counter = self._windows[allowance.window].get(begun), (subject, allowance.group)
            if counters is None or counter not in counters:
                return None
            used = counters[counter] + amount
            if used > allowance.limit:
                return None
            found.append((counters, counter, used))
        for counters, counter, used in found:
            counters[counter] = used
        return [used for _, _, used in found]

    async def run(self) -> None:
        """Nothing to look after: windows are dropped by the charges of later ones."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def learn(self, subject: str, shares: Sequence[Share], used: Sequence[int]) -> None:
        """Take over what is used of these windows, as counted here or elsewhere; a count never falls."""
        for share, known in zip(shares, used, strict=True):
            counters, counter = self._used_in(share), (subject, share.allowance.group)
            if known > counters.get(counter, 0):
                self._set(counters, counter, known)

    def _set(self, counters: Used, counter: tuple[str, LimitGroup], used: int) -> None:
        counters[counter] = used
        if len(counters) > self._most:
            counters.popitem(last=False)

    def _used_in(self, share: Share) -> Used:
        kept = self._windows[share.allowance.window]
        counters = kept.get(share.starts_at)
        if counters is None:
            counters = kept[share.starts_at] = OrderedDict()
            if len(kept) > _WINDOWS_KEPT:
                del kept[next(iter(kept))]
        return counters

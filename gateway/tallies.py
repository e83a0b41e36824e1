"""Counts of what this process has served, kept where adding costs next to nothing; metrics read them when asked."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter

from domain.audit import Door, Outcome
from gateway.calls import CallRecord

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the classes of durations: from a cached answer to the longest operation the defaults allow."""
OTHER = "other"
"""The route of what has none of its own."""

_MOST_ROUTES = 500
"""More than there are; what a client may invent, such as a method, must not add up in memory."""
_KINDS = frozenset({"query", "mutation", "subscription"})
_TOO_MANY = 429
_LIMITED = frozenset({"RATE_LIMITED", "QUOTA_EXCEEDED"})

Route = tuple[Door | None, str, int]
"""Door, route template and the first digit of the status; 0 where nobody waited for one."""


class Durations:
    """How long things took: how many in each class of `SECONDS` and beyond, and how long together."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(SECONDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more took so long."""
        self.seconds += seconds
        self.counts[bisect_left(SECONDS, seconds)] += 1


class Timings:
    """How long things of one kind took, by what became of them; outcomes come from the code alone."""

    def __init__(self) -> None:
        self.by_outcome: dict[str, Durations] = {}

    def note(self, outcome: str, seconds: float) -> None:
        """One more is over."""
        self.by_outcome.setdefault(outcome, Durations()).add(seconds)


class Tallies:
    """Calls by door, route and status; GraphQL operations by kind and outcome, with their points."""

    def __init__(self) -> None:
        self.requests: dict[Route, Durations] = {}
        self.operations: Counter[tuple[str, Outcome]] = Counter()
        self.points: Counter[str] = Counter()
        self.limited: Counter[Door] = Counter()

    def request(self, call: CallRecord) -> None:
        """An HTTP request was answered, or its stream opened."""
        door = call.door
        if door is Door.GRAPHQL:
            route = "/graphql"
            self.operation(call)
        else:
            route = OTHER if door is None else call.operation
            if call.status == _TOO_MANY and door is not None:
                self.limited[door] += 1
        key = (door, route, (call.status or 0) // 100)
        durations = self.requests.get(key)
        if durations is None:
            durations = self._fresh(key)
        durations.add(time.perf_counter() - call.began)

    def operation(self, call: CallRecord) -> None:
        """An operation is over, by whichever way it came, or its stream is open."""
        if call.code in _LIMITED and call.door is not None:
            self.limited[call.door] += 1
        if call.door is not Door.GRAPHQL:
            return
        kind = call.operation.partition(" ")[0]
        if kind not in _KINDS:
            # Nothing that could be read, such as a document that is none, or the opening of a socket.
            kind = OTHER
        self.operations[kind, call.outcome] += 1
        if call.cost:
            self.points[kind] += call.cost

    def _fresh(self, key: Route) -> Durations:
        if len(self.requests) >= _MOST_ROUTES:
            key = (key[0], OTHER, key[2])
        return self.requests.setdefault(key, Durations())

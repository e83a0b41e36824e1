"""What became of compiled operations, counted where it costs next to nothing; metrics read it when asked."""

from __future__ import annotations

from collections import Counter

COMPILED = "compiled"
"""The outcome of an operation that was answered as compiled; any other is the reason why graphql-core ran it."""
OTHER = "other"
"""The reason of all that come after the first many."""

_MOST_REASONS = 50
"""Reasons come from the code alone; one that named what a client has sent must not add up in memory."""


class Outcomes:
    """Operations by what became of them, and what came of running some of them twice."""

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self.shadows: Counter[str] = Counter()

    def note(self, outcome: str = COMPILED) -> None:
        """One more operation was compiled, or left to graphql-core for this reason."""
        if outcome not in self.operations and len(self.operations) >= _MOST_REASONS:
            outcome = OTHER
        self.operations[outcome] += 1

"""How much of a legal text is looked at closely: enough for any law, and little enough for any text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

Candidate = TypeVar("Candidate")
MOST_CANDIDATES = 10_000


class Budget:
    """At most so many periods, dates, amounts and shares are judged, each kind for itself."""

    def __init__(self, most: int = MOST_CANDIDATES) -> None:
        self.most = most
        self.exceeded = False

    def take(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The first candidates; whether there were more is remembered."""
        for number, candidate in enumerate(candidates):
            if number >= self.most:
                self.exceeded = True
                return
            yield candidate

"""Totals of lists, counted once per state of an organization.

Counting grows with the table, and page-number clients ask for the total with every page. Every write records an
event in its own transaction, so the number of an organization's newest event names the state its rows are in: a total
counted in that state holds until the next event, exactly.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

_REMEMBERED = 2_000


class Totals:
    """The totals counted last, by list and state; the least used are forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, tuple[int, int]] = OrderedDict()

    def get(self, listing: Hashable, state: int) -> int | None:
        """The total of a list in a state, if it was counted."""
        counted_in, total = self._known.get(listing, (-1, 0))
        if counted_in != state:
            return None
        self._known.move_to_end(listing)
        return total

    def put(self, listing: Hashable, state: int, total: int) -> None:
        """Remember a total; of a list only the newest state matters."""
        self._known[listing] = (state, total)
        self._known.move_to_end(listing)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

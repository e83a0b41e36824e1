"""Relations to rows that share something with their parents: one statement for everything the parents share.

Parents that share a value share its rows, so the work grows with the different values, never with the parents.
"""

from __future__ import annotations

import heapq
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, union_all

from resolvers.reads import Listing, Statement, ToMatching
from schema.engine.paging import Slice
from schema.engine.rows import Page, Row

_PART = "part_"
_AT_ONCE = 64
"""Parts of one statement; databases take more, but every size of statement has to be compiled once."""

Run = Callable[[Statement], Awaitable[Sequence[Any]]]
Part = Hashable


@dataclass(frozen=True, slots=True)
class Matching:
    """A page of children for each parent: what they are matched by, in which order, which piece of each list."""

    to: ToMatching
    listing: Listing
    piece: Slice
    run: Run

    async def rows(self, parts: Sequence[Part], columns: dict[str, Any], entity: Any) -> dict[Part, list[Row]]:
        """The first rows of every part, as many as a page may need of it."""
        found: dict[Part, list[Row]] = {part: [] for part in parts}
        names = list(columns)
        labelled = [expression.label(name) for name, expression in columns.items()]
        confined = self.piece.confine(self.listing)
        for some in _chunks(parts):
            pieces = [self._piece(confined, labelled, number, part) for number, part in enumerate(some)]
            for number, *values in await self.run(_together(pieces)):
                found[some[number]].append(Row(entity, dict(zip(names, values, strict=True))))
        return found

    async def totals(self, parts: Sequence[Part]) -> dict[Part, int]:
        """How many rows every part has."""
        found: dict[Part, int] = {}
        for some in _chunks(parts):
            counted = [
                self.listing.statement.where(self.to.match(part)).with_only_columns(
                    literal(number), func.count(), maintain_column_froms=True
                )
                for number, part in enumerate(some)
            ]
            found |= {some[number]: count for number, count in await self.run(_together(counted))}
        return found

    def page(self, own: Sequence[Part], rows: dict[Part, list[Row]], totals: dict[Part, int] | None) -> Page:
        """One parent's page: the rows of its parts, put together in the order of the list."""
        order, piece = self.listing.order, self.piece
        backwards = order.descending is not piece.backward
        merged = heapq.merge(
            *(rows.get(part, []) for part in own),
            key=lambda row: (row.values[order.column.key], row.values["id"]),
            reverse=backwards,
        )
        wanted = list(merged)[piece.offset : piece.offset + piece.size + 1]
        return piece.page(wanted, order, sum(totals[part] for part in own) if totals is not None else None)

    def _piece(self, confined: Any, labelled: list[Any], number: int, part: Part) -> Any:
        ordered = confined.where(self.to.match(part)).order_by(*self.piece.order(self.listing.order))
        limited = ordered.limit(self.piece.offset + self.piece.size + 1)
        return limited.with_only_columns(literal(number).label(_PART), *labelled, maintain_column_froms=True)


def _together(pieces: list[Any]) -> Any:
    """Several statements as one; each keeps its own order and limit inside."""
    if len(pieces) == 1:
        return pieces[0]
    return union_all(*(select(piece.subquery()) for piece in pieces))


def _chunks(parts: Sequence[Part]) -> list[Sequence[Part]]:
    return [parts[start : start + _AT_ONCE] for start in range(0, len(parts), _AT_ONCE)]

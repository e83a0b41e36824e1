"""Relations to rows that share something with their parents: the rows of many shared values are read by one statement.

Parents that share a value share its rows, so the work grows with the different values, never with the parents.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Text, column, func, literal, select, union_all

from resolvers.reads import Listing, Run, ToMatching
from schema.engine.paging import Slice
from schema.engine.rows import Page, Row

_SIZES = (1, 4, 16, 64)
"""How many parts a statement has. Each size is compiled once, on the event loop, so there are few; the largest holds
all jurisdictions that concern a campaign in the whole USA.
"""
_BLANK = -1
"""The number of a part that only fills a statement up to its size: it has no rows, and nothing is looked up for it."""
_NUMBER, _ID, _COUNT = column("number_", Integer), column("id_", Text), column("count_", Integer)

Part = Hashable


@dataclass(frozen=True, slots=True)
class Matching:
    """A page of children for each parent: what they are matched by, in which order, which piece of each list."""

    to: ToMatching
    listing: Listing
    piece: Slice
    run: Run

    async def rows(self, parts: Sequence[Part], columns: dict[str, Any], entity: Any) -> dict[Part, list[Row]]:
        """The first rows of every part, as many as a page may need of it; in no order."""
        found: dict[Part, list[Row]] = {part: [] for part in parts}
        names = list(columns)
        labelled = [expression.label(name) for name, expression in columns.items()]
        order, size = self.piece.order(self.listing.order), self.piece.offset + self.piece.size + self.piece.ahead
        confined = self.piece.confine(self.listing).order_by(*order).limit(size)
        for some in _filled(parts):
            # What is asked for stands outside, once: inside it would have to be compiled for every part.
            ids = _together([self._of(part, number, confined, entity.id, _ID) for number, part in some], _ID)
            statement = select(ids.c[0], *labelled).join(entity, entity.id == ids.c[1])
            for number, *values in await self.run(statement):
                found[parts[number]].append(Row(entity, dict(zip(names, values, strict=True))))
        return found

    async def totals(self, parts: Sequence[Part]) -> dict[Part, int]:
        """How many rows every part has."""
        found: dict[Part, int] = {}
        for some in _filled(parts):
            statement = self.listing.statement
            pieces = [self._of(part, number, statement, func.count(), _COUNT) for number, part in some]
            rows = await self.run(select(*_together(pieces, _COUNT).c))
            found |= {parts[number]: count for number, count in rows if number != _BLANK}
        return found

    def page(self, own: Sequence[Part], rows: dict[Part, list[Row]], totals: dict[Part, int] | None) -> Page:
        """One parent's page: the rows of its parts, put together in the order of the list."""
        order, piece = self.listing.order, self.piece
        merged = sorted(
            (row for part in own for row in rows.get(part, ())),
            key=lambda row: (row.values[order.column.key], row.values["id"]),
            reverse=order.descending is not piece.backward,
        )
        wanted = merged[piece.offset : piece.offset + piece.size + piece.ahead]
        return piece.page(wanted, order, sum(totals[part] for part in own) if totals is not None else None)

    def _of(self, part: Part, number: int, statement: Any, wanted: Any, name: Any) -> Any:
        own = statement.where(self.to.match(part), literal(number) != _BLANK)
        told = (literal(number).label(_NUMBER.name), wanted.label(name.name))
        return own.with_only_columns(*told, maintain_column_froms=True)


def _together(pieces: Sequence[Any], name: Any) -> Any:
    """Several statements as one table; each keeps its own order and limit inside."""
    return union_all(*(select(_NUMBER, name).select_from(piece.subquery()) for piece in pieces)).subquery()


def _filled(parts: Sequence[Part]) -> Iterator[list[tuple[int, Part]]]:
    """The parts with their numbers, as many together as a statement has."""
    for start in range(0, len(parts), _SIZES[-1]):
        some = list(enumerate(parts[start : start + _SIZES[-1]], start))
        size = next(each for each in _SIZES if each >= len(some))
        yield some + [(_BLANK, some[-1][1])] * (size - len(some))

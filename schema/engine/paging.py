"""Relay pages, and offsets for page-number clients, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, tuple_

from domain.errors import invalid
from resolvers import cursors
from resolvers.reads import Listing, Order, Statement
from schema.context import Context
from schema.engine.rows import Page, Row


@dataclass(frozen=True, slots=True)
class Slice:
    """Which piece of a list is wanted.

    `ahead` is how many rows are looked for beyond its size: one tells whether there are others, where that is asked.
    """

    size: int
    backward: bool
    after: str | None
    before: str | None
    offset: int
    ahead: int = 1

    def order(self, order: Order, table: Any = None) -> list[Any]:
        """The columns to sort by, or those that a table calls the same; the other way round for a page from the end."""
        descending = order.descending is not self.backward
        columns = [column if table is None else table[column.key] for column in _columns(order)]
        return [column.desc() if descending else column.asc() for column in columns]

    def confine(self, listing: Listing) -> Statement:
        """The listing's statement between the cursors; what was inserted meanwhile moves nothing."""
        statement, order = listing.statement, listing.order
        if self.after is not None:
            statement = statement.where(_beyond(order, self.place(order, "after"), order.descending))
        if self.before is not None:
            statement = statement.where(_beyond(order, self.place(order, "before"), not order.descending))
        return statement

    def place(self, order: Order, argument: str) -> tuple[Any, ...]:
        """What a row is compared with to lie beyond a cursor.

        Raises:
            DomainError: INVALID when the cursor is none of this order.
        """
        return place_of(order, getattr(self, argument), argument)

    def page(self, found: Sequence[Row], order: Order, total: int | None) -> Page:
        """The page made of what was found, and of what was looked for beyond its size."""
        more, nodes = len(found) > self.size, list(found[: self.size])
        if self.backward:
            nodes.reverse()
            return Page(nodes, order, self.before is not None, more, total)
        return Page(nodes, order, more, self.after is not None or self.offset > 0, total)


def slice_of(context: Context, arguments: dict[str, Any], *, ahead: bool) -> Slice:
    """The slice that arguments ask for; takes the paging arguments out of them.

    `ahead`: it is asked whether there are rows beyond it.

    Raises:
        DomainError: INVALID naming the argument that is out of bounds or contradicts another.
    """
    first, last = arguments.pop("first", None), arguments.pop("last", None)
    after, before = arguments.pop("after", None), arguments.pop("before", None)
    offset = arguments.pop("offset", None) or 0
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 0 <= value <= context.most_rows:
            raise invalid(name, f"{name} must be from 0 to {context.most_rows}.")
    if first is not None and last is not None:
        raise invalid("last", "first and last cannot be used together.")
    if not 0 <= offset <= context.deepest_offset:
        raise invalid("offset", f"offset must be from 0 to {context.deepest_offset}.")
    if offset and (after is not None or before is not None or last is not None):
        raise invalid("offset", "offset cannot be used together with after, before or last.")
    size = last if last is not None else first if first is not None else context.usual_rows
    return Slice(size, last is not None, after, before, offset, int(ahead))


def rank(order: Order, wanted: Slice, parent_id: Any) -> Any:
    """The place of a row among the children of its parent, from one."""
    return func.row_number().over(partition_by=parent_id, order_by=wanted.order(order))


def _columns(order: Order) -> list[Any]:
    entity = order.column.class_
    return [order.column] if order.unique else [order.column, entity.id]


def place_of(order: Order, cursor: str, argument: str) -> tuple[Any, ...]:
    """The values behind a cursor of an order; `argument` is how it came.

    Raises:
        DomainError: INVALID when it is no cursor of this order.
    """
    if order.unique:
        return (cursors.sequence_of(cursor, argument),)
    return cursors.keys_of(cursor, order.name, order.column.type.python_type, argument)


def _beyond(order: Order, place: tuple[Any, ...], descending: bool) -> Any:
    columns = _columns(order)
    if len(columns) == 1:
        return columns[0] < place[0] if descending else columns[0] > place[0]
    here, there = tuple_(*columns), tuple_(*place, types=[column.type for column in columns])
    return here < there if descending else here > there

"""Pages and totals of listings as SQL; those that come in parts are read part by part and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Integer, cast, func, inspect, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from resolvers.reads import Listing, Parts, Statement
from schema.engine.paging import Slice

_COUNT = "count_"


@dataclass(frozen=True, slots=True)
class Parents:
    """Whose rows are wanted: the column that names parents, and their ids."""

    column: InstrumentedAttribute[Any]
    ids: Sequence[str]

    def have(self, column: Any) -> Any:
        """The condition that a column names one of them."""
        return column == self.ids[0] if len(self.ids) == 1 else column.in_(self.ids)


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of a listing, of one parent's rows where it is named; what is selected is said last."""

    listing: Listing
    piece: Slice
    of: Parents | None = None

    def selecting(self, columns: dict[str, Any]) -> Statement:
        """The page's statement: one row more than its size, where it is asked whether there are others."""
        listing, piece, order = self.listing, self.piece, self.listing.order
        size, offset = piece.size + piece.ahead, piece.offset or None
        # What comes in parts is sorted again when it is put together; nobody is told what by, unless it is asked for.
        placed = {order.column.key: order.column} | columns
        if listing.parts is not None:
            firsts = [self._first(listing.parts, part, placed, piece.offset + size) for part in listing.parts.paged]
        elif listing.ways is not None:
            firsts = [self._sorted(way, placed).limit(piece.offset + size) for way in listing.ways.paged]
        else:
            return self._sorted(listing.statement, columns).offset(offset).limit(size)
        together = union_all(*(select(each.subquery()) for each in firsts)).subquery()
        selected = select(*(together.c[name] for name in columns))
        return selected.order_by(*piece.order(order, together.c)).offset(offset).limit(size)

    def _sorted(self, statement: Statement, columns: dict[str, Any]) -> Statement:
        order = self.listing.order
        confined = self.piece.confine(Listing(statement, order))
        return _narrowed(confined, order.column.class_, columns, self.of).order_by(*self.piece.order(order))

    def _first(self, parts: Parts, part: Any, columns: dict[str, Any], size: int) -> Statement:
        order = replace(self.listing.order, column=_in(part, self.listing.order.column))
        confined = self.piece.confine(Listing(parts.statement(part), order))
        own = {name: _in(part, column) for name, column in columns.items()}
        return _narrowed(confined, part, own, self.of).order_by(*self.piece.order(order)).limit(size)


def counting(listing: Listing, of: Parents | None = None) -> Statement:
    """How many rows a listing has, in all or per parent."""
    parts, entity = listing.parts, listing.order.column.class_
    if parts is not None:
        counted = [_counted(parts.statement(part), part, of) for part in parts.counted]
    elif listing.ways is not None:
        counted = [_counted(way, entity, of) for way in listing.ways.counted]
    else:
        return _counted(listing.statement, entity, of)
    counts = union_all(*counted).subquery()
    # PostgreSQL adds counts up to a number of another kind.
    total = cast(func.sum(counts.c[_COUNT]), Integer)
    if of is None:
        return select(total)
    parent = counts.c[of.column.key]
    return select(parent, total).group_by(parent)


def _counted(statement: Statement, entity: Any, of: Parents | None) -> Statement:
    if of is None:
        return _narrowed(statement, entity, {_COUNT: func.count()}, None)
    parent = _in(entity, of.column)
    return _narrowed(statement, entity, {of.column.key: parent, _COUNT: func.count()}, of).group_by(parent)


def _narrowed(statement: Statement, entity: Any, columns: dict[str, Any], of: Parents | None) -> Statement:
    if of is not None:
        statement = statement.where(of.have(_in(entity, of.column)))
    return narrow(statement, columns)


def narrow(statement: Statement, columns: dict[str, Any]) -> Statement:
    """A statement that selects expressions by the names their values get, and nothing else."""
    labelled = [expression.label(name) for name, expression in columns.items()]
    return statement.with_only_columns(*labelled, maintain_column_froms=True)


def _in(entity: Any, column: Any) -> Any:
    """The same column of a part; one of another table stays what it is."""
    own = isinstance(column, InstrumentedAttribute) and column.class_ is inspect(entity).mapper.class_
    return getattr(entity, column.key) if own else column

"""Pages of a list as they are written: what was found, cut to its size, with cursors where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from re import sub
from typing import Any

from sqlalchemy import Text

from resolvers import cursors
from resolvers.reads import Order
from schema.compiled.arguments import Given
from schema.compiled.composing import Composer, Run, Unsupported
from schema.compiled.levels import Level, Raw
from schema.compiled.marks import WHOLE, Marks, Positive
from schema.compiled.respelling import Respelling
from schema.compiled.writing import Rows, Written
from schema.engine.paging import Slice, place_of, slice_of
from schema.engine.plan import AHEAD, Details, FieldPlan

_MOST_CURSORS = 64
_PLACES = 3
"""Extras of a page's statement: its size, its offset, the ids of parents; then what is behind its cursors."""


class MarkedSlice(Slice):
    """A piece of a list whose size, offset and cursors are still to come."""

    __slots__ = ("marks",)
    marks: Marks

    def __init__(self, piece: Slice, marks: Marks) -> None:
        values: dict[str, Any] = {each.name: getattr(piece, each.name) for each in fields(Slice)}
        values["size"] = Positive(marks, "x[0]", frozenset(("x[0]",)), WHOLE)
        if piece.offset:
            values["offset"] = Positive(marks, "x[1]", frozenset(("x[1]",)), WHOLE)
        for name, value in (*values.items(), ("marks", marks)):
            object.__setattr__(self, name, value)

    def place(self, order: Order, argument: str) -> tuple[Any, ...]:
        """Marks for what is behind a cursor."""
        first = _PLACES + (_width(order) if argument == "before" and self.after is not None else 0)
        types = [order.column.type] if order.unique else [order.column.type, Text()]
        return tuple(self.marks.of(f"x[{first + number}]", "", type_) for number, type_ in enumerate(types))


def _width(order: Order) -> int:
    return 1 if order.unique else 2


def piece_of(run: Run, given: Given, *, ahead: bool) -> Slice:
    """The piece of a list that arguments ask for; `ahead` is the same for all calls of a field.

    Raises:
        DomainError: INVALID for arguments out of bounds.
    """
    context = run.context
    known = given.pieces.get(given.paging)
    if known is not None and known[0] is context.pages and known[1] is context.trusted:
        piece: Slice = known[2]
        return piece
    piece = slice_of(context, dict(given.paging), ahead=ahead)
    given.pieces[given.paging] = context.pages, context.trusted, piece
    return piece


def extras_of(piece: Slice, ids: Any = None) -> list[Any]:
    """What a page's statement is told besides arguments, but for its cursors."""
    return [piece.size, piece.offset, ids]


def variant_of(piece: Slice) -> tuple[bool, ...]:
    """What of a piece decides how its statement looks."""
    return (piece.backward, piece.after is None, piece.before is None, not piece.offset)


def add_places(extras: list[Any], piece: Slice, order: Order) -> None:
    """Put what is behind the cursors where a statement looks for it.

    Raises:
        DomainError: INVALID for a cursor of another list.
    """
    for argument in ("after", "before"):
        cursor = getattr(piece, argument)
        if cursor is not None:
            extras.extend(place_of(order, cursor, argument))


class Cursor:
    """How the places of rows in an order are told."""

    __slots__ = ("_name", "_place", "_process", "_unique", "order")

    def __init__(self, order: Order, place: int, process: Callable[[Any], Any] | None) -> None:
        """`place` is where rows have the value they are sorted by, which `process` makes of a raw one."""
        self.order = order
        self._name, self._unique = order.name, order.unique
        self._place, self._process = place, process

    def __call__(self, row: Sequence[Any]) -> str:
        """The place of a row."""
        value = self.value(row)
        return cursors.place(value) if self._unique else cursors.keys(self._name, value, row[0])

    def value(self, row: Sequence[Any]) -> Any:
        """What a row is sorted by.

        Raises:
            Exception: for a raw value that stands for nothing.
        """
        return self._process(row[self._place]) if self._process else row[self._place]


class PageWriter:
    """Writes the pages of one field; its level writes the rows."""

    def __init__(self, composer: Composer, plan: FieldPlan, details: Details, shape: Respelling | None) -> None:
        connection, node = composer.rooms.plans.page_parts(plan)
        self.node = node
        self.selections: list[tuple[Details, Respelling | None]] = []
        self.total = False
        self.ahead = False
        """Whether it is asked if there are rows beyond a page."""
        self.level: Level
        self.together: Written | None = None
        """Writes pages of many parents at once, where there is nothing in them but rows and totals."""
        self._composer = composer
        self._places = False
        self._cursors: dict[int, Cursor] = {}
        self._asked: set[str] = set()
        names: dict[str, Any] = {}
        only = f"[{shape.only!r}]" if shape is not None and shape.only else ""
        self._code = self._object(connection, details, shape) + only
        self.needs_rows = self._asked != {"total_count"}
        code = sub("\0([0-9]+)", r"w[\1]", self._code).replace("\1", "total")
        source = f"def write(rows, w, has_next, has_previous, total, cursor):\n    return {code}\n"
        exec(source, names)  # noqa: S102 - made of response keys, quoted, and our own names alone
        self._write: Callable[..., Any] = names["write"]

    def settle(self, level: Level) -> None:
        """Have a level write the rows, which is made of the selections found here."""
        self.level = level
        if self._asked <= {"nodes", "total_count"} and len(self.selections) == 1:
            code = self._code.replace("\1", "t.get(p, 0)")
            self.together = level.writers[0].paged(lambda rows: code.replace("\0" + "0", rows))

    def _object(self, type_: Any, details: Details, shape: Respelling | None) -> str:
        entries = []
        for key, asked in self._composer.fields(type_.graphql, details):
            name = asked[0].node.name.value
            part = shape.fields.get(key) if shape is not None else None
            entries.append(f"{key!r}: {self._part(type_, name, asked, part)}")
        return f"{{{', '.join(entries)}}}"

    def _part(self, type_: Any, name: str, asked: Details, shape: Respelling | None) -> str:
        if name == "__typename":
            return repr(type_.graphql.name)
        plan = type_.fields.get(name)
        if plan is None:
            raise Unsupported(f"{type_.graphql.name}.{name}")
        self._asked.add(plan.name)
        if plan.name == "total_count":
            self.total = True
            return "\1"
        item = shape.item if shape is not None else None
        if plan.name == "nodes":
            return f"\0{self._selection(asked, item)}"
        if plan.name == "edges":
            return self._edges(plan, asked, item)
        if plan.name == "page_info":
            return self._info(plan, asked)
        raise Unsupported(f"{type_.graphql.name}.{name}")

    def _selection(self, asked: Details, shape: Respelling | None) -> int:
        self.selections.append((asked, shape))
        return len(self.selections) - 1

    def _edges(self, plan: FieldPlan, asked: Details, shape: Respelling | None) -> str:
        edge = self._composer.rooms.plans.types[plan.target or ""]
        entries, used = [], []
        for key, below in self._composer.fields(edge.graphql, asked):
            name = below[0].node.name.value
            part = shape.fields.get(key) if shape is not None else None
            if name == "__typename":
                code = repr(edge.graphql.name)
            elif edge.fields[name].name == "cursor":
                self._places = True
                code = "cursor(r)"
            else:
                used.append(self._selection(below, part))
                code = f"n{used[-1]}"
            entries.append(f"{key!r}: {code}")
        sources = "".join(f", \0{number}" for number in used)
        targets = "".join(f", n{number}" for number in used)
        return f"[{{{', '.join(entries)}}} for r{targets or ','} in zip(rows{sources})]"

    def _info(self, plan: FieldPlan, asked: Details) -> str:
        type_ = self._composer.rooms.plans.types[plan.target or ""]
        codes = {
            "has_next_page": "has_next",
            "has_previous_page": "has_previous",
            "start_cursor": "(cursor(rows[0]) if rows else None)",
            "end_cursor": "(cursor(rows[-1]) if rows else None)",
        }
        entries = []
        for key, below in self._composer.fields(type_.graphql, asked):
            name = below[0].node.name.value
            field = "" if name == "__typename" else type_.fields[name].name
            code = codes[field] if field else repr(type_.graphql.name)
            self.ahead |= field in AHEAD
            self._places |= "cursor(" in code
            entries.append(f"{key!r}: {code}")
        return f"{{{', '.join(entries)}}}"

    def columns(self, viewer: Any, order: Order) -> dict[str, Any]:
        """The columns of a page's rows: those of its level, and for cursors the one they are sorted by."""
        columns = self.level.columns(viewer)
        if self._places:
            columns.setdefault(order.column.key, order.column)
        return columns

    def load(self, piece: Slice, rows: Rows, order: Order, total: int | None, run: Run) -> Raw:
        """The page of rows, of which there is one more than its size where others follow and that is asked."""
        cursor, more = self.cursor_of(order), len(rows) > piece.size
        kept = rows[: piece.size] if more else rows
        if more:
            self.level.look(rows[-1])
            if cursor:
                cursor.value(rows[-1])
        written = yield from self.level.run(kept, run)
        return self.page(piece, more, kept, written, cursor, total)

    def page(
        self,
        piece: Slice,
        more: bool,
        rows: Rows,
        written: Sequence[Sequence[Any]],
        cursor: Cursor | None,
        total: int | None,
    ) -> Any:
        """A page of rows, which come in the order of their statement: turned round where it began from the end."""
        if piece.backward:
            turned = [each[::-1] for each in written]
            return self._write(rows[::-1], turned, piece.before is not None, more, total, cursor)
        return self._write(rows, written, more, piece.after is not None or piece.offset > 0, total, cursor)

    def only_total(self, total: int | None) -> Any:
        """The page of a list of which nothing but the total was asked for."""
        return self._write((), (), False, False, total, None)

    def cursor_of(self, order: Order) -> Cursor | None:
        """How the places of rows in an order are told; None where nobody asks."""
        if not self._places:
            return None
        # A template has one order, and is asked for again; a cursor keeps its order, so that no other gets its number.
        cursor = self._cursors.get(id(order))
        if cursor is None:
            if len(self._cursors) >= _MOST_CURSORS:
                self._cursors.clear()
            column = order.column
            cursor = Cursor(order, self.level.number_of(column.key), self._composer.processor(column.type))
            self._cursors[id(order)] = cursor
        return cursor

"""Pages of listings: of a whole list, and of what belongs to each of many parents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Table, func, literal_column, select, true

from domain.viewer import Viewer
from resolvers.reads import Listing, Read, Statement, ToMany
from schema.compiled.arguments import Given
from schema.compiled.composing import Composer, Run, site
from schema.compiled.givings import giving
from schema.compiled.levels import Level, Raw, Relate
from schema.compiled.lookups import many, mark
from schema.compiled.marks import Marks, marked_viewer
from schema.compiled.pages import MarkedSlice, PageWriter, add_places, extras_of, piece_of, variant_of
from schema.compiled.respelling import Respelling
from schema.compiled.statements import Among, Built
from schema.compiled.writing import Rows
from schema.engine.paging import Slice, rank
from schema.engine.parts import Cut, Parents, counting, narrow
from schema.engine.plan import Details, FieldPlan

_PARENT, _RANK = "parent_", "rank_"
_NOWHERE = (0, 0)


class Pages:
    """Pages of a listing: of the whole, or one for each parent."""

    def __init__(
        self,
        composer: Composer,
        plan: FieldPlan,
        read: Read,
        details: Details,
        shape: Respelling | None,
        relate: Relate,
    ) -> None:
        composer.permissions.add(read.permission)
        self.composer = composer
        self.declared = read
        self.writer = PageWriter(composer, plan, details, shape)
        self.writer.settle(Level(composer, self.writer.node, self.writer.selections, relate))
        self.giving = giving(plan.graphql, details[0].node, paged=True)
        self._plans, self._field = composer.rooms.plans, plan.declared

    def listing(self, marks: Marks, viewer: Viewer, given: Given) -> Listing:
        """The listing that is asked for, with marks for what is to come."""
        arguments = self._plans.converted(self._field, given.marked(marks))
        found: Listing = self.declared.build(viewer, **arguments)
        return found


class Children(Pages):
    """A relation to a page of rows."""

    def __init__(
        self, level: Level, plan: FieldPlan, to: ToMany, details: Details, shape: Respelling | None, relate: Relate
    ) -> None:
        super().__init__(level.composer, plan, to.read, details, shape, relate)
        self._to = to
        self._id = level.place("id")
        self.code = f"{{x}}[r[{self._id}]]"
        self._totals, self._one, self._firsts = site(), site(), site()

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """A page for every row, by its id."""
        given = self.giving(run.variables)
        piece = piece_of(run, given, ahead=self.writer.ahead)
        ids = list(dict.fromkeys([row[self._id] for row in rows]))
        if not ids:
            return {}
        texts = ids[0] if len(ids) == 1 else many(self.composer, ids)
        totals: dict[str, int] = {}
        if self.writer.total:
            extras = extras_of(piece, texts)
            build = self._build_total if len(ids) == 1 else self._build_totals
            counted = yield run.asked(self._totals, build, given, len(ids) == 1, extras)
            totals = {parent_id: count for parent_id, count in counted}  # noqa: C416 - rows are not only pairs to the type checker
        if not self.writer.needs_rows:
            return {each: self.writer.only_total(totals.get(each, 0)) for each in ids}
        if len(ids) == 1:
            return {ids[0]: (yield from self._page(piece, given, ids[0], totals.get(ids[0], 0), run))}
        return (yield from self._pages(piece, given, ids, texts, totals, run))

    def _page(self, piece: Slice, given: Given, id: str, total: int, run: Run) -> Raw:
        extras = extras_of(piece, id)
        template = run.template(self._one, self._build_one(piece), given, variant_of(piece), extras)
        assert template.order is not None  # noqa: S101 - pages have one
        add_places(extras, piece, template.order)
        rows = yield run.filled(template, given, extras)
        return (yield from self.writer.load(piece, rows, template.order, total, run))

    def _pages(self, piece: Slice, given: Given, ids: list[str], texts: Any, totals: dict[str, int], run: Run) -> Raw:
        extras = extras_of(piece, texts)
        template = run.template(self._firsts, self._build_firsts(piece), given, variant_of(piece), extras)
        assert template.order is not None  # noqa: S101 - pages have one
        add_places(extras, piece, template.order)
        rows = yield run.filled(template, given, extras)
        writer, size = self.writer, piece.size
        if writer.together is not None and not piece.backward:
            return writer.together(rows, (yield from writer.level.related(rows, run)), totals, ids)
        written = yield from writer.level.run(rows, run)
        cursor, places = writer.cursor_of(template.order), _places(rows)
        # Most parents of a level have none of most kinds: one page serves them all.
        nothing = None if writer.total else writer.page(piece, False, (), [() for _ in written], cursor, None)
        pages = {}
        for parent_id in ids:
            start, end = places.get(parent_id, _NOWHERE)
            if start == end and nothing is not None:
                pages[parent_id] = nothing
                continue
            kept = min(end, start + size)
            parts = [some[start:kept] for some in written]
            total = totals.get(parent_id, 0)
            pages[parent_id] = writer.page(piece, end - start > size, rows[start:kept], parts, cursor, total)
        return pages

    def _joined(self, marks: Marks, viewer: Viewer, given: Given) -> Listing:
        listing = self.listing(marks, viewer, given)
        if self._to.through:
            return Listing(listing.statement.join(*self._to.through), listing.order)
        return listing

    def _build_total(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        listing = self._joined(marks, marked_viewer(viewer, marks), given)
        return Built(counting(listing, Parents(self._to.parent_id, [marks.of("x[2]", "")])))

    def _build_totals(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        listing = self._joined(marks, marked_viewer(viewer, marks), given)
        return Built(
            counting(listing, _Parents(self._to.parent_id, [mark(self.composer, marks, "x[2]", self._to.parent_id)]))
        )

    def _build_one(self, piece: Slice) -> Any:
        def build(marks: Marks, viewer: Viewer, given: Given) -> Built:
            seen = marked_viewer(viewer, marks)
            listing = self._joined(marks, seen, given)
            cut = Cut(listing, MarkedSlice(piece, marks), Parents(self._to.parent_id, [marks.of("x[2]", "")]))
            return Built(cut.selecting(self.writer.columns(seen, listing.order)), listing.order)

        return build

    def _build_firsts(self, piece: Slice) -> Any:
        """The first rows of every parent, each found by itself: ranking all children would read all of them."""
        in_sqlite = self.composer.rooms.dialect.name == "sqlite"

        def build(marks: Marks, viewer: Viewer, given: Given) -> Built:
            seen = marked_viewer(viewer, marks)
            listing, marked = self._joined(marks, seen, given), MarkedSlice(piece, marks)
            stored = isinstance(listing.order.column.class_.__table__, Table)
            of_all = self._lateral if not in_sqlite else self._in_sqlite if stored else self._ranked
            statement = of_all(listing, marked, self.writer.columns(seen, listing.order), marks)
            return Built(statement, listing.order)

        return build

    def _in_sqlite(self, listing: Listing, piece: MarkedSlice, columns: dict[str, Any], marks: Marks) -> Any:
        texts = mark(self.composer, marks, "x[2]", self._to.parent_id)
        parents = func.json_each(texts).table_valued("key", "value", name="parents_")
        entity, order = listing.order.column.class_, piece.order(listing.order)
        # What every table of SQLite is kept by: an id would have to be looked up in its index first.
        table = self.composer.rooms.dialect.identifier_preparer.format_table(entity.__table__)
        place: Any = literal_column(f"{table}.rowid", Integer())
        firsts = self._of_parent(listing, piece, parents.c.value).with_only_columns(place, maintain_column_froms=True)
        named = [column.label(name) for name, column in columns.items()]
        # One of a kind of its own, or the statement inside would take the rows outside for its own.
        statement = select(*named, parents.c.value.label(_PARENT)).select_from(parents, entity)
        return statement.where(place.in_(firsts.correlate(parents))).order_by(parents.c.key, *order)

    def _ranked(self, listing: Listing, piece: MarkedSlice, columns: dict[str, Any], marks: Marks) -> Any:
        """The first rows of what is put together of several tables, whose rows have no place of their own."""
        to, size = self._to, piece.size + piece.ahead
        of_all = piece.confine(listing).where(Among(to.parent_id, mark(self.composer, marks, "x[2]", to.parent_id)))
        place = rank(listing.order, piece, to.parent_id)
        inner = narrow(of_all, {**columns, _PARENT: to.parent_id, _RANK: place}).subquery()
        last: Any = piece.offset + size if piece.offset else size
        firsts = select(*(inner.c[name] for name in (*columns, _PARENT)))
        firsts = firsts.where(inner.c[_RANK] > piece.offset, inner.c[_RANK] <= last)
        return firsts.order_by(inner.c[_PARENT], inner.c[_RANK])

    def _lateral(self, listing: Listing, piece: MarkedSlice, columns: dict[str, Any], marks: Marks) -> Any:
        texts = mark(self.composer, marks, "x[2]", self._to.parent_id)
        parents = func.unnest(texts).table_valued("value", with_ordinality="key", name="parents_").render_derived()
        placed = {listing.order.column.key: listing.order.column} | columns
        firsts = narrow(self._of_parent(listing, piece, parents.c.value), placed).correlate(parents).lateral("firsts_")
        named = [firsts.c[name] for name in columns]
        statement = select(*named, parents.c.value.label(_PARENT)).select_from(parents.join(firsts, true()))
        descending = listing.order.descending is not piece.backward
        keys = [listing.order.column.key] if listing.order.unique else [listing.order.column.key, "id"]
        order = [firsts.c[key].desc() if descending else firsts.c[key].asc() for key in keys]
        return statement.order_by(parents.c.key, *order)

    def _of_parent(self, listing: Listing, piece: MarkedSlice, parent_id: Any) -> Statement:
        found = piece.confine(listing).where(self._to.parent_id == parent_id).order_by(*piece.order(listing.order))
        return found.offset(piece.offset or None).limit(piece.size + piece.ahead)


def _places(rows: Rows) -> dict[str, tuple[int, int]]:
    """Where the rows of each parent begin and end; they come together, and name it last."""
    if not rows:
        return {}
    named = [row[-1] for row in rows]
    starts = [number for number, parent_id in enumerate(named) if not number or parent_id != named[number - 1]]
    return {named[start]: (start, end) for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)}


class _Parents(Parents):
    """Many parents, whose ids are still to come."""

    __slots__ = ()

    def have(self, column: Any) -> Any:
        """The condition that a column names one of them."""
        return Among(column, self.ids[0])

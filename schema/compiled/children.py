"""Pages of listings: of a whole list, and of what belongs to each of many parents."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, func, literal_column, select, true

from domain.viewer import Viewer
from resolvers.reads import Listing, Read, Statement, ToMany
from schema.compiled.arguments import Given, giving
from schema.compiled.composing import Composer, Run, site
from schema.compiled.levels import Level, Raw, Relate, Rows
from schema.compiled.lookups import many, mark
from schema.compiled.marks import Marks, marked_viewer
from schema.compiled.pages import EMPTY, MarkedSlice, PageWriter, add_places, extras_of, piece_of, variant_of
from schema.compiled.respelling import Respelling
from schema.compiled.statements import Among, Built
from schema.engine.paging import Slice
from schema.engine.parts import Cut, Parents, counting, narrow
from schema.engine.plan import Details, FieldPlan

_PARENT = "parent_"


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
        self.writer.level = Level(composer, self.writer.node, self.writer.selections, relate)
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
        piece = piece_of(run, given)
        ids = list(dict.fromkeys(row[self._id] for row in rows))
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
            return {each: self.writer.write(EMPTY, None, totals.get(each, 0)) for each in ids}
        if len(ids) == 1:
            return {ids[0]: (yield from self._page(piece, given, ids[0], totals.get(ids[0], 0), run))}
        return (yield from self._pages(piece, given, ids, texts, totals, run))

    def _page(self, piece: Slice, given: Given, id: str, total: int, run: Run) -> Raw:
        extras = extras_of(piece, id)
        template, asking = run.template(self._one, self._build_one(piece), given, variant_of(piece), extras)
        assert template.order is not None  # noqa: S101 - pages have one
        add_places(extras, piece, template.order)
        rows = yield template.asked(asking)
        found = yield from self.writer.load(piece, rows, run)
        return self.writer.write(found, template.order, total)

    def _pages(self, piece: Slice, given: Given, ids: list[str], texts: Any, totals: dict[str, int], run: Run) -> Raw:
        extras = extras_of(piece, texts)
        template, asking = run.template(self._firsts, self._build_firsts(piece), given, variant_of(piece), extras)
        assert template.order is not None  # noqa: S101 - pages have one
        add_places(extras, piece, template.order)
        rows = yield template.asked(asking)
        writer = self.writer
        written = yield from writer.level.run(rows, run)
        of: dict[str, list[int]] = {}
        parent = len(rows[0]) - 1 if rows else 0
        for number, row in enumerate(rows):
            of.setdefault(row[parent], []).append(number)
        pages = {}
        for parent_id in ids:
            numbers = of.get(parent_id, ())
            kept = numbers[: piece.size]
            own = [rows[number] for number in kept]
            parts = [[some[number] for number in kept] for some in written]
            found = writer.found(piece, len(numbers) > piece.size, own, parts)
            pages[parent_id] = writer.write(found, template.order, totals.get(parent_id, 0))
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
        of_all = self._in_sqlite if self.composer.rooms.dialect.name == "sqlite" else self._lateral

        def build(marks: Marks, viewer: Viewer, given: Given) -> Built:
            seen = marked_viewer(viewer, marks)
            listing, marked = self._joined(marks, seen, given), MarkedSlice(piece, marks)
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

    def _lateral(self, listing: Listing, piece: MarkedSlice, columns: dict[str, Any], marks: Marks) -> Any:
        texts = mark(self.composer, marks, "x[2]", self._to.parent_id)
        parents = func.unnest(texts).table_valued("value", with_ordinality="key", name="parents_").render_derived()
        firsts = narrow(self._of_parent(listing, piece, parents.c.value), columns).correlate(parents).lateral("firsts_")
        statement = select(firsts, parents.c.value.label(_PARENT)).select_from(parents.join(firsts, true()))
        descending = listing.order.descending is not piece.backward
        keys = [listing.order.column.key] if listing.order.unique else [listing.order.column.key, "id"]
        order = [firsts.c[key].desc() if descending else firsts.c[key].asc() for key in keys]
        return statement.order_by(parents.c.key, *order)

    def _of_parent(self, listing: Listing, piece: MarkedSlice, parent_id: Any) -> Statement:
        found = piece.confine(listing).where(self._to.parent_id == parent_id).order_by(*piece.order(listing.order))
        return found.offset(piece.offset or None).limit(piece.size + 1)


class _Parents(Parents):
    """Many parents, whose ids are still to come."""

    __slots__ = ()

    def have(self, column: Any) -> Any:
        """The condition that a column names one of them."""
        return Among(column, self.ids[0])

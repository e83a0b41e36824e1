"""Relations of a level: one statement finds what all its rows lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring
from typing import Any

from graphql import get_nullable_type, is_list_type, is_non_null_type
from sqlalchemy import Integer, func, literal_column, select, true
from sqlalchemy.orm import InstrumentedAttribute

from domain.entity import Entity
from domain.texts import storable
from domain.viewer import Viewer
from resolvers.reads import Listing, Read, Statement, ToMany, ToMatching, ToOne
from schema.compiled.arguments import Given, Unusual, giving
from schema.compiled.composing import NOTHING, Composer, Run, Unsupported, site
from schema.compiled.levels import Level, Raw, Relation, Rows
from schema.compiled.marks import Marks, marked_viewer
from schema.compiled.pages import (
    EMPTY,
    MarkedSlice,
    PageWriter,
    add_places,
    extras_of,
    piece_of,
    variant_of,
)
from schema.compiled.respelling import Respelling
from schema.compiled.statements import MANY, Among, Built
from schema.compiled.values import Anomaly, completion
from schema.engine.forms import AnyNode, Collection, Link
from schema.engine.paging import Slice
from schema.engine.parts import Cut, Parents, counting, narrow
from schema.engine.plan import Details, FieldPlan
from schema.engine.rows import Row, as_row

_PARENT = "parent_"


def relate(level: Level, plan: FieldPlan, details: Details, shape: Respelling | None) -> Relation:
    """The relation of a field.

    Raises:
        Unsupported: for one that programs cannot follow.
    """
    form = plan.form
    if isinstance(form, Link):
        return _One(level, plan, form, details, shape)
    if isinstance(form, Collection) and isinstance(form.to, ToMany):
        return _Many(level, plan, form.to, details, shape)
    if isinstance(form, AnyNode):
        return _Any(level, form.value or "", details, shape)
    if isinstance(form, Collection):
        raise Unsupported(f"{ToMatching.__name__} {plan.name}")
    return _Nested(level, plan, details, shape)


def texts_of(composer: Composer, ids: Sequence[str]) -> Any:
    """Many texts as the one value that `Among` takes."""
    return f"[{','.join(map(encode_basestring, ids))}]" if composer.rooms.dialect.name == "sqlite" else list(ids)


def among(column: Any, ids: Any) -> Any:
    """The condition that a column is one of many texts to come."""
    # On SQLite they come as JSON, whatever the type says: nothing is done to them on the way.
    return Among(column, ids)


class ById:
    """Rows of a read by their ids, or by another column of theirs."""

    def __init__(
        self, composer: Composer, read: Read, level: Level, by: InstrumentedAttribute[Any] | None = None
    ) -> None:
        composer.permissions.add(read.permission)
        self._composer = composer
        self._read = read
        self.level = level
        entity: Any = read.entity
        self._column: Any = entity.id if by is None else by
        self._by = level.place(self._column.key)
        self._site = site()

    def find(self, keys: Iterable[str], run: Run) -> Raw:
        """What is written of the rows, by their keys."""
        wanted = [key for key in dict.fromkeys(keys) if type(key) is str and storable(key)]
        if not wanted:
            return {}
        one = len(wanted) == 1
        extras = wanted if one else (texts_of(self._composer, wanted),)
        rows = yield run.asked(self._site, self._build_one if one else self._build_many, NOTHING, one, extras)
        (written,) = yield from self.level.run(rows, run)
        by = self._by
        return dict(zip([row[by] for row in rows], written, strict=True))

    def _build_one(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        return self._built(marks, viewer, self._column == marks.of("x[0]", ""))

    def _build_many(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        return self._built(marks, viewer, among(self._column, _texts(self._composer, marks, "x[0]")))

    def _built(self, marks: Marks, viewer: Viewer, condition: Any) -> Built:
        seen = marked_viewer(viewer, marks)
        statement = self._read.build(seen).where(condition)
        return Built(narrow(statement, self.level.columns(seen)))


def _texts(composer: Composer, marks: Marks, place: str) -> Any:
    """A mark for many texts, bound as this database takes them."""
    return marks.of(place, "", None if composer.rooms.dialect.name == "sqlite" else MANY)


class _One:
    """A relation to one row, of one of several kinds."""

    def __init__(self, level: Level, plan: FieldPlan, form: Link, details: Details, shape: Respelling | None) -> None:
        composer = level.composer
        plans = composer.rooms.plans
        self._parts: list[tuple[int, ById]] = []
        for number, to in enumerate(form.tos):
            target = plans.types.get(plan.target or "") or plans.by_entity[to.read.entity]
            below = Level(composer, target, [(details, shape)], relate)
            self._parts.append((self._key(level, plan, to, number), ById(composer, to.read, below, to.by)))
        several = len(self._parts) > 1
        # Not `or`: an object of no field at all is there all the same.
        looked = (f"{{x}}[{number}].get(r[{place}])" for number, (place, _) in enumerate(self._parts))
        code = f"first({', '.join(looked)})" if several else f"{{x}}.get(r[{self._parts[0][0]}])"
        self.code = f"{{none}}({code})" if is_non_null_type(plan.graphql.type) else code
        self._several = several

    def _key(self, level: Level, plan: FieldPlan, to: ToOne, number: int) -> int:
        key = to.key
        if isinstance(key, str):
            return level.place(key)
        if isinstance(key, InstrumentedAttribute):
            return level.place(key.key, lambda viewer: key)
        return level.place(f"{plan.name}_key_{number}", lambda viewer: key)

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """By key what is written of the row; several of these for several kinds."""
        found: list[Any] = []
        waiting = rows
        for place, by_id in self._parts:
            keys = [row[place] for row in waiting if row[place] is not None]
            some = yield from by_id.find(keys, run)
            found.append(some)
            if self._several:
                waiting = [row for row in waiting if row[place] not in some]
        return found if self._several else found[0]


class Pages:
    """Pages of a listing: of the whole, or one for each parent."""

    def __init__(
        self, composer: Composer, plan: FieldPlan, read: Read, details: Details, shape: Respelling | None
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


class _Many(Pages):
    """A relation to a page of rows."""

    def __init__(self, level: Level, plan: FieldPlan, to: ToMany, details: Details, shape: Respelling | None) -> None:
        super().__init__(level.composer, plan, to.read, details, shape)
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
        texts = ids[0] if len(ids) == 1 else texts_of(self.composer, ids)
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
        return Built(counting(listing, _Among(self._to.parent_id, [_texts(self.composer, marks, "x[2]")])))

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
        texts = _texts(self.composer, marks, "x[2]")
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
        texts = _texts(self.composer, marks, "x[2]")
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


class _Among(Parents):
    """Many parents, whose ids are still to come."""

    __slots__ = ()

    def have(self, column: Any) -> Any:
        """The condition that a column names one of them."""
        return among(column, self.ids[0])


class AnyRow:
    """Rows of whatever kinds, by ids whose beginnings tell the kind; each kind is composed when it is first met."""

    def __init__(self, composer: Composer, details: Details, shape: Respelling | None) -> None:
        self._composer = composer
        self._details = details
        self._shape = shape
        self._plans = plans = composer.rooms.plans
        self._kinds: dict[type[Entity], ById] = {}
        self._entities: dict[type[Entity], Read] = {}
        for entity, type_ in plans.by_entity.items():
            read = getattr(type_.graphql.extensions["strawberry-definition"].origin, "read", None)
            if entity.prefix and read is not None:
                self._entities[entity] = read

    def find(self, ids: Iterable[str], run: Run) -> Raw:
        """What is written of the rows, by their ids."""
        by_kind: dict[type[Entity], list[str]] = {}
        for each in ids:
            for entity in self._entities:
                if each.startswith(f"{entity.prefix}_"):
                    by_kind.setdefault(entity, []).append(each)
        found: dict[str, Any] = {}
        for entity, own in by_kind.items():
            found |= yield from self._kind(entity, run).find(own, run)
        return found

    def _kind(self, entity: type[Entity], run: Run) -> ById:
        by_id = self._kinds.get(entity)
        if by_id is None:
            type_ = self._plans.by_entity[entity]
            level = Level(self._composer, type_, [(self._details, self._shape)], relate)
            by_id = self._kinds[entity] = ById(self._composer, self._entities[entity], level)
        # What kinds need is not known before they are met.
        if not self._composer.permissions <= run.viewer.permissions:
            raise Unusual("permission")
        return by_id


class _Any:
    """A relation to a row of any kind."""

    def __init__(self, level: Level, name: str, details: Details, shape: Respelling | None) -> None:
        self._place = level.place(name)
        self._rows = AnyRow(level.composer, details, shape)
        self.code = f"{{x}}.get(r[{self._place}])"

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """What is written of the rows, by their ids."""
        ids = dict.fromkeys(row[self._place] for row in rows if row[self._place])
        return (yield from self._rows.find(ids, run))


class _Nested:
    """Objects inside given ones, whose own relations are found for all of them at once."""

    def __init__(self, level: Level, plan: FieldPlan, details: Details, shape: Respelling | None) -> None:
        name = getattr(plan.form, "name", "")
        type_ = level.composer.rooms.plans.types.get(plan.target or "")
        if not name or type_ is None:
            raise Unsupported(f"{level.type.graphql.name}.{plan.name}")
        self._place = level.place(name)
        listed = is_list_type(get_nullable_type(plan.graphql.type))
        part = shape.item if listed and shape is not None else shape
        self._level = Level(level.composer, type_, [(details, part)], relate, given=True)
        self._complete = completion(plan.graphql.type, lambda _: _taken, None)
        self.code = "{x}[id(r)]"

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """What is written of each row's objects, by the row's identity."""
        values = [as_row(row[self._place]) for row in rows]
        inner = [
            each for value in values for each in (value if isinstance(value, list) else [value]) if each is not None
        ]
        if not all(type(each) is Row for each in inner):
            raise Anomaly
        (written,) = yield from self._level.run(self._level.rows_of(inner), run)
        left = iter(written)
        taken = [_fill(value, left) for value in values]
        return {id(row): self._complete(value) for row, value in zip(rows, taken, strict=True)}


def _fill(value: Any, written: Any) -> Any:
    if isinstance(value, list):
        return [None if each is None else next(written) for each in value]
    return None if value is None else next(written)


def _taken(value: Any) -> Any:
    return value

"""Running declared reads for one operation: a statement per level of the query, of the columns that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from graphql import get_nullable_type, is_list_type
from sqlalchemy import Integer, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.entity import Entity
from domain.errors import DomainError
from domain.texts import storable
from domain.viewer import Viewer
from domain.visibility import sight_of
from resolvers.events import last_sequence
from resolvers.reads import Listing, Read, Reckoning, Run, ToMany, ToMatching, ToOne
from schema.context import Context, Info
from schema.engine.forms import AnyNode, Attribute, Collection, Column, Derived, Link, Reckoned
from schema.engine.matching import Matching
from schema.engine.paging import Slice, rank, slice_of
from schema.engine.parts import Cut, Parents, counting, narrow
from schema.engine.plan import Details, PageSelection, Plans, TypePlan, Wanted
from schema.engine.rows import Page, Row, as_row

_PARENT, _RANK, _NOTHING = "parent_", "rank_", "nothing_"


class Fetch:
    """The reads of one operation: who asks, what is asked, and the connection that answers."""

    def __init__(self, plans: Plans, info: Info, run: Run) -> None:
        self.plans = plans
        self.info = info
        self.context: Context = info.context
        self.viewer: Viewer = self.context.known_viewer()
        self._run = run

    async def one(self, read: Read, id: str, details: Details) -> Row | None:
        """The row with an id, if the viewer sees it."""
        found = await self._by_id(read, self.plans.by_entity[read.entity], {id}, [details])
        return found.get(id)

    async def any(self, ids: set[str], details: Details) -> dict[str, Row]:
        """The rows with these ids, whatever kind each is; the kind is told by the id's prefix."""
        found: dict[str, Row] = {}
        for entity, type_ in self.plans.by_entity.items():
            own = {each for each in ids if entity.prefix and each.startswith(f"{entity.prefix}_")}
            read: Read | None = getattr(type_.graphql.extensions["strawberry-definition"].origin, "read", None)
            if own and read is not None:
                found |= await self._by_id(read, type_, own, [details])
        return found

    async def page(self, read: Read, wanted: Wanted) -> Page:
        """A page of a listing."""
        arguments = self.plans.arguments(self.info, wanted)
        connection, node = self.plans.page_parts(wanted.plan)
        asked = self.plans.page_selection(self.info, connection, wanted.details)
        piece = slice_of(self.context, arguments, ahead=asked.ahead)
        listing: Listing = self._build(read, arguments)
        count = await self._total(read, arguments, listing) if asked.total else None
        cut = Cut(listing, piece)
        rows = await self._load(node, cut, asked.nodes, _placed(listing, asked)) if asked.rows else []
        return piece.page(rows, listing.order, count)

    async def _total(self, read: Read, arguments: dict[str, Any], listing: Listing) -> int:
        """How many rows a listing has, counted only when the organization has changed since the last time."""
        if not listing.told:
            return int((await self._run(counting(listing)))[0][0])
        state = (await self._run(last_sequence(self.viewer.organization_id)))[0][0]
        # The order does not change how many there are.
        asked = repr({name: value for name, value in arguments.items() if name != "sort"})
        # A filter can be long; its digest stands for it in memory.
        key = (read.name, sight_of(self.viewer), sha256(asked.encode("utf-8", "surrogatepass")).digest())
        totals = self.context.boundary.totals
        known = totals.get(key, state)
        if known is None:
            known = (await self._run(counting(listing)))[0][0]
            totals.put(key, state, known)
        return known

    async def complete(self, type_: TypePlan, rows: Sequence[Row], selections: list[Details]) -> None:
        """Put beside rows, or answers that are no stored rows, what their relations lead to."""
        for wanted in self.plans.selected(self.info, type_, selections):
            await self._relate(type_, rows, wanted)

    async def _relate(self, type_: TypePlan, rows: Sequence[Row], wanted: Wanted) -> None:
        form = wanted.plan.form
        try:
            if isinstance(form, Link):
                await self._link(form, rows, wanted)
            elif isinstance(form, Reckoned):
                await self._reckoned(form.reckoning, rows, wanted)
            elif isinstance(form, Collection):
                relate = self._matching if isinstance(form.to, ToMatching) else self._collection
                await relate(form.to, rows, wanted)  # type: ignore[arg-type]
            elif isinstance(form, AnyNode) and form.value:
                ids = {row.values[form.value] for row in rows if row.values[form.value]}
                found = await self.any(ids, wanted.details)
                for row in rows:
                    row.related[wanted.key] = found.get(row.values[form.value])
            elif isinstance(form, Attribute) and wanted.plan.target and type_.entity is None:
                await self._nested(form.name, rows, wanted)
        except DomainError as error:
            # A refused relation is an error of that field, not of the rows it hangs on.
            for row in rows:
                row.related[wanted.key] = error

    async def _nested(self, name: str, rows: Sequence[Row], wanted: Wanted) -> None:
        inner: list[Row] = []
        for row in rows:
            value = row.values[name] = as_row(row.values.get(name))
            inner.extend(value if isinstance(value, list) else [value] if isinstance(value, Row) else [])
        if inner and wanted.plan.target:
            await self.complete(self.plans.types[wanted.plan.target], inner, [wanted.details])

    async def _reckoned(self, reckoning: Reckoning, rows: Sequence[Row], wanted: Wanted) -> None:
        self.viewer.require(reckoning.permission)
        arguments, name = self.plans.arguments(self.info, wanted), _key_name(reckoning.key, wanted)
        keys = list(dict.fromkeys(key for row in rows if (key := row.values.get(name)) is not None))
        now = self.context.boundary.clock.now()
        found = await reckoning.of(self._run, self.viewer, now, keys, **arguments) if keys else {}
        answers = {key: as_row(found[key]) for key in keys if key in found}
        parts = [each for value in answers.values() for each in (value if isinstance(value, list) else [value])]
        inner = [each for each in parts if isinstance(each, Row)]
        if inner and wanted.plan.target:
            await self.complete(self.plans.types[wanted.plan.target], inner, [wanted.details])
        nothing: Any = [] if is_list_type(get_nullable_type(wanted.plan.graphql.type)) else None
        for row in rows:
            row.related[wanted.key] = answers.get(row.values.get(name) or "", nothing)

    async def _link(self, form: Link, rows: Sequence[Row], wanted: Wanted) -> None:
        refused: DomainError | None = None
        waiting = rows
        for number, to in enumerate(form.tos):
            try:
                await self._to_one(to, waiting, wanted, _key_name(to.key, wanted, number))
            except DomainError as error:
                # What one kind is refused may be a row of another that is not.
                refused = refused or error
            waiting = [row for row in waiting if row.related.get(wanted.key) is None]
        if refused:
            for row in waiting:
                row.related[wanted.key] = refused

    async def _to_one(self, to: ToOne, rows: Sequence[Row], wanted: Wanted, name: str) -> None:
        keys = {row.values[name] for row in rows if row.values.get(name) is not None}
        target = self._type_of(to.read, wanted)
        by: Any = to.by
        if by is None:
            found = await self._by_id(to.read, target, keys, [wanted.details])
        else:
            named = self._build(to.read, {}).where(by.in_(sorted(keys)))
            loaded = await self._load(target, named, [wanted.details], by) if keys else []
            found = {row.values[by.key]: row for row in loaded}
        for row in rows:
            row.related[wanted.key] = found.get(row.values.get(name) or "")

    def _type_of(self, read: Read, wanted: Wanted) -> TypePlan:
        """The type of a relation's rows; of a field of an interface, it is the one that the read is of."""
        return self.plans.types.get(wanted.plan.target or "") or self.plans.by_entity[read.entity]

    async def _collection(self, to: ToMany, rows: Sequence[Row], wanted: Wanted) -> None:
        arguments = self.plans.arguments(self.info, wanted)
        connection, node = self.plans.page_parts(wanted.plan)
        asked = self.plans.page_selection(self.info, connection, wanted.details)
        piece = slice_of(self.context, arguments, ahead=asked.ahead)
        listing: Listing = self._build(to.read, arguments)
        if to.through:
            listing = Listing(listing.statement.join(*to.through), listing.order)
        ids = [row.values["id"] for row in rows]
        totals = dict(await self._run(counting(listing, Parents(to.parent_id, ids)))) if asked.total and ids else {}
        children = await self._children(node, to, listing, piece, ids, asked) if asked.rows else {}
        for row in rows:
            own = children.get(row.values["id"], [])
            count = totals.get(row.values["id"], 0) if asked.total else None
            row.related[wanted.key] = piece.page(own, listing.order, count)

    async def _matching(self, to: ToMatching, rows: Sequence[Row], wanted: Wanted) -> None:
        arguments = self.plans.arguments(self.info, wanted)
        connection, node = self.plans.page_parts(wanted.plan)
        asked = self.plans.page_selection(self.info, connection, wanted.details)
        piece = slice_of(self.context, arguments, ahead=asked.ahead)
        matching = Matching(to, self._build(to.read, arguments), piece, self._run)
        name = _key_name(to.key, wanted)
        own = [list(to.parts(row.values[name])) if row.values[name] is not None else [] for row in rows]
        parts = list(dict.fromkeys(part for each in own for part in each))
        totals = await matching.totals(parts) if asked.total else None
        found: dict[Any, list[Row]] = {}
        if asked.rows and parts:
            selected = self.plans.selected(self.info, node, asked.nodes)
            columns = self._columns(node, selected, matching.listing.order.column)
            found = await matching.rows(parts, columns, node.entity)
            for each in selected:
                await self._relate(node, [row for of_part in found.values() for row in of_part], each)
        for row, its in zip(rows, own, strict=True):
            row.related[wanted.key] = matching.page(its, found, totals)

    async def _children(
        self, node: TypePlan, to: ToMany, listing: Listing, piece: Slice, ids: list[str], asked: PageSelection
    ) -> dict[str, list[Row]]:
        if not ids:
            return {}
        if len(ids) == 1:
            cut = Cut(listing, piece, Parents(to.parent_id, ids))
            return {ids[0]: await self._load(node, cut, asked.nodes, _placed(listing, asked))}
        of_all = piece.confine(listing).where(to.parent_id.in_(ids))
        return await self._ranked(node, to, listing, piece, of_all, asked)

    async def _ranked(
        self, node: TypePlan, to: ToMany, listing: Listing, piece: Slice, statement: Any, asked: PageSelection
    ) -> dict[str, list[Row]]:
        """The first rows of every parent at once: ranked inside the parent, cut at the page's size."""
        wanted = self.plans.selected(self.info, node, asked.nodes)
        columns = self._columns(node, wanted, _placed(listing, asked))
        place = rank(listing.order, piece, to.parent_id)
        inner = narrow(statement, {**columns, _PARENT: to.parent_id, _RANK: place}).subquery()
        cut = select(inner).where(
            inner.c[_RANK] > piece.offset, inner.c[_RANK] <= piece.offset + piece.size + piece.ahead
        )
        found = await self._run(cut.order_by(inner.c[_PARENT], inner.c[_RANK]))
        children: dict[str, list[Row]] = {}
        rows: list[Row] = []
        names = list(columns)
        for values in found:
            row = Row(node.entity, dict(zip(names, values, strict=False)))
            rows.append(row)
            children.setdefault(values[len(names)], []).append(row)
        for each in wanted:
            await self._relate(node, rows, each)
        return children

    async def _by_id(self, read: Read, type_: TypePlan, ids: set[str], selections: list[Details]) -> dict[str, Row]:
        statement = self._build(read, {})
        ids = {each for each in ids if storable(each)}
        if not ids:
            return {}
        entity: Any = read.entity
        rows = await self._load(type_, statement.where(entity.id.in_(sorted(ids))), selections, None)
        return {row.values["id"]: row for row in rows}

    async def _load(
        self, type_: TypePlan, rows_of: Any, selections: list[Details], order: InstrumentedAttribute[Any] | None
    ) -> list[Row]:
        wanted = self.plans.selected(self.info, type_, selections)
        columns = self._columns(type_, wanted, order)
        narrowed = rows_of.selecting(columns) if isinstance(rows_of, Cut) else narrow(rows_of, columns)
        names = list(columns)
        rows = [Row(type_.entity, dict(zip(names, values, strict=True))) for values in await self._run(narrowed)]
        # The row that only tells that there are more leads nowhere.
        shown = rows[: rows_of.piece.size] if isinstance(rows_of, Cut) else rows
        for each in wanted:
            await self._relate(type_, shown, each)
        return rows

    def _columns(
        self, type_: TypePlan, wanted: list[Wanted], order: InstrumentedAttribute[Any] | None
    ) -> dict[str, Any]:
        """The expressions to select by the names their values get: what is asked for, keys, the sort column."""
        entity: Any = type_.entity
        columns: dict[str, Any] = {"id": entity.id} if hasattr(entity, "id") else {}
        if order is not None:
            columns[order.key] = order
        for each in wanted:
            columns |= self._column(entity, each)
        # A row of nothing is a row all the same.
        return columns or {_NOTHING: literal_column("1", Integer())}

    def _column(self, entity: type[Entity], wanted: Wanted) -> dict[str, Any]:
        form = wanted.plan.form
        if isinstance(form, Attribute):
            return {form.name: getattr(entity, form.name)}
        if isinstance(form, Derived):
            return {name: getattr(entity, name) for name in form.needs}
        if isinstance(form, Column):
            return {wanted.plan.name: form.expression(self.viewer)}
        if isinstance(form, Link):
            return {_key_name(to.key, wanted, number): to.key for number, to in enumerate(form.tos)}
        if isinstance(form, Collection) and isinstance(form.to, ToMatching):
            return {_key_name(form.to.key, wanted): form.to.key}
        if isinstance(form, Reckoned):
            key = form.reckoning.key
            return {_key_name(key, wanted): getattr(entity, key) if isinstance(key, str) else key}
        if isinstance(form, AnyNode) and form.value:
            return {form.value: getattr(entity, form.value)}
        return {}

    def _build(self, read: Read, arguments: dict[str, Any]) -> Any:
        self.viewer.require(read.permission)
        return read.build(self.viewer, **arguments)


def _placed(listing: Listing, asked: PageSelection) -> InstrumentedAttribute[Any] | None:
    """The column rows are sorted by, where it has to be known: for cursors."""
    return listing.order.column if asked.places else None


def _key_name(key: Any, wanted: Wanted, number: int = 0) -> str:
    """The name of a relation's key among the row's values; `number` tells those of one field apart."""
    if isinstance(key, str):
        return key
    return key.key if isinstance(key, InstrumentedAttribute) else f"{wanted.plan.name}_key_{number}"

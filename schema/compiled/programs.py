"""Programs: what an operation does, from the rows of its first statement to the whole of its data."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Protocol

from graphql import is_non_null_type

from domain.viewer import Viewer
from domain.visibility import sight_of
from resolvers.events import last_sequence
from schema.compiled.arguments import Given
from schema.compiled.children import Pages
from schema.compiled.composing import NOTHING, Composer, Run, Unsupported, site
from schema.compiled.givings import giving
from schema.compiled.levels import Level, Raw
from schema.compiled.lookups import ById
from schema.compiled.marks import Marks, marked_viewer
from schema.compiled.pages import MarkedSlice, add_places, extras_of, piece_of, variant_of
from schema.compiled.relations import AnyRow, relate
from schema.compiled.respelling import Respelling
from schema.compiled.statements import Built
from schema.compiled.values import Anomaly
from schema.engine.forms import AnyNode, One, Own, Paged
from schema.engine.paging import Slice
from schema.engine.parts import Cut, counting
from schema.engine.plan import Details, FieldPlan
from schema.engine.rows import as_row

_LONG = 200
"""Characters of arguments beyond which a digest stands for them in memory."""


class Root(Protocol):
    """A field at the top of a query."""

    def read(self, run: Run) -> Raw:
        """Its value, as it is written."""
        ...


def root_of(composer: Composer, plan: FieldPlan, details: Details, shape: Respelling | None) -> Root:
    """The program of a field at the top.

    Raises:
        Unsupported: for one that needs a resolver of its own.
    """
    if isinstance(plan.form, One):
        return _Single(composer, plan, plan.form, details, shape)
    if isinstance(plan.form, Paged):
        return _List(composer, plan, plan.form, details, shape)
    if isinstance(plan.form, AnyNode) and plan.form.value is None:
        return _AnyNode(composer, plan, details, shape)
    if isinstance(plan.form, Own):
        return _Known(composer, plan, plan.form, details, shape)
    raise Unsupported(f"{type(plan.form).__name__} {details[0].node.name.value}")


class _Single:
    """A row by its id."""

    def __init__(
        self, composer: Composer, plan: FieldPlan, form: One, details: Details, shape: Respelling | None
    ) -> None:
        self._giving = giving(plan.graphql, details[0].node, paged=False)
        self._demanded = is_non_null_type(plan.graphql.type)
        plans = composer.rooms.plans
        types = [plans.by_entity[read.entity] for read in form.reads]
        levels = [Level(composer, each, [(details, shape)], relate, alone=True) for each in types]
        self._reads = [ById(composer, read, level) for read, level in zip(form.reads, levels, strict=True)]

    def read(self, run: Run) -> Raw:
        """The row, or None."""
        (wanted,) = self._giving(run.variables).leaves
        for by_id in self._reads:
            found = yield from by_id.find((wanted,), run)
            if found:
                return found[wanted]
        if self._demanded:
            raise Anomaly
        return None


class _List(Pages):
    """A page of a listing."""

    def __init__(
        self, composer: Composer, plan: FieldPlan, form: Paged, details: Details, shape: Respelling | None
    ) -> None:
        super().__init__(composer, plan, form.read, details, shape, relate)
        self._state, self._total, self._rows = site(), site(), site()

    def read(self, run: Run) -> Raw:
        """The page."""
        given = self.giving(run.variables)
        piece = piece_of(run, given, ahead=self.writer.ahead)
        total = (yield from self._counted(given, run)) if self.writer.total else None
        if not self.writer.needs_rows:
            return self.writer.only_total(total)
        extras = extras_of(piece)
        template = run.template(self._rows, self._build(piece), given, variant_of(piece), extras)
        assert template.order is not None  # noqa: S101 - pages have one
        add_places(extras, piece, template.order)
        rows = yield run.filled(template, given, extras)
        return (yield from self.writer.load(piece, rows, template.order, total, run))

    def _counted(self, given: Given, run: Run) -> Raw:
        """How many rows the listing has, counted only when the organization has changed since the last time."""
        template = run.template(self._total, self._build_total, given, ())
        if not template.told:
            return (yield run.filled(template, given))[0][0]
        state = (yield run.asked(self._state, _build_state, NOTHING, ()))[0][0]
        leaves = repr(given.leaves)
        asked = leaves if len(leaves) < _LONG else sha256(leaves.encode("utf-8", "surrogatepass")).digest()
        key = ("compiled", self.declared.name, sight_of(run.viewer), given.shape, asked)
        totals = run.context.boundary.totals
        known = totals.get(key, state)
        if known is None:
            known = (yield run.filled(template, given))[0][0]
            totals.put(key, state, known)
        return known

    def _build(self, piece: Slice) -> Any:
        def build(marks: Marks, viewer: Viewer, given: Given) -> Built:
            seen = marked_viewer(viewer, marks)
            listing = self.listing(marks, seen, given)
            columns = self.writer.columns(seen, listing.order)
            return Built(Cut(listing, MarkedSlice(piece, marks)).selecting(columns), listing.order)

        return build

    def _build_total(self, marks: Marks, viewer: Viewer, given: Given) -> Built:
        listing = self.listing(marks, marked_viewer(viewer, marks), given)
        return Built(counting(listing), listing.order, listing.told)


def _build_state(marks: Marks, viewer: Viewer, given: Given) -> Built:
    return Built(last_sequence(marked_viewer(viewer, marks).organization_id))


class _AnyNode:
    """A row of any kind by its id."""

    def __init__(self, composer: Composer, plan: FieldPlan, details: Details, shape: Respelling | None) -> None:
        self._giving = giving(plan.graphql, details[0].node, paged=False)
        self._rows = AnyRow(composer, details, shape)

    def read(self, run: Run) -> Raw:
        """The row, or None."""
        (wanted,) = self._giving(run.variables).leaves
        return (yield from self._rows.find((wanted,), run)).get(wanted)


class _Known:
    """What the viewer is, which no statement has to tell."""

    def __init__(
        self, composer: Composer, plan: FieldPlan, form: Own, details: Details, shape: Respelling | None
    ) -> None:
        self._function = form.function
        type_ = composer.rooms.plans.types[plan.target or ""]
        self._level = Level(composer, type_, [(details, shape)], relate, given=True)

    def read(self, run: Run) -> Raw:
        """It, as it is written."""
        row = as_row(self._function(run.viewer))
        ((written,),) = yield from self._level.run(self._level.rows_of([row]), run)
        return written


class Program:
    """A query: its fields at the top, one after another in one snapshot."""

    def __init__(self, composer: Composer, shape: Respelling | None) -> None:
        """Compose it.

        Raises:
            Unsupported: when something of it cannot be.
        """
        plans = composer.rooms.plans
        query = plans.schema.query_type
        assert query is not None  # noqa: S101 - every graph has one
        self._roots: list[tuple[str, Root | str]] = []
        for key, details in composer.roots(query):
            name = details[0].node.name.value
            part = shape.fields.get(key) if shape is not None else None
            plan = plans.types[query.name].fields.get(name)
            if name == "__typename":
                self._roots.append((key, query.name))
            elif plan is None:
                raise Unsupported(name)
            else:
                self._roots.append((key, root_of(composer, plan, details, part)))
        self.permissions = frozenset(composer.permissions)

    def steps(self, run: Run) -> Raw:
        """Run it: the data, by response key."""
        data: dict[str, Any] = {}
        for key, root in self._roots:
            data[key] = root if isinstance(root, str) else (yield from root.read(run))
        return data

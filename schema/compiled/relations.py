"""Relations of a level: one statement finds what all its rows lead to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import get_nullable_type, is_list_type, is_non_null_type
from sqlalchemy.orm import InstrumentedAttribute

from domain.entity import Entity
from resolvers.reads import Read, ToMany, ToMatching, ToOne
from schema.compiled.arguments import Unusual
from schema.compiled.children import Children
from schema.compiled.composing import Composer, Run, Unsupported
from schema.compiled.joining import joined
from schema.compiled.levels import Level, Raw, Relation
from schema.compiled.lookups import ById
from schema.compiled.respelling import Respelling
from schema.compiled.values import Anomaly, completion
from schema.compiled.writing import Rows
from schema.engine.forms import AnyNode, Collection, Link
from schema.engine.plan import Details, FieldPlan
from schema.engine.rows import Row, as_row

_KEYS = {str, int, type(None)}


def relate(level: Level, plan: FieldPlan, details: Details, shape: Respelling | None) -> Relation:
    """The relation of a field.

    Raises:
        Unsupported: for one that programs cannot follow.
    """
    form = plan.form
    if isinstance(form, Link):
        return _One(level, plan, form, details, shape)
    if isinstance(form, Collection) and isinstance(form.to, ToMany):
        return Children(level, plan, form.to, details, shape, relate)
    if isinstance(form, AnyNode):
        return _Any(level, form.value or "", details, shape)
    if isinstance(form, Collection):
        raise Unsupported(f"{ToMatching.__name__} {plan.name}")
    return _Nested(level, plan, details, shape)


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
        self._stored = not level.given
        self._joined = None if several else joined(level, plan, form.tos[0], self._parts[0][1])

    def _key(self, level: Level, plan: FieldPlan, to: ToOne, number: int) -> int:
        key = to.key
        if isinstance(key, str):
            return level.place(key)
        if isinstance(key, InstrumentedAttribute):
            return level.place(key.key, lambda viewer: key)
        return level.place(f"{plan.name}_key_{number}", lambda viewer: key)

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """By key what is written of the row; several of these for several kinds."""
        if self._joined is not None:
            (place, by_id), joined = self._parts[0], self._joined
            unlike = {row[place]: joined(row) for row in rows}
            if not _KEYS.issuperset(map(type, unlike)):
                raise Anomaly
            return (yield from by_id.written([row for row in unlike.values() if row is not None], run))
        found: list[Any] = []
        waiting = rows
        for place, by_id in self._parts:
            some = yield from by_id.find([row[place] for row in waiting], run, stored=self._stored)
            found.append(some)
            if self._several:
                waiting = [row for row in waiting if row[place] not in some]
        return found if self._several else found[0]


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

"""One level of an operation: rows of one kind, the columns they need, and generated functions that write them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import Any, Protocol

from graphql import get_named_type, is_leaf_type, is_list_type, is_non_null_type
from sqlalchemy.orm import InstrumentedAttribute

from domain.entity import Instant
from domain.viewer import Viewer
from schema.compiled.composing import Composer, Run, Unsupported
from schema.compiled.respelling import Respelling
from schema.compiled.steps import Asked
from schema.compiled.values import Anomaly, Complete, Memo, alone, completion
from schema.compiled.writing import Rows, RowWriter
from schema.engine.forms import AnyNode, Attribute, Collection, Column, Derived, Link
from schema.engine.plan import Details, FieldPlan, TypePlan
from schema.engine.rows import Row, as_row

Raw = Generator[Asked, Rows, Any]
Expression = Callable[[Viewer], Any]

_NOBODY = Viewer.nobody("")
_WHOLE = "({0} if {0}.__class__ is int and -2147483648 <= {0} <= 2147483647 else {1}({0}))"
_NUMBER = "({0} if {0}.__class__ is float and {0} - {0} == 0.0 else {1}({0}))"
_INLINE = {"Int": _WHOLE, "Float": _NUMBER, "Fraction": _NUMBER}
_TEXTS = ("String", "ID")


class Relation(Protocol):
    """What rows lead to: found for all of a level at once, then looked up row by row by the generated code."""

    code: str

    def fetch(self, rows: Rows, run: Run) -> Raw:
        """What the generated code calls `x` and the relation's number."""
        ...


Relate = Callable[["Level", FieldPlan, Details, Respelling | None], Relation]
"""Makes the relation of a field of a level."""


class Level:
    """Rows of a type, each selection of them written by a function of its own.

    Rows come from statements, as raw values, or are given as values: what a mutation answers, an event.
    """

    def __init__(
        self,
        composer: Composer,
        type_: TypePlan,
        selections: Sequence[tuple[Details, Respelling | None]],
        relate: Relate,
        *,
        given: bool = False,
        alone: bool = False,
    ) -> None:
        """The level of some selections; `relate` makes the relations of its fields. One that is alone has one row."""
        self.composer = composer
        self.type = type_
        self.entity: Any = type_.entity
        self.given = given
        self.alone = alone
        self._relate = relate
        self._places: dict[str, int] = {}
        self._expressions: list[Expression] = []
        self._relations: list[Relation] = []
        self._turning: list[tuple[int, Callable[[Any], Any]]] | None = None
        self._memos: dict[int, Memo] = {}
        if hasattr(self.entity, "id") and not given:
            self.place("id", lambda viewer: self.entity.id)
        self.writers = [self._writer(details, shape) for details, shape in selections]
        self._listed = [writer.listed() for writer in self.writers]

    def place(self, name: str, expression: Expression | None = None) -> int:
        """The number of a value in rows, taken up if it is not among them yet."""
        if name not in self._places:
            if expression is None and not self.given:
                column = getattr(self.entity, name)
                expression = lambda viewer: column  # noqa: E731 - one of two ways to say where a value comes from
            self._places[name] = len(self._places)
            self._expressions.append(expression or _nowhere)
        return self._places[name]

    def number_of(self, name: str) -> int:
        """The number of a value in rows; of one that is not among them, that of what is put after them."""
        return self._places.get(name, len(self._places))

    def columns(self, viewer: Viewer) -> dict[str, Any]:
        """The expressions to select, by the names of the values."""
        return {name: make(viewer) for name, make in zip(self._places, self._expressions, strict=True)}

    def rows_of(self, values: Sequence[Row]) -> Rows:
        """Given rows in the places of this level."""
        names = tuple(self._places)
        return [tuple([row.values[name] for name in names]) for row in values]

    def run(self, rows: Rows, run: Run) -> Raw:
        """What the rows are written as, selection by selection."""
        found = (yield from self.related(rows, run)) if self._relations else ()
        return [write(rows, found) for write in self._listed]

    def related(self, rows: Rows, run: Run) -> Raw:
        """What the relations of rows have found, for those who write them otherwise."""
        found: list[Any] = []
        for relation in self._relations:
            found.append((yield from relation.fetch(rows, run)))  # noqa: PERF401 - comprehensions cannot yield
        return found

    def look(self, row: Sequence[Any]) -> None:
        """Look at a row that nobody is shown: graphql-core's way turns all values of a statement into what they mean.

        Raises:
            Exception: for a value that cannot be turned.
        """
        if self._turning is None:
            made = [self.composer.processor(make(_NOBODY).type) for make in self._expressions]
            turns = [
                self._memos[place].__getitem__ if place in self._memos else turn for place, turn in enumerate(made)
            ]
            self._turning = [(place, turn) for place, turn in enumerate(turns) if turn]
        for place, process in self._turning:
            process(row[place])

    def _writer(self, details: Details, shape: Respelling | None) -> RowWriter:
        """How a selection's part of rows is written, of an expression for each of its fields."""
        names: dict[str, Any] = {"first": _first}
        entries = []
        for key, asked in self.composer.fields(self.type.graphql, details):
            name = asked[0].node.name.value
            part = shape.fields.get(key) if shape is not None else None
            if name == "__typename":
                code = repr(self.type.graphql.name)
            else:
                code = self._code(self._plan(name), asked, part, names)
            entries.append(f"{key!r}: {code}")
        only = f"[{shape.only!r}]" if shape is not None and shape.only else ""
        return RowWriter(f"{{{', '.join(entries)}}}{only}", len(self._relations), names)

    def _plan(self, name: str) -> FieldPlan:
        plan = self.type.fields.get(name)
        if plan is None:
            raise Unsupported(f"{self.type.graphql.name}.{name}")
        return plan

    def _code(self, plan: FieldPlan, asked: Details, shape: Respelling | None, names: dict[str, Any]) -> str:
        form = plan.form
        if isinstance(form, Link | Collection | AnyNode) or self._is_nested(plan):
            relation = self._relate(self, plan, asked, shape)
            number = len(self._relations)
            self._relations.append(relation)
            names[f"n{number}"] = _none
            return relation.code.format(x=f"x{number}", none=f"n{number}")
        complete = completion(plan.graphql.type, lambda part: self._plain(plan, asked, part), shape)
        if isinstance(form, Derived):
            return self._derived(form, complete, names)
        if isinstance(form, Attribute):
            index = self.place(form.name)
            if self.given:
                return self._call(complete, f"r[{index}]", names)
            return self._stored(index, getattr(self.entity, form.name), plan, complete, shape, names)
        if isinstance(form, Column) and not self.given:
            index = self.place(plan.name, form.expression)
            return self._computed(index, form.expression(_NOBODY).type, plan, complete, shape, names)
        raise Unsupported(f"{self.type.graphql.name}.{asked[0].node.name.value}")

    def _is_nested(self, plan: FieldPlan) -> bool:
        """Whether it leads to objects inside of given ones, which may lead further."""
        return self.given and self.entity is None and bool(plan.target) and isinstance(plan.form, Attribute)

    def _plain(self, plan: FieldPlan, asked: Details, shape: Respelling | None) -> Complete:
        type_ = self.composer.rooms.plans.types.get(get_named_type(plan.graphql.type).name)
        if type_ is None:
            raise Unsupported(f"{self.type.graphql.name}.{plan.name} is of several kinds")
        return plain(self.composer, type_, asked, shape)

    def _call(self, complete: Complete, code: str, names: dict[str, Any]) -> str:
        name = f"c{len(names)}"
        names[name] = complete
        return f"{name}({code})"

    def _derived(self, form: Derived, complete: Complete, names: dict[str, Any]) -> str:
        parts = []
        for need in form.needs:
            code = f"r[{self.place(need)}]"
            process = None if self.given else self.composer.processor(getattr(self.entity, need).type)
            parts.append(self._call(process, code, names) if process else code)
        function = form.function
        if form.located:
            url, located = self.composer.rooms.public_url, form.function
            function = lambda *values: located(url, *values)  # noqa: E731 - the same function, told where it is
        return self._call(complete, self._call(function, ", ".join(parts), names), names)

    def _stored(
        self,
        index: int,
        column: InstrumentedAttribute[Any],
        plan: FieldPlan,
        complete: Complete,
        shape: Respelling | None,
        names: dict[str, Any],
    ) -> str:
        """A column as it is stored: a text is a text there, and not null where the table says so."""
        type_, code = plan.graphql.type, f"r[{index}]"
        named = get_named_type(type_)
        text = named.name in _TEXTS and not _listed(type_) and shape is None
        if text and self.composer.processor(column.type) is None:
            if not is_non_null_type(type_) or not column.property.columns[0].nullable:
                return code
            return f"({code} if {code} is not None else {self._call(complete, code, names)})"
        return self._computed(index, column.type, plan, complete, shape, names)

    def _computed(
        self,
        index: int,
        stored: Any,
        plan: FieldPlan,
        complete: Complete,
        shape: Respelling | None,
        names: dict[str, Any],
    ) -> str:
        code, type_ = f"r[{index}]", plan.graphql.type
        process = self.composer.processor(stored)
        inline = None if shape is not None or _listed(type_) else _INLINE.get(get_named_type(type_).name)
        if inline and process is None:
            name = f"c{len(names)}"
            names[name] = complete
            return inline.format(code, name)
        if process is None:
            return self._call(complete, code, names)
        as_written = isinstance(stored, Instant) and (shape is None or shape.write is None)
        whole = _moment(process, complete) if as_written else _both(process, complete)
        if not is_leaf_type(get_named_type(type_)):
            # What is made of objects depends on the selection, of which clients can think up any number.
            return self._call(whole, code, names)
        name = f"m{len(names)}"
        names[name] = self._memos[index] = (
            self.composer.rooms.memo(stored, type_, whole) if shape is None else Memo(whole)
        )
        return f"{name}[{code}]"


def plain(composer: Composer, type_: TypePlan, details: Details, shape: Respelling | None) -> Complete:
    """How an object that is no stored row is completed: a dataclass, or an object of a JSON column."""
    entries: list[tuple[str, Callable[[Any], Any], Complete]] = []
    for key, asked in composer.fields(type_.graphql, details):
        name, part = asked[0].node.name.value, shape.fields.get(key) if shape is not None else None
        plan = type_.fields.get(name)
        if name == "__typename":
            told = type_.graphql.name
            entries.append((key, lambda values, told=told: told, _same))  # type: ignore[misc]
            continue
        if plan is None or not isinstance(plan.form, Attribute | Derived):
            raise Unsupported(f"{type_.graphql.name}.{name}")
        complete = completion(plan.graphql.type, _inner(composer, plan, asked), part)
        entries.append((key, _reading(composer, plan.form), complete))

    def write(value: Any) -> dict[str, Any]:
        row = as_row(value)
        if type(row) is not Row:
            raise Anomaly
        values = row.values
        return {key: complete(read(values)) for key, read, complete in entries}

    return alone(write, shape)


def _inner(composer: Composer, plan: FieldPlan, asked: Details) -> Callable[[Respelling | None], Complete]:
    def make(shape: Respelling | None) -> Complete:
        type_ = composer.rooms.plans.types.get(get_named_type(plan.graphql.type).name)
        if type_ is None:
            raise Unsupported(f"{plan.name} is of several kinds")
        return plain(composer, type_, asked, shape)

    return make


def _reading(composer: Composer, form: Attribute | Derived) -> Callable[[Any], Any]:
    if isinstance(form, Attribute):
        name = form.name
        return lambda values: values[name]
    function, needs = form.function, form.needs
    first = (composer.rooms.public_url,) if form.located else ()
    return lambda values: function(*first, *(values[need] for need in needs))


def _same(value: Any) -> Any:
    return value


def _none(value: Any) -> Any:
    """A value that has to be there.

    Raises:
        Anomaly: when it is not.
    """
    if value is None:
        raise Anomaly
    return value


def _first(*found: Any) -> Any:
    return next((each for each in found if each is not None), None)


def _nowhere(viewer: Viewer) -> Any:
    raise Unsupported("a given row has no columns")


def _listed(type_: Any) -> bool:
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_) or not is_leaf_type(get_named_type(type_))


def _both(process: Any, complete: Complete) -> Complete:
    return lambda raw: complete(process(raw))


def _moment(process: Any, complete: Complete) -> Complete:
    """Moments that are stored as they are written need only be looked at."""

    def moment(raw: Any) -> Any:
        if type(raw) is str and len(raw) == 20 and raw[19] == "Z":
            text = raw[:19]
            if datetime.fromisoformat(text).isoformat() == text:
                return raw
        return complete(process(raw))

    return moment

"""Statements kept as text, with a function that puts values into their places."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean

from domain.viewer import Viewer
from resolvers.reads import Order, Statement
from resolvers.sql import TODAY
from schema.compiled.arguments import Given, Unusual
from schema.compiled.marks import Inspected, Mark, Marks

_RETRIES = 40
"""More than a read has arguments: each attempt gives at least one more of them as it is."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build yields: a statement, and of a listing its order, and whether its changes are told by events."""

    statement: Statement
    order: Order | None = None
    told: bool = True


class Asking(NamedTuple):
    """What a statement is made for: who asks, what was given, the day it is, and what only running tells (`extras`)."""

    viewer: Viewer
    given: Given
    today: date
    extras: Sequence[Any] = ()


Build = Callable[[Marks, Viewer, Given], Built]
"""Builds a statement; `given` has the values the marks stand for."""
_Values = Callable[[Any, Any, Any, Any], tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Template:
    """A statement as text; `order` is that of its rows, `told` whether events tell of all that changes them."""

    sql: str
    values: _Values
    order: Order | None
    told: bool
    dated: bool
    """Whether the day is among its values."""


@dataclass(slots=True)
class _Shape:
    """All statements of one shape: the places whose values they were built with, and a statement for each of these."""

    exact: frozenset[str]
    key: Callable[[Any, Any, Any, Any], tuple[Any, ...]]
    templates: dict[tuple[Any, ...], Template]


class Statements:
    """Keeps the statements asked for last, by where they stand in which operation and by their shape."""

    def __init__(self, dialect: Dialect, kept: int) -> None:
        self.dialect = dialect
        self.built = 0
        """How often a statement had to be built."""
        self._kept = kept
        self._shapes: OrderedDict[Hashable, _Shape] = OrderedDict()

    def usual(self, key: Hashable) -> Template | None:
        """The statement for a place and shape, where there is one for all values of that shape and it is known."""
        shape = self._shapes.get(key)
        if shape is None or shape.exact:
            return None
        self._shapes.move_to_end(key)
        return shape.templates.get(())

    def find(self, key: Hashable, build: Build, asking: Asking) -> Template:
        """The statement for a place and shape, built where it is not known.

        Raises:
            Unusual: it cannot be built so.
            DomainError: the read refuses what was given.
        """
        shape = self._shapes.get(key)
        if shape is not None:
            self._shapes.move_to_end(key)
            known = shape.templates.get(shape.key(asking.viewer, asking.given.leaves, asking.extras, asking.today))
            if known is not None:
                return known
        return self._build(key, build, asking, shape.exact if shape else frozenset())

    def _build(self, key: Hashable, build: Build, asking: Asking, exact: frozenset[str]) -> Template:
        self.built += 1
        template, needed = self._attempts(build, asking, exact)
        shape = self._shapes.get(key)
        if shape is None or shape.exact != needed or len(shape.templates) >= self._kept:
            shape = self._shapes[key] = _Shape(needed, _function(sorted(needed), {}), {})
        shape.templates[shape.key(asking.viewer, asking.given.leaves, asking.extras, asking.today)] = template
        self._forget()
        return template

    def _forget(self) -> None:
        while sum(1 for _ in self._shapes) > 1 and self._count() > self._kept:
            self._shapes.popitem(last=False)

    def _count(self) -> int:
        return sum(len(shape.templates) for shape in self._shapes.values())

    def _attempts(self, build: Build, asking: Asking, exact: frozenset[str]) -> tuple[Template, frozenset[str]]:
        for _ in range(_RETRIES):
            marks = Marks(exact)
            try:
                built = build(marks, asking.viewer, asking.given)
                return self._rendered(built, marks), exact
            except Inspected as error:
                if error.origins <= exact or any(place.startswith("x") for place in error.origins):
                    # What only running tells is not known to a build.
                    raise Unusual("statement") from error
                exact |= error.origins
            except TypeError:
                # What is no text was handed to something that takes nothing else: then all is given as it is.
                everything = exact | {f"a[{number}]" for number in range(len(asking.given.leaves))}
                if everything == exact:
                    raise
                exact = everything
        raise Unusual("statement")

    def _rendered(self, built: Built, marks: Marks) -> Template:
        compiled = built.statement.compile(dialect=self.dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what selects is compiled so
        known = {TODAY: date.min} if TODAY in compiled.binds else {}
        state = compiled.construct_expanded_state(known)
        constants: dict[str, Any] = {}
        places = []
        for number, name in enumerate(state.positiontup or ()):
            value = state.parameters[name]
            process = state.processors.get(name) or self._processor(compiled, name)
            mark = marks.bound.get(name, value if issubclass(type(value), Mark) else None)
            code = "t" if name == TODAY else mark.code if mark is not None else None
            if code is None:
                constants[f"c{number}"] = process(value) if process else value
                places.append(f"c{number}")
            elif process:
                constants[f"p{number}"] = process
                places.append(f"p{number}({code})")
            else:
                places.append(code)
        return Template(state.statement, _function(places, constants), built.order, built.told, bool(known))

    def _processor(self, compiled: SQLCompiler, name: str) -> Any:
        """What turns a value into the driver's form; of the parts of a list the state above knows it."""
        bind = compiled.binds.get(name)
        return bind.type.dialect_impl(self.dialect).bind_processor(self.dialect) if bind is not None else None


def _function(places: Sequence[str], constants: dict[str, Any]) -> Any:
    """A function of viewer, leaves, extras and the day that yields a tuple of what stands at these places."""
    source = f"lambda v, a, x, t: ({''.join(f'{place}, ' for place in places)})"
    return eval(source, {**constants, "__builtins__": {}})  # noqa: S307 - made of our own names and constants alone


class Among(FunctionElement[bool]):
    """Whether a column is one of many keys that come as one value: the statement is the same for any number."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Itself: compared with a truth value, where there are none, it would find nothing by an index."""
        return self


@compiles(Among, "sqlite")
def _among_sqlite(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - compiled clauses


@compiles(Among, "postgresql")
def _among_postgresql(element: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({keys})"

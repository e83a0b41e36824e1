"""What making a program out of an operation needs: its fields, how it is read, and what it may do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLOutputType,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from sqlalchemy import Dialect

from domain.permissions import Permission
from domain.viewer import Viewer
from schema.compiled.arguments import Given
from schema.compiled.marks import sort_of
from schema.compiled.statements import Asking, Build, Statements, Template
from schema.compiled.steps import Asked
from schema.compiled.values import Complete, Memo
from schema.context import Context
from schema.engine.plan import Details, Plans

_sites = itertools.count()


class Unsupported(Exception):
    """Something that programs do not do; the message names it."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """What every composing shares: the plans, the statements kept, where this server is reached, how values are read.

    `memos` is what values become: shared, so that the number of operations does not multiply what is remembered.
    """

    plans: Plans
    statements: Statements
    public_url: str
    processor: Callable[[Any], Any]
    memos: dict[Hashable, Memo] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        """The database's."""
        return self.statements.dialect

    def memo(self, stored: Any, type_: GraphQLOutputType, make: Complete) -> Memo:
        """What raw values of a type of column become as values of a type of the graph."""
        key = (type(stored), getattr(stored, "enum_class", None), str(type_))
        return self.memos.setdefault(key, Memo(make))


@dataclass
class Composer:
    """Composes one operation, for certain truth values of what its @skip and @include ask."""

    rooms: Rooms
    document: DocumentNode
    operation: OperationDefinitionNode
    conditions: Mapping[str, bool]
    permissions: set[Permission] = field(default_factory=set)

    def __post_init__(self) -> None:
        definitions = [each for each in self.document.definitions if isinstance(each, FragmentDefinitionNode)]
        self._fragments = {each.name.value: FragmentDetails(each) for each in definitions}
        self._values = VariableValues({}, dict(self.conditions))

    def roots(self, type_: GraphQLObjectType) -> Iterator[tuple[str, Details]]:
        """The response keys at the top, each with what asks for it."""
        schema = self.rooms.plans.schema
        found = collect_fields(schema, self._fragments, self._values, type_, self.operation)
        yield from found.grouped_field_set.items()

    def fields(self, type_: GraphQLObjectType, details: Details) -> Iterator[tuple[str, Details]]:
        """The response keys of an object of this type, each with what asks for it, by graphql-core's collection."""
        schema = self.rooms.plans.schema
        found = collect_subfields(schema, self._fragments, self._values, self.operation, type_, details)
        yield from found.grouped_field_set.items()

    def processor(self, type_: Any) -> Any:
        """What turns a raw value of a column into the value it stands for; None where they are the same."""
        return self.rooms.processor(type_)


def site() -> int:
    """A number for one place that asks for rows, by which its statements are known."""
    return next(_sites)


class Run:
    """One run of a program: who asks, with which variables, under which limits."""

    __slots__ = ("_today", "context", "sort", "statements", "variables", "viewer")

    def __init__(self, statements: Statements, context: Context, variables: Mapping[str, Any]) -> None:
        self.statements = statements
        self.context = context
        self.viewer: Viewer = context.known_viewer()
        self.variables = variables
        self.sort = sort_of(self.viewer)
        self._today: date | None = None

    @property
    def today(self) -> date:
        """The day it is, the same for the whole run."""
        if self._today is None:
            self._today = self.context.boundary.clock.now().date()
        return self._today

    def template(self, number: int, build: Build, given: Given, variant: Hashable, extras: Any = ()) -> Template:
        """The statement of a site for what is asked now."""
        key = (number, self.sort, given.shape, variant)
        return self.statements.usual(key) or self.statements.find(
            key, build, Asking(self.viewer, given, self.today, extras)
        )

    def asked(self, number: int, build: Build, given: Given, variant: Hashable, extras: Any = ()) -> Asked:
        """The statement of a site with its values."""
        return self.filled(self.template(number, build, given, variant, extras), given, extras)

    def filled(self, template: Template, given: Given, extras: Any = ()) -> Asked:
        """A statement with its values."""
        today = self.today if template.dated else None
        return _asked(Asked, (template.sql, template.values(self.viewer, given.leaves, extras, today)))


_asked = tuple.__new__
"""A named tuple without its own way of making one, which takes longer than a statement by its key."""
NOTHING = Given(dict, (), (), (), {})
"""What a relation without arguments is given."""

"""A route made ready at start: its operation checked against the schema, its arguments bound, its answer shaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from inspect import isawaitable
from typing import Any

from graphql import FieldNode, GraphQLSchema, execute

from rest_compat.engine.arguments import Source
from rest_compat.engine.binding import Binder, Bound
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.documents import Operation, RouteDrift, check, load
from rest_compat.engine.failures import Fields, faultless, refuse_problems
from rest_compat.engine.faults import Fault
from rest_compat.engine.respelled import writer_of
from rest_compat.engine.routes import Route, parts
from rest_compat.engine.shapes import PROBLEMS, Shaper
from rest_compat.engine.spelling import JsonSchema


class PreparedRoute:
    """Everything one call needs, parsed and checked once."""

    def __init__(self, route: Route, operation: Operation, schema: GraphQLSchema, dialect: Dialect) -> None:
        self.route = route
        self.operation = operation
        self.binder = Binder(route.id, route.arguments, operation.variables(schema), dialect.spelling)
        self.result = Shaper(schema, operation, dialect.spelling).root()
        self._respell = writer_of(self.result.respelling)
        self._schema = schema
        self._fields = Fields(operation)
        self.answer_schema = self._described()
        self._check_path()
        self._check_items()
        self._check_problems()

    @cached_property
    def writes(self) -> bool:
        """Whether the call changes anything."""
        return self.operation.is_mutation

    @cached_property
    def only_reads(self) -> bool:
        """Whether path and query say all of it, it changes nothing, and costs nothing but a request."""
        return not (self.writes or self.binder.reads_body or self.route.limits)

    async def run(self, bound: Bound, context: object) -> object:
        """Execute the operation and make the body of the answer.

        Raises:
            Fault: the graph refused, or there is nothing there.
            UnexpectedErrors: the graph failed.
        """
        result = execute(self._schema, self.operation.document, context_value=context, variable_values=bound.variables)
        if isawaitable(result):
            result = await result
        try:
            data: Any = faultless(result, self._fields, bound)
        except Fault as fault:
            fault.what = fault.what or self.route.missing
            raise
        return self.written(self._respell(data) if self._respell else data, bound)

    def written(self, data: dict[str, Any], bound: Bound) -> object:
        """The body of the answer, from data in the dialect's spelling.

        Raises:
            Fault: a mutation tells what it did not do, or there is nothing there.
        """
        try:
            if self.writes:
                refuse_problems(data, self._fields, bound)
            return self.route.answer.write(data, bound.given)
        except Fault as fault:
            fault.what = fault.what or self.route.missing
            raise

    def amount(self, bound: Bound) -> int:
        """How often a call counts in the groups of its route: once, or once for every item of a batch."""
        if not self.route.items:
            return 1
        value: Any = bound.variables
        for step in self._items:
            value = value.get(step) if isinstance(value, dict) else None
        return len(value) if isinstance(value, list) else 0

    def _described(self) -> JsonSchema:
        try:
            return self.route.answer.schema(self.result)
        except KeyError as missing:
            raise RouteDrift(self.route.id, f"the operation does not select {missing}") from None

    def _check_path(self) -> None:
        named = {part[1:-1] for part in parts(self.route.path) if part.startswith("{")}
        taken = {each.name for each in self.route.arguments if each.source is Source.PATH}
        if named != taken:
            raise RouteDrift(self.route.id, f"path and arguments differ in {', '.join(sorted(named ^ taken))}")

    def _check_items(self) -> None:
        if self.route.items and not self._items:
            raise RouteDrift(self.route.id, f"no argument takes the items {self.route.items!r}")

    @cached_property
    def _items(self) -> tuple[str, ...]:
        """Where the items of a batch are among the variables."""
        for argument, names in self.binder.names.items():
            if names[0].name == self.route.items:
                steps = [each.name for each in self.binder.steps[argument]]
                many = [index for index, each in enumerate(self.binder.steps[argument]) if each.many]
                return tuple(steps[: many[0] + 1] if many else steps)
        return ()

    def _check_problems(self) -> None:
        for node in self.operation.root_fields() if self.operation.is_mutation else ():
            below = node.selection_set.selections if node.selection_set else ()
            if PROBLEMS not in [each.name.value for each in below if isinstance(each, FieldNode)]:
                raise RouteDrift(self.route.id, f"{node.name.value} must select {PROBLEMS} {{ code message field }}")


@lru_cache(maxsize=8)
def prepare(dialect: Dialect, schema: GraphQLSchema) -> Sequence[PreparedRoute]:
    """All routes of a dialect against the schema; made once, as nothing changes them and making them takes long.

    Raises:
        RouteDrift: with the name of the first route that does not fit.
    """
    operations: Mapping[str, Operation] = load(dialect.folder)
    check([operations[each.operation] for each in dialect.routes if each.operation in operations], schema)
    prepared: list[PreparedRoute] = []
    for route in dialect.routes:
        operation = operations.get(route.operation)
        if operation is None:
            raise RouteDrift(route.id, f"no document holds the operation {route.operation}")
        prepared.append(PreparedRoute(route, operation, schema, dialect))
    names = [each.route.id for each in prepared]
    for name in names:
        if names.count(name) > 1:
            raise RouteDrift(name, "two routes bear this name")
    return tuple(prepared)

"""What an operation would cost, told from its text and variables alone.

The formula
    cost(field)  = times x (own + sum of cost(children))        leaf fields cost nothing
    own          = 1 for a field of an object, interface or union type;
                   5 for an answer that is computed beside a row, a leaf too;
                   10 + items for a root field of a mutation;
                   100 for `__schema` and `__type`, whose children are not counted
    times        = 1 for a single object
                 = the page size for every list below a paged field (`nodes`, `edges`), or for the paged field
                   itself when it is the list: `first`, else `last`, else the argument's default, else 50
                 = items for every list right below a root field of a mutation that was given any
                 = 10 for any other list of objects
    items        = the length of the longest list among the arguments of a root field of a mutation, at any depth,
                   in literals and in variables: a bulk of 500 leads answers 500 results
    nodes(field) = times x ((1 if the field is a list else 0) + sum of nodes(children))
The cost of an operation is the sum over its root fields. `@skip` and `@include` are ignored: what counts is the most
the operation could do. Fields of several possible types are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from gateway.graphql.batch import Batch
from gateway.graphql.errors import Code, over_limit
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.shape import Outline
from schema.engine.forms import Reckoned

# Far more than any limit, and still a number every JSON reader takes exactly.
_CEILING = 2**53 - 1
# Prices that are kept for each operation: clients ask for few different sizes of pages.
_MOST_KNOWN = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of one operation: points, rows it could touch, and the points of each root field."""

    requested: int
    nodes: int
    by_field: Mapping[str, int]


@dataclass(slots=True)
class _Part:
    """One field of an object type: what it costs by itself and what multiplies it."""

    path: str
    own: int
    is_list: bool
    page: Mapping[str, int | str] | None = None  # argument → number, or the name of its variable
    batch: Batch | None = None  # what a mutation is given to work on
    children: list[_Part] = field(default_factory=list)


class CostPlan:
    """The price of a validated operation as a function of its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        roots: Sequence[Outline],
        limits: GraphQLLimits,
    ) -> None:
        self._limits = limits
        self._schema = schema
        root_type = schema.get_root_type(operation.operation)
        self._changes = root_type if operation.operation is OperationType.MUTATION else None
        self._roots = [(root.key, part) for root in roots for part in self._parts(root, root_type, "")]
        self._deciding = _deciding([part for _, part in self._roots])
        self._known: dict[tuple[Any, ...], Cost] = {}

    def price(self, variables: Mapping[str, Any]) -> Cost:
        """The cost with these coerced variables.

        Raises:
            Refused: for a page or an offset out of its range, too many nodes, or too high a cost.
        """
        if self._deciding is None:
            return self._priced(variables)
        given = tuple([variables.get(name) for name in self._deciding])
        cost = self._known.get(given)
        if cost is None:
            cost = self._priced(variables)
            if len(self._known) < _MOST_KNOWN:
                self._known[given] = cost
        return cost

    def _priced(self, variables: Mapping[str, Any]) -> Cost:
        by_field: dict[str, int] = {}
        nodes = 0
        for key, part in self._roots:
            points, rows = self._weigh(part, None, variables)
            by_field[key] = min(by_field.get(key, 0) + points, _CEILING)
            nodes += rows
        cost = Cost(min(sum(by_field.values()), _CEILING), min(nodes, _CEILING), by_field)
        self._refuse_above_maximum(cost)
        return cost

    def _refuse_above_maximum(self, cost: Cost) -> None:
        limits = self._limits
        if cost.nodes > limits.nodes:
            raise over_limit(
                Code.NODE_LIMIT_EXCEEDED,
                f"The operation could return {cost.nodes} nodes; at most {limits.nodes} are allowed."
                " Ask for smaller pages.",
                requested=cost.nodes,
                maximum=limits.nodes,
                fields=cost.by_field,
            )
        if cost.requested > limits.cost:
            raise over_limit(
                Code.COST_LIMIT_EXCEEDED,
                f"The operation costs {cost.requested}; at most {limits.cost} is allowed.",
                requested=cost.requested,
                maximum=limits.cost,
                nodes=cost.nodes,
                fields=cost.by_field,
            )

    def _weigh(self, part: _Part, page: int | None, variables: Mapping[str, Any]) -> tuple[int, int]:
        below = self._page_size(part, variables) if part.page is not None else None
        items = part.batch.longest(variables) if part.batch is not None else 0
        below = items or below
        times = 1
        if part.is_list:
            times = next((size for size in (below, page) if size is not None), self._limits.assumed_list_size)
        points, rows = part.own + items, 1 if part.is_list else 0
        for child in part.children:
            child_points, child_rows = self._weigh(child, below, variables)
            points += child_points
            rows += child_rows
        return points * times, rows * times

    def _page_size(self, part: _Part, variables: Mapping[str, Any]) -> int:
        size = self._limits.default_page_size
        for name, given in (part.page or {}).items():
            value = variables.get(given) if isinstance(given, str) else given
            if not isinstance(value, int):
                continue
            maximum = self._limits.offset if name == "offset" else self._limits.page_size
            if not 0 <= value <= maximum:
                raise over_limit(
                    Code.PAGE_LIMIT_EXCEEDED,
                    f"`{name}` of `{part.path}` must be between 0 and {maximum}, not {value}.",
                    field=f"{part.path}.{name}",
                    maximum=maximum,
                )
            if name != "offset":
                size = value
        return size

    def _parts(self, outline: Outline, parent: Any, above: str) -> list[_Part]:
        path = f"{above}.{outline.key}" if above else outline.key
        if outline.name in ("__schema", "__type"):
            return [_Part(path, self._limits.introspection_cost, is_list=False)]
        holder = self._schema.get_type(outline.condition) if outline.condition else parent
        definition = self._definition(holder, outline.name)
        if definition is None:
            return []
        named = get_named_type(definition.type)
        page = _page_arguments(definition, outline)
        changes = holder is self._changes
        reckoned = _is_reckoned(definition)
        own = self._limits.mutation_cost if changes else self._limits.reckoned_cost if reckoned else 1
        batch = Batch.of(definition, outline.node) if changes and page is None else None
        if not is_composite_type(named):
            priced = page is not None or changes or reckoned
            return [_Part(path, own, is_list=False, page=page, batch=batch)] if priced else []
        is_list = isinstance(get_nullable_type(definition.type), GraphQLList)
        children = [part for child in outline.children for part in self._parts(child, named, path)]
        return [_Part(path, own, is_list, page, batch, children)]

    @staticmethod
    def _definition(holder: Any, name: str) -> GraphQLField | None:
        # `__typename`, and everything selected on a union, is reached through conditions or costs nothing.
        if not isinstance(holder, GraphQLObjectType | GraphQLInterfaceType):
            return None
        definition: GraphQLField | None = holder.fields.get(name)
        return definition


def _deciding(parts: Sequence[_Part]) -> tuple[str, ...] | None:
    """The variables that decide the price, all of them sizes of pages; None where others do as well."""
    names: dict[str, None] = {}
    waiting = list(parts)
    while waiting:
        part = waiting.pop()
        if part.batch is not None and part.batch.variables:
            return None
        names |= dict.fromkeys(given for given in (part.page or {}).values() if isinstance(given, str))
        waiting += part.children
    return tuple(names)


def _is_reckoned(definition: GraphQLField) -> bool:
    return isinstance(getattr(definition.extensions.get("strawberry-definition"), "form", None), Reckoned)


def _page_arguments(definition: GraphQLField, outline: Outline) -> Mapping[str, int | str] | None:
    """The page arguments of a field, `last` before `first`, so that `first` has the last word; None: not paged."""
    if "first" not in definition.args and "last" not in definition.args:
        return None
    given = {argument.name.value: argument.value for argument in outline.node.arguments or ()}
    page: dict[str, int | str] = {}
    for name in ("last", "first", "offset"):
        argument = definition.args.get(name)
        if argument is None:
            continue
        value = given.get(name)
        if isinstance(value, IntValueNode):
            page[name] = int(value.value)
        elif isinstance(value, VariableNode):
            page[name] = value.name.value
        elif value is None and isinstance(default := _default(argument), int):
            page[name] = default
    return page


def _default(argument: GraphQLArgument) -> Any:
    default = argument.default
    if default is None:
        return argument.default_value
    if isinstance(default.literal, IntValueNode):
        return int(default.literal.value)
    return default.value

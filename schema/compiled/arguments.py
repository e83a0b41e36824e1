"""The arguments of a field: their values beside their shape, by which statements are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from graphql import FieldNode, GraphQLField, Undefined, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import Visitor, visit

from domain.texts import storable
from schema.compiled.marks import Marks
from schema.engine.forms import PAGE_ARGUMENTS
from schema.engine.inputs import LONGEST

_SHAPES_KNOWN = 4096
_VALUES = (str, int, float, datetime, date)


class Unusual(Exception):
    """Something that ordinary execution has to deal with; the message says what, in few words."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a field was given: `values` for its read, `paging` for its page; `leaves` are the single values in them.

    Two of one shape differ in their leaves alone.
    """

    values: Mapping[str, Any]
    paging: Mapping[str, Any]
    shape: Hashable
    leaves: Sequence[Any]

    def marked(self, marks: Marks) -> dict[str, Any]:
        """The values with marks in place of leaves, each called by its number."""
        numbers = iter(range(len(self.leaves)))

        def of(value: Any) -> Any:
            if type(value) in _VALUES:
                return marks.of(f"a[{next(numbers)}]", value)
            if type(value) is list:
                return [of(item) for item in value]
            if type(value) is dict:
                return {name: of(item) for name, item in value.items()}
            return value

        return {name: of(value) for name, value in self.values.items()}


def given(values: Mapping[str, Any], *, paged: bool) -> Given:
    """Coerced arguments as a read's own and those of a page.

    Raises:
        Unusual: for what no database could compare.
    """
    paging = {name: value for name, value in values.items() if name in PAGE_ARGUMENTS} if paged else {}
    own = {name: value for name, value in values.items() if name not in paging} if paging else values
    leaves: list[Any] = []
    return Given(own, paging, _known(_shape(own, leaves)), leaves)


@lru_cache(maxsize=_SHAPES_KNOWN)
def _known(shape: Hashable) -> Hashable:
    """A stand-in for a shape, the same for equal ones: a run looks it up several times, and enums are slow to hash."""
    return object()


def _shape(value: Any, leaves: list[Any]) -> Any:
    kind = type(value)
    if kind is str:
        if len(value) > LONGEST or not storable(value):
            raise Unusual("argument")
        leaves.append(value)
        return str
    if kind in _VALUES:
        leaves.append(value)
        return kind
    if kind is dict:
        return tuple([(name, _shape(item, leaves)) for name, item in value.items()])
    if kind is list:
        return list, tuple([_shape(item, leaves) for item in value])
    if value is None or kind is bool or isinstance(value, Enum):
        return value
    raise Unusual("argument")


class Kept(dict[str, Any]):
    """Coerced variables of a request that comes again, with what fields were given by them; nobody may alter them."""

    __slots__ = ("known",)

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__(variables)
        self.known: dict[object, Given] = {}
        """By how a field's arguments are read."""


Giving = Callable[[Mapping[str, Any]], Given]
"""From the coerced variables of an operation to what one of its fields was given."""


def giving(field: GraphQLField, node: FieldNode, *, paged: bool) -> Giving:
    """How what a field is given comes from variables, with as much as possible done ahead."""
    read = reading(field, node)
    if not _variables(node):
        fixed: list[Given] = []

        def once(variables: Mapping[str, Any]) -> Given:
            if not fixed:
                fixed.append(given(read(variables), paged=paged))
            return fixed[0]

        return once

    def remembered(variables: Mapping[str, Any]) -> Given:
        if type(variables) is not Kept:
            return given(read(variables), paged=paged)
        found = variables.known.get(read)
        if found is None:
            found = variables.known[read] = given(read(variables), paged=paged)
        return found

    return remembered


def reading(field: GraphQLField, node: FieldNode) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """How a field's arguments come from variables.

    Raises, when called:
        Unusual: for what only graphql-core can tell, or say what is wrong with it.
    """
    names = _variables(node)

    def read(variables: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: variables[name] for name in names if name in variables}
        return get_argument_values(field, node, VariableValues({}, known))

    plain: dict[str, Any] = {each.name.value: each.value for each in node.arguments or ()}
    direct = all(isinstance(each, VariableNode) for each in plain.values())
    defaults = any(arg.default_value is not Undefined or arg.default is not None for arg in field.args.values())
    if not direct or defaults:
        return read
    sources = [(field.args[name].out_name or name, value.name.value) for name, value in plain.items()]
    demanded = [
        source for (_, source), name in zip(sources, plain, strict=True) if is_non_null_type(field.args[name].type)
    ]

    def copied(variables: Mapping[str, Any]) -> dict[str, Any]:
        if any(variables.get(name) is None for name in demanded):
            raise Unusual("argument")
        return {name: variables[source] for name, source in sources if source in variables}

    return copied


def _variables(node: FieldNode) -> list[str]:
    found: dict[str, None] = {}

    class Find(Visitor):
        def enter_variable(self, found_node: VariableNode, *_: Any) -> None:
            found[found_node.name.value] = None

    for argument in node.arguments or ():
        visit(argument, Find())
    return list(found)

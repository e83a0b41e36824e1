"""How many items the arguments of a field hold, told from its literals and, where it has them, its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_nullable_type,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """The lists among the arguments of one field, at any depth; lists inside of scalars are no items."""

    literal: int
    variables: tuple[tuple[str, GraphQLInputType], ...]

    @classmethod
    def of(cls, definition: GraphQLField, node: FieldNode) -> Batch:
        """What the arguments of a validated field say by themselves."""
        variables: list[tuple[str, GraphQLInputType]] = []
        given = [
            _in_literal(argument.value, definition.args[argument.name.value].type, variables)
            for argument in node.arguments or ()
        ]
        return cls(max(given, default=0), tuple(variables))

    def longest(self, variables: Mapping[str, Any]) -> int:
        """The length of the longest list with these coerced variables."""
        return max((self.literal, *(_in_value(variables.get(name), type_) for name, type_ in self.variables)))


def _in_literal(node: ValueNode, type_: GraphQLInputType, variables: list[tuple[str, GraphQLInputType]]) -> int:
    if isinstance(node, VariableNode):
        variables.append((node.name.value, type_))
        return 0
    bare: Any = get_nullable_type(type_)
    if isinstance(node, NullValueNode):
        return 0
    if isinstance(bare, GraphQLList):
        # A single value stands for a list of one.
        items = node.values if isinstance(node, ListValueNode) else (node,)
        return max(len(items), *(_in_literal(item, bare.of_type, variables) for item in items), 0)
    if isinstance(bare, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        inner = (_in_literal(each.value, bare.fields[each.name.value].type, variables) for each in node.fields)
        return max(inner, default=0)
    return 0


def _in_value(value: Any, type_: GraphQLInputType) -> int:
    bare: Any = get_nullable_type(type_)
    if value is None:
        return 0
    if isinstance(bare, GraphQLList):
        return max(len(value), *(_in_value(item, bare.of_type) for item in value), 0)
    if isinstance(bare, GraphQLInputObjectType):
        return max([_in_value(value.get(name), held) for name, held in _holding(bare)], default=0)
    return 0


@lru_cache(maxsize=1024)
def _holding(type_: GraphQLInputObjectType) -> tuple[tuple[str, GraphQLInputType], ...]:
    """The fields of an input that may hold lists, by the names of coerced values: few of many."""
    return tuple((field.out_name or name, field.type) for name, field in type_.fields.items() if _holds(field.type, ()))


def _holds(type_: GraphQLInputType, above: tuple[GraphQLInputObjectType, ...]) -> bool:
    bare: Any = get_nullable_type(type_)
    if isinstance(bare, GraphQLList):
        return True
    # What holds itself holds what its other fields do.
    if not isinstance(bare, GraphQLInputObjectType) or bare in above:
        return False
    return any(_holds(field.type, (*above, bare)) for field in bare.fields.values())

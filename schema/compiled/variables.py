"""Coercion of variables made once for an operation: plain values pass, whatever else is left to graphql-core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
    type_from_ast,
    value_from_ast,
)
from graphql.utilities.coerce_input_value import coerce_default_value

_NO = object()
"""What a value is coerced to that is not plain."""

Coerce = Callable[[Any], Any]


class Coercion:
    """The variables of one operation."""

    def __init__(self, schema: GraphQLSchema, definition: OperationDefinitionNode) -> None:
        self._made: dict[str, Coerce] = {}
        self._known: list[tuple[str, Coerce, bool, Any]] = []
        for each in definition.variable_definitions or ():
            type_: Any = type_from_ast(schema, each.type)
            default = value_from_ast(each.default_value, type_) if each.default_value else Undefined
            self._known.append((each.variable.name.value, self._of(type_), is_non_null_type(type_), default))

    def coerced(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """The coerced variables; None for what is not plain."""
        found: dict[str, Any] = {}
        for name, coerce, demanded, default in self._known:
            if name in raw:
                value = coerce(raw[name])
                if value is _NO:
                    return None
                found[name] = value
            elif default is not Undefined:
                found[name] = default
            elif demanded:
                return None
        return found

    def _of(self, type_: GraphQLInputType) -> Coerce:
        if is_non_null_type(type_):
            inner = self._of(type_.of_type)
            return lambda value: _NO if value is None else inner(value)
        named: Any = get_nullable_type(type_)
        if is_list_type(named):
            return _many(self._of(named.of_type))
        if named.name not in self._made:
            # Input types may hold themselves: the way back is found by name.
            self._made[named.name] = lambda value: self._made[named.name](value)  # noqa: PLW0108 - it will be another
            self._made[named.name] = self._named(named)
        made = self._made[named.name]
        return lambda value: None if value is None else made(value)

    def _named(self, type_: Any) -> Coerce:
        if isinstance(type_, GraphQLInputObjectType):
            return _NEVER if type_.is_one_of else self._object(type_)
        if isinstance(type_, GraphQLEnumType):
            words = {name: type_.coerce_input_value(name) for name in type_.values}
            return lambda value: words.get(value, _NO) if type(value) is str else _NO
        assert isinstance(type_, GraphQLScalarType)  # noqa: S101 - inputs are objects, enums or scalars
        return _scalar(type_)

    def _object(self, type_: GraphQLInputObjectType) -> Coerce:
        known = {
            name: (field.out_name or name, self._of(field.type), coerce_default_value(field))
            for name, field in type_.fields.items()
        }
        # One of them would be the same object in every answer.
        if any(isinstance(default, list | dict) for _, _, default in known.values()):
            return _NEVER
        demanded = [name for name, field in type_.fields.items() if is_required_input_field(field)]

        def coerce(value: Any) -> Any:
            if type(value) is not dict or not all(name in value for name in demanded):
                return _NO
            if not all(name in known for name in value):
                return _NO
            found = {}
            for name, (target, inner, default) in known.items():
                if name in value:
                    item = inner(value[name])
                    if item is _NO:
                        return _NO
                    found[target] = item
                elif default is not Undefined:
                    found[target] = default
            return type_.out_type(found)

        return coerce


def _many(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            return _NO
        found = [inner(item) for item in value]
        return _NO if any(item is _NO for item in found) else found

    return coerce


def _scalar(type_: GraphQLScalarType) -> Coerce:
    if type_.name in ("String", "ID"):
        return lambda value: value if type(value) is str else _NO
    if type_.name == "Int":
        return lambda value: value if type(value) is int and -(2**31) <= value < 2**31 else _NO
    if type_.name == "Boolean":
        return lambda value: value if type(value) is bool else _NO
    read = type_.coerce_input_value

    def coerce(value: Any) -> Any:
        try:
            return read(value)
        except Exception:
            return _NO

    return coerce


def _NEVER(value: Any) -> Any:  # noqa: N802 - a constant that happens to be a function
    return _NO

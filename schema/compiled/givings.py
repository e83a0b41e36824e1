"""From the variables of an operation to what one of its fields is given, with as much as possible done ahead.

Variables hold single values mostly, which go into arguments as they are. Where, graphql-core tells once, for variables
of such kinds, of stand-ins for them; from then on calls with variables of the same kinds differ in these values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any

from graphql import FieldNode, GraphQLField, Undefined, VariableNode, is_non_null_type
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import Visitor, visit

from schema.compiled.arguments import VALUES, Given, Kept, Paging, Place, Unusual, apart, check, given, shape_of

_MOST = 256
"""Kinds of variables that are known of one field, and pages."""
_ABSENT = object()

Giving = Callable[[Mapping[str, Any]], Given]
"""From the coerced variables of an operation to what one of its fields was given."""
Reading = Callable[[Mapping[str, Any]], dict[str, Any]]
"""From the coerced variables of an operation to the coerced arguments of one of its fields."""


def giving(field: GraphQLField, node: FieldNode, *, paged: bool) -> Giving:
    """How what a field is given comes from variables."""
    read, names = reading(field, node), _variables(node)
    if names:
        return _Varying(read, names, paged=paged).given
    fixed: list[Given] = []

    def once(variables: Mapping[str, Any]) -> Given:
        if not fixed:
            fixed.append(given(read(variables), paged=paged))
        return fixed[0]

    return once


class _Pattern:
    """What a field is given by variables of certain kinds: functions of them."""

    __slots__ = ("leaves", "paging", "shape", "texts")

    def __init__(self, read: Reading, stand_ins: Mapping[str, Any], *, paged: bool) -> None:
        own, paging = apart(read(stand_ins), paged=paged)
        self.shape, leaves = shape_of(own)
        self.leaves: Callable[[Mapping[str, Any]], tuple[Any, ...]] = _function(leaves)
        self.paging: Callable[[Mapping[str, Any]], tuple[Any, ...]] = _function(paging)
        self.texts = [each.name for each in leaves if type(each) is Place and each.kind is str]


class _Varying:
    """What a field is given that has variables in its arguments."""

    def __init__(self, read: Reading, names: Sequence[str], *, paged: bool) -> None:
        self._read = read
        self._names = names
        self._paged = paged
        self._patterns: dict[tuple[Any, ...], _Pattern] = {}
        self._pieces: dict[Paging, Any] = {}

    def given(self, variables: Mapping[str, Any]) -> Given:
        """What these variables give it.

        Raises:
            Unusual: for what only graphql-core can tell, or no database could compare.
        """
        if type(variables) is not Kept:
            return self._given(variables)
        found = variables.known.get(self)
        if found is None:
            found = variables.known[self] = self._given(variables)
        return found

    def _given(self, variables: Mapping[str, Any]) -> Given:
        kinds: list[Any] = []
        for name in self._names:
            value = variables.get(name, _ABSENT)
            kind = type(value)
            if kind in VALUES:
                kinds.append(kind)
            elif value is None or value is _ABSENT or kind is bool or isinstance(value, Enum):
                kinds.append(value)
            else:
                return given(self._read(variables), paged=self._paged)
        pattern = self._patterns.get(tuple(kinds)) or self._learned(kinds)
        for name in pattern.texts:
            check(variables[name])
        if len(self._pieces) >= _MOST:
            self._pieces.clear()
        own = partial(self._own, variables)
        return Given(own, pattern.paging(variables), pattern.shape, pattern.leaves(variables), self._pieces)

    def _own(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return apart(self._read(variables), paged=self._paged)[0]

    def _learned(self, kinds: Sequence[Any]) -> _Pattern:
        stand_ins = {
            name: Place(name, kind) if kind in VALUES else kind
            for name, kind in zip(self._names, kinds, strict=True)
            if kind is not _ABSENT
        }
        if len(self._patterns) >= _MOST:
            self._patterns.clear()
        pattern = self._patterns[tuple(kinds)] = _Pattern(self._read, stand_ins, paged=self._paged)
        return pattern


def _function(values: Sequence[Any]) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """A function of variables that yields a tuple of these values, each stand-in replaced."""
    constants: dict[str, Any] = {}

    def code(value: Any) -> str:
        if type(value) is Place:
            return f"v[{value.name!r}]"
        if type(value) is tuple:
            return f"({''.join([f'{code(each)}, ' for each in value])})"
        name = f"c{len(constants)}"
        constants[name] = value
        return name

    source = f"lambda v: {code(tuple(values))}"
    made: Callable[[Mapping[str, Any]], tuple[Any, ...]] = eval(source, {**constants, "__builtins__": {}})  # noqa: S307 - names of variables, quoted, and our own alone
    return made


def reading(field: GraphQLField, node: FieldNode) -> Reading:
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

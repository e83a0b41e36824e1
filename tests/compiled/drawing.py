"""Drawing operations over the whole schema: valid ones, of every form in which the same can be asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)

from tests.compiled.values import Used, Values

_SPREAD = re.compile(r"\.\.\.(Part\d+)")
_VARIABLE = re.compile(r"\$(\w+)")
_DEEPEST = 5
_MOST_FIELDS = 40
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an operation: its type, and for what it is given a value."""

    name: str
    type: GraphQLInputType
    meant: str
    context: str
    default: str | None = None

    @property
    def optional(self) -> bool:
        """Whether it may be left out."""
        return self.default is not None or not isinstance(self.type, GraphQLNonNull)

    def __str__(self) -> str:
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An operation, and what it may be run with."""

    text: str
    variables: Sequence[Variable]
    fields: Sequence[str]

    def values(self, random: Random, values: Values) -> dict[str, Any]:
        """Values for its variables: most right, some left out, a few wrong."""
        given: dict[str, Any] = {}
        for each in self.variables:
            kind = random.randrange(100)
            if each.optional and kind < 10:
                continue
            wrong = kind >= 98
            given[each.name] = values.wrong(random) if wrong else values.of(random, each.type, each.meant, each.context)
        return given


@dataclass(slots=True)
class _Scope:
    """What the keys of one object in the answer are taken by: the call behind each, and what is asked below it."""

    keys: dict[str, tuple[str, _Scope]] = field(default_factory=dict)

    def fits(self, other: _Scope) -> bool:
        """Whether both may be asked of the same object."""
        return all(
            self.keys[key][0] == call and self.keys[key][1].fits(below)
            for key, (call, below) in other.keys.items()
            if key in self.keys
        )

    def take(self, other: _Scope) -> None:
        """Ask of the object what the other asks, too."""
        for key, (call, below) in other.keys.items():
            self.keys.setdefault(key, (call, _Scope()))[1].take(below)


@dataclass(slots=True)
class _Fragment:
    name: str
    on: Composite
    text: str
    scope: _Scope
    depth: int


class Operations:
    """Draws operations of a schema; `weights` says how often a root field is asked, 1 where it says nothing."""

    def __init__(self, schema: GraphQLSchema, values: Values, weights: Mapping[str, int]) -> None:
        self.schema = schema
        self.values = values
        query = schema.query_type
        assert query is not None
        self.query = query
        self.roots = [name for name in query.fields for _ in range(weights.get(name, 1))]

    def drawn(self, random: Random) -> Drawn:
        """A query."""
        drawing = _Drawing(self, random)
        roots = random.choices(self.roots, k=random.choice((1, 1, 1, 2, 3)))
        scope = _Scope()
        asked = [drawing.field(self.query, name, scope, _DEEPEST) for name in roots]
        if random.randrange(100) < 5:
            asked.append("__typename")
        return drawing.finish("query", asked, roots)

    def payload(self, random: Random, mutation: str, argument: Mapping[str, Any]) -> Drawn:
        """A mutation with these variables for its arguments, whose payload is asked for in any form."""
        drawing = _Drawing(self, random)
        type_ = self.schema.mutation_type
        assert type_ is not None
        definition = type_.fields[mutation]
        calls = ", ".join(f"{name}: ${name}" for name in argument)
        below = drawing.selection(get_named_type(definition.type), _Scope(), _DEEPEST - 1)
        drawing.variables.extend(Variable(name, definition.args[name].type, name, mutation) for name in argument)
        return drawing.finish("mutation", [f"{mutation}({calls}) {below}"], [mutation])


class _Drawing:
    """The making of one operation."""

    def __init__(self, of: Operations, random: Random) -> None:
        self._of = of
        self._random = random
        self._left = _MOST_FIELDS
        self._fragments: list[_Fragment] = []
        self._names = 0
        self._open: list[Composite] = []
        self.variables: list[Variable] = []

    def finish(self, kind: str, asked: Sequence[str], fields: Sequence[str]) -> Drawn:
        """The operation with all it needs; some have a name."""
        fragments = self._spread_in(" ".join(asked))
        # What was drawn and then did not fit is asked by nobody.
        used = set(_VARIABLE.findall(" ".join([*asked, *(each.text for each in fragments)])))
        variables = [each for each in self.variables if each.name in used]
        declared = f"({', '.join(map(str, variables))})" if variables else ""
        name = " Mine" if declared or self._chance(30) else ""
        parts = [f"{kind}{name}{declared} {{ {' '.join(asked)} }}", *(each.text for each in fragments)]
        if self._chance(50):
            parts.reverse()
        return Drawn("\n".join(parts), tuple(variables), tuple(fields))

    def _spread_in(self, text: str) -> list[_Fragment]:
        """The fragments that a text spreads, and those that these spread."""
        found: dict[str, _Fragment] = {}
        known = {each.name: each for each in self._fragments}
        waiting = _SPREAD.findall(text)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = known[name]
                waiting += _SPREAD.findall(known[name].text)
        return list(found.values())

    def field(self, parent: Composite, name: str, scope: _Scope, depth: int, prefix: str = "") -> str:
        """A field with its arguments and what is asked below it; `prefix` keeps its key apart from others'."""
        definition = parent.fields[name]  # type: ignore[union-attr]
        self._left -= 1
        call = name + self._arguments(definition, name)
        key = f"{prefix}{name}" if not self._chance(12) else self._name("as")
        while key in scope.keys and scope.keys[key][0] != call:
            key = self._name("as")
        _, below = scope.keys.setdefault(key, (call, _Scope()))
        text = (call if key == name else f"{key}: {call}") + self._directives()
        target = get_named_type(definition.type)
        if is_composite_type(target):
            text += f" {self.selection(target, below, depth - 1)}"
        return text

    def selection(self, type_: Composite, scope: _Scope, depth: int, prefix: str = "") -> str:
        """What is asked of an object."""
        parts = [self._field_of(type_, scope, depth, prefix) for _ in range(self._size(type_))]
        if not isinstance(type_, GraphQLObjectType) or self._chance(10):
            parts.append(self._inline(type_, scope, depth))
        if self._chance(6):
            parts.append("__typename" + self._directives())
        if self._chance(12) and self._left > 5 and not prefix:
            parts.append(self._spread(type_, scope, depth))
        parts = [each for each in parts if each] or ["__typename"]
        if self._chance(4):
            # The very same twice, and again with something else below, where there is a below.
            parts.append(parts[0])
        return "{ " + " ".join(parts) + " }"

    def _size(self, type_: Composite) -> int:
        if self._left <= 0:
            return 1
        return int(self._random.choice((1, 1, 2, 2, 3, 3, 4, 6) if not _is_page(type_) else (1, 2, 2, 3)))

    def _field_of(self, type_: Composite, scope: _Scope, depth: int, prefix: str) -> str:
        if isinstance(type_, GraphQLUnionType):
            return ""
        leaves, others = _split(type_)
        rows = [name for name in others if name in ("nodes", "edges", "node")]
        if rows and (not leaves or self._chance(65)):
            return self.field(type_, self._random.choice(rows), scope, depth, prefix)
        if others and depth > 1 and self._left > 0 and self._chance(35):
            return self.field(type_, self._random.choice(others), scope, depth, prefix)
        if leaves:
            return self.field(type_, self._random.choice(leaves), scope, depth, prefix)
        # A type of objects alone: their names will do.
        return self.field(type_, self._random.choice(others), scope, depth, prefix) if depth > -3 else ""

    def _inline(self, type_: Composite, scope: _Scope, depth: int) -> str:
        if isinstance(type_, GraphQLObjectType):
            name = self._random.choice(("", type_.name, *(each.name for each in type_.interfaces)))
            chosen: Any = self._of.schema.type_map[name] if name else type_
            condition = f" on {name}" if name else ""
            return f"...{condition}{self._directives()} {self.selection(chosen, scope, min(depth, 1))}"
        possible = sorted(self._of.schema.get_possible_types(type_), key=lambda each: each.name)
        found = self._random.sample(possible, min(len(possible), self._random.randint(1, 2)))
        return " ".join(
            f"... on {each.name}{self._directives()} {self.selection(each, scope, depth, f'{each.name}_')}"
            for each in found
        )

    def _spread(self, type_: Composite, scope: _Scope, depth: int) -> str:
        fitting = [each for each in self._fragments if each.on is type_ and each.depth <= depth]
        fragment = self._random.choice(fitting) if fitting and self._chance(60) else None
        if fragment is None:
            own = _Scope()
            # Named before it is drawn: fragments inside of it come first, so none holds itself.
            below = self.selection(type_, own, depth - 1)
            name = self._name("Part")
            fragment = _Fragment(name, type_, f"fragment {name} on {type_.name} {below}", own, depth)
            if not scope.fits(own):
                return ""
            self._fragments.append(fragment)
        if not scope.fits(fragment.scope):
            return ""
        scope.take(fragment.scope)
        return f"...{fragment.name}{self._directives()}"

    def _arguments(self, definition: GraphQLField, field_name: str) -> str:
        context = get_named_type(definition.type).name
        given = [
            f"{name}: {self._value(argument.type, name, context)}"
            for name, argument in definition.args.items()
            if is_required_argument(argument) or self._wanted(name)
        ]
        return f"({', '.join(given)})" if given else ""

    def _wanted(self, name: str) -> bool:
        likely = {"first": 55, "where": 22, "sort": 30, "last": 5, "after": 10, "before": 5, "offset": 8}
        return self._chance(likely.get(name, 25))

    def _value(self, type_: GraphQLInputType, name: str, context: str) -> str:
        if self._chance(35):
            return f"${self._variable(type_, name, context)}"
        value = self._with_variables(self._of.values.of(self._random, type_, name, context), type_, context)
        literal = self._of.values.literal(value)
        return literal if literal is not None else f"${self._variable(type_, name, context)}"

    def _with_variables(self, value: Any, type_: GraphQLInputType, context: str) -> Any:
        """An input object some of whose fields are variables."""
        bare: Any = get_nullable_type(type_)
        if not isinstance(bare, GraphQLInputObjectType) or not isinstance(value, dict):
            return value
        return {
            name: Used(self._variable(bare.fields[name].type, name, bare.name))
            if self._chance(25) and not bare.is_one_of
            else each
            for name, each in value.items()
        }

    def _variable(self, type_: GraphQLInputType, name: str, context: str) -> str:
        made, default = self._name("v"), None
        if not isinstance(type_, GraphQLNonNull) and self._chance(15):
            type_ = GraphQLNonNull(type_)
        elif self._chance(10):
            bare: Any = get_nullable_type(type_)
            default = self._of.values.literal(self._of.values.of(self._random, bare, name, context))
            default = None if default == "null" and isinstance(type_, GraphQLNonNull) else default
        self.variables.append(Variable(made, type_, name, context, default))
        return made

    def _directives(self) -> str:
        if not self._chance(3):
            return ""
        word = self._random.choice(("skip", "include"))
        if self._chance(50):
            return f" @{word}(if: {str(self._random.random() < 0.5).lower()})"
        boolean: Any = self._of.schema.type_map["Boolean"]
        name = self._name("v")
        self.variables.append(Variable(name, GraphQLNonNull(boolean), "if", "directive"))
        return f" @{word}(if: ${name})"

    def _name(self, beginning: str) -> str:
        self._names += 1
        return f"{beginning}{self._names}"

    def _chance(self, percent: int) -> bool:
        return bool(self._random.randrange(100) < percent)


def _is_page(type_: Composite) -> bool:
    return type_.name.endswith("Connection")


_splits: dict[str, tuple[list[str], list[str]]] = {}


def _split(type_: Any) -> tuple[list[str], list[str]]:
    """The fields of a type that are values, and those that are objects."""
    found = _splits.get(type_.name)
    if found is None:
        leaves = [name for name, each in type_.fields.items() if is_leaf_type(get_named_type(each.type))]
        found = _splits[type_.name] = leaves, [name for name in type_.fields if name not in leaves]
    return found

"""What an operation answers: one walk over its selection gives its JSON Schema and the way to write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    is_composite_type,
)

from rest_compat.engine.documents import Operation, RouteDrift
from rest_compat.engine.notations import Notation, is_unwrapped, notation_of, plain
from rest_compat.engine.spelling import FRACTIONAL, JsonSchema, Spelling
from schema.compiled.respelling import Respelling

PROBLEMS = "errors"
"""The field of a mutation's payload that tells what the caller can fix; never part of a dialect's answer."""


class Shape(Protocol):
    """One place of an answer.

    The way it is written is data (`respelling`), so that a compiled operation can apply it while it makes the answer:
    enums by a table, numbers by a function, `@unwrap` by the key of the one field, each value once. It is None where
    the dialect writes what the graph does, in the place and everywhere below it.
    """

    @property
    def schema(self) -> JsonSchema:
        """Its JSON Schema."""

    @property
    def respelling(self) -> Respelling | None:
        """How the dialect writes what the graph answers; None where they are the same."""


@dataclass(frozen=True)
class Leaf:
    """A value that nothing is said about inside: a scalar, an enum, a list that may be null."""

    schema: JsonSchema
    respelling: Respelling | None = None


class Many:
    """A list."""

    def __init__(self, item: Shape, words: Mapping[str, str] | None = None) -> None:
        """A list of `item`; with `words`, of an enum's names, of which those are written that have a word."""
        self.item = item
        self.schema: JsonSchema = {"type": "array", "items": item.schema}
        inner = item.respelling
        self.respelling = Respelling(ordered=words) if words is not None else inner and Respelling(item=inner)


class Record:
    """An object; `spare` are the keys that a document asks for on a condition."""

    def __init__(
        self, fields: Mapping[str, Shape], optional: bool = False, spare: frozenset[str] = frozenset()
    ) -> None:
        self.fields = dict(fields)
        self.optional = optional
        self.spare = spare
        changed = {key: shape.respelling for key, shape in self.fields.items() if shape.respelling}
        self.respelling = Respelling(fields=changed) if changed else None
        self.schema: JsonSchema = {
            "type": "object",
            "properties": {key: shape.schema for key, shape in self.fields.items()},
            "required": [key for key in self.fields if key not in spare],
            "additionalProperties": False,
        }
        if optional:
            self.schema = nullable(self.schema)

    def may_be_missing(self) -> bool:
        """Whether null may stand here or at an object below, list items aside."""
        below = (shape.may_be_missing() for shape in self.fields.values() if isinstance(shape, Record))
        return self.optional or any(below)


def nullable(schema: JsonSchema) -> JsonSchema:
    """The schema, or null."""
    kind = schema.get("type")
    kinds = [kind] if isinstance(kind, str) else kind
    if isinstance(kinds, list) and "properties" not in schema:
        widened: JsonSchema = {**schema, "type": [*kinds, "null"]}
        words = schema.get("enum")
        return {**widened, "enum": [*words, None]} if isinstance(words, list) else widened
    return schema if not schema else {"anyOf": [{"type": "null"}, schema]}


def solid(schema: JsonSchema) -> JsonSchema:
    """What is left of a schema when it is not null."""
    forms, kinds, words = schema.get("anyOf"), schema.get("type"), schema.get("enum")
    if isinstance(forms, list) and forms[:1] == [{"type": "null"}] and len(forms) == 2:
        return dict(forms[1])
    if not isinstance(kinds, list) or "null" not in kinds:
        return schema
    left = [kind for kind in kinds if kind != "null"]
    known = {"enum": [word for word in words if word is not None]} if isinstance(words, list) else {}
    return {**schema, "type": left[0] if len(left) == 1 else left, **known}


class Shaper:
    """Walks the selection of one operation."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, spelling: Spelling) -> None:
        self.schema = schema
        self.operation = operation
        self.spelling = spelling

    def root(self) -> Record:
        """The whole answer; a mutation's payload loses its problems here."""
        return self._record(self.operation.root(self.schema), [self.operation.definition.selection_set], top=True)

    def _record(self, owner: GraphQLCompositeType, sets: list[SelectionSetNode], top: bool = False) -> Record:
        selected: dict[str, list[FieldNode]] = {}
        for each in sets:
            for node in self._fields(each):
                selected.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        payload = self.operation.is_mutation and not top and owner.name.endswith("Payload")
        kept = {key: nodes for key, nodes in selected.items() if not (payload and key == PROBLEMS)}
        fields = {key: self._field(owner, nodes) for key, nodes in kept.items()}
        return Record(fields, spare=frozenset(key for key, nodes in kept.items() if all(map(_conditional, nodes))))

    def _fields(self, selected: SelectionSetNode) -> Iterator[FieldNode]:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, FragmentSpreadNode):
                yield from self._fields(self.operation.fragments[node.name.value].selection_set)
            elif isinstance(node, InlineFragmentNode):
                yield from self._fields(node.selection_set)

    def _field(self, owner: GraphQLCompositeType, nodes: list[FieldNode]) -> Shape:
        node = nodes[0]
        definition = self.schema.get_field(owner, node.name.value)
        if definition is None:
            raise RouteDrift(self.operation.name, f"{owner.name} has no field {node.name.value}")
        notation = notation_of(node)
        if notation:
            shape: Shape = Leaf({"type": "number"}, Respelling(write=notation.write))
            return shape if isinstance(definition.type, GraphQLNonNull) else _or_null(shape)
        sets = [each.selection_set for each in nodes if each.selection_set]
        shape = self._typed(definition.type, sets)
        return self._unwrapped(shape, node) if is_unwrapped(node) else shape

    def _unwrapped(self, shape: Shape, node: FieldNode) -> Shape:
        if not isinstance(shape, Record) or len(shape.fields) != 1:
            raise RouteDrift(self.operation.name, f"{node.name.value} @unwrap needs an object of one field")
        ((key, inner),) = shape.fields.items()
        below = {key: inner.respelling} if inner.respelling else {}
        leaf = Leaf(inner.schema, Respelling(fields=below, only=key))
        return _or_null(leaf) if shape.optional else leaf

    def _typed(self, kind: GraphQLOutputType, sets: list[SelectionSetNode]) -> Shape:
        if isinstance(kind, GraphQLNonNull):
            return self._solid(kind.of_type, sets)
        return _or_null(self._solid(kind, sets))

    def _solid(self, kind: GraphQLOutputType, sets: list[SelectionSetNode]) -> Shape:
        if isinstance(kind, GraphQLList):
            return Many(self._typed(kind.of_type, sets), self._closed_words(kind))
        if is_composite_type(kind):
            return self._record(kind, sets)
        if isinstance(kind, GraphQLEnumType):
            return self._enum(kind)
        assert isinstance(kind, GraphQLNamedType)  # noqa: S101 - lists and non-nulls were taken off
        return Leaf(self.spelling.scalar(kind.name).written, self._number() if kind.name in FRACTIONAL else None)

    def _number(self) -> Respelling:
        return Respelling(write=plain if self.spelling.decimals is None else Notation(self.spelling.decimals).write)

    def _closed_words(self, kind: GraphQLList[Any]) -> dict[str, str] | None:
        item = kind.of_type.of_type if isinstance(kind.of_type, GraphQLNonNull) else kind.of_type
        closed = isinstance(item, GraphQLEnumType) and item.name in self.spelling.closed
        return self.spelling.word_of(item) if closed else None

    def _enum(self, kind: GraphQLEnumType) -> Leaf:
        strays = self.spelling.strays(kind)
        if strays:
            raise RouteDrift(self.operation.name, f"{kind.name} has no {', '.join(strays)}")
        words = self.spelling.word_of(kind)
        same = all(name == word for name, word in words.items())
        return Leaf({"type": "string", "enum": list(words.values())}, None if same else Respelling(words=words))


def _conditional(node: FieldNode) -> bool:
    return any(each.name.value in ("include", "skip") for each in node.directives or ())


def _or_null(shape: Shape) -> Shape:
    if isinstance(shape, Record):
        return Record(shape.fields, optional=True, spare=shape.spare)
    return Leaf(nullable(shape.schema), shape.respelling)

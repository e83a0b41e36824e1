"""The `.graphql` files beside a dialect's routes: read once, split by operation, checked against the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from graphql import (
    ArgumentNode,
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Source,
    ValueNode,
    VariableNode,
    concat_ast,
    parse,
    print_ast,
    separate_operations,
    type_from_ast,
    validate,
)

from rest_compat.engine.notations import stripped


class RouteDrift(Exception):
    """A route no longer fits the graph; the process must not start with it."""

    def __init__(self, route: str, problem: str) -> None:
        super().__init__(f"{route}: {problem}")
        self.route = route


@dataclass(frozen=True)
class Variable:
    """One declared variable of an operation."""

    type: GraphQLInputType
    has_default: bool


class Operation:
    """A named operation with the fragments it uses: `source` as written, `document` as plain GraphQL."""

    def __init__(self, name: str, source: DocumentNode) -> None:
        self.name = name
        self.source = source
        self.document = stripped(source)

    @cached_property
    def definition(self) -> OperationDefinitionNode:
        """The operation itself, with the dialect's directives."""
        return next(each for each in self.source.definitions if isinstance(each, OperationDefinitionNode))

    @cached_property
    def plain_definition(self) -> OperationDefinitionNode:
        """The operation itself as plain GraphQL."""
        return next(each for each in self.document.definitions if isinstance(each, OperationDefinitionNode))

    @cached_property
    def fragments(self) -> dict[str, FragmentDefinitionNode]:
        """Its fragments by name."""
        definitions = self.source.definitions
        return {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}

    @property
    def is_mutation(self) -> bool:
        """Whether it changes anything."""
        return self.definition.operation is OperationType.MUTATION

    @cached_property
    def text(self) -> str:
        """The document to show as GraphQL, the operation before its fragments."""
        definitions = sorted(self.document.definitions, key=lambda each: isinstance(each, FragmentDefinitionNode))
        return print_ast(DocumentNode(definitions=tuple(definitions)))

    def root(self, schema: GraphQLSchema) -> GraphQLObjectType:
        """The type its top-level fields belong to."""
        root = schema.get_root_type(self.definition.operation)
        if root is None:
            raise RouteDrift(self.name, f"the schema has no {self.definition.operation.value} type")
        return root

    def variables(self, schema: GraphQLSchema) -> dict[str, Variable]:
        """Its variables by name."""
        found: dict[str, Variable] = {}
        for node in self.definition.variable_definitions or ():
            kind: Any = type_from_ast(schema, node.type)
            found[node.variable.name.value] = Variable(kind, node.default_value is not None)
        return found

    def root_fields(self) -> list[FieldNode]:
        """The top-level fields; dialect documents name them directly, never through fragments."""
        return [each for each in self.definition.selection_set.selections if isinstance(each, FieldNode)]

    def arguments(self) -> Iterator[ArgumentNode]:
        """Every argument outside fragments, at any depth."""
        waiting = self.root_fields()
        while waiting:
            node = waiting.pop(0)
            yield from node.arguments or ()
            below = node.selection_set.selections if node.selection_set else ()
            waiting.extend(each for each in below if isinstance(each, FieldNode))

    def check(self, schema: GraphQLSchema) -> None:
        """Hold the operation against the schema.

        Raises:
            RouteDrift: with everything the schema does not know.
        """
        errors = validate(schema, self.document)
        if errors:
            raise RouteDrift(self.name, "; ".join(error.message for error in errors))


def check(operations: Sequence[Operation], schema: GraphQLSchema) -> None:
    """Hold all operations against the schema: at once, as they share fragments, and one by one to say which drifted.

    Raises:
        RouteDrift: with everything the schema does not know of one operation.
    """
    every = [each for operation in operations for each in operation.document.definitions]
    once: dict[object, DefinitionNode] = {(each.kind, _name(each)): each for each in every}
    if validate(schema, DocumentNode(definitions=tuple(once.values()))):
        for operation in operations:
            operation.check(schema)


def _name(definition: DefinitionNode) -> str | None:
    named = isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode) and definition.name
    return named.value if named else None


def places_of(value: ValueNode, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Where an argument literal uses variables: path inside the argument → variable name."""
    if isinstance(value, VariableNode):
        return {at: value.name.value}
    places: dict[tuple[str, ...], str] = {}
    for field in getattr(value, "fields", None) or ():
        places |= places_of(field.value, (*at, field.name.value))
    return places


def load(folder: Path) -> Mapping[str, Operation]:
    """Every operation of a dialect's folder by name. Files may share fragments; names are unique in the folder.

    Raises:
        ValueError: two operations bear one name, or one bears none.
    """
    files = sorted(folder.glob("*.graphql"))
    whole = concat_ast([parse(Source(file.read_text("utf-8"), file.name), no_location=True) for file in files])
    written = [each for each in whole.definitions if isinstance(each, OperationDefinitionNode)]
    found = {name: Operation(name, document) for name, document in separate_operations(whole).items() if name}
    if len(found) != len(written):
        raise ValueError(f"operations in {folder.name} need one name each")
    return found

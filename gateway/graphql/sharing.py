"""Which subscribers are told the very same: who asks the same with the same sight shares every answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.language import visit
from graphql.language.visitor import Visitor

from domain.viewer import Viewer
from domain.visibility import sight_of
from gateway import json
from gateway.graphql.document import Operation
from gateway.graphql.request import GraphQLRequest

_PLACE = "after"

Key = tuple[object, ...]


def key_of(operation: Operation, request: GraphQLRequest, viewer: Viewer) -> Key | None:
    """What a subscriber has to have in common with another to be given the same bytes; None when nobody can have it.

    That is the document, the operation, the variables, and what the viewer sees. Where in the log a subscriber begins
    is its own affair: a variable that is nothing but the root field's `after` does not count.
    """
    definition = operation.definition
    declared = [each.variable.name.value for each in definition.variable_definitions or ()]
    own = _places(operation.document, definition)
    counted = {name: request.variables[name] for name in declared if name in request.variables and name not in own}
    try:
        variables = json.dumps(counted, sort_keys=True)
    except TypeError:
        # Such as an uploaded file.
        return None
    document = sha256(request.query.encode("utf-8", "surrogatepass")).digest()
    return (document, operation.name, sha256(variables).digest(), sight_of(viewer))


def _places(document: DocumentNode, definition: OperationDefinitionNode) -> set[str]:
    """The variables that only say where in the log to begin."""
    roots = _root_fields(document, definition.selection_set)
    given = [
        argument.value
        for root in roots
        for argument in root.arguments or ()
        if argument.name.value == _PLACE and isinstance(argument.value, VariableNode)
    ]
    counter = _Uses({each.name.value for each in given})
    visit(document, counter)
    # Nowhere else than there: what another operation of the document means by the name makes it count.
    definitions = {each.variable.name.value for each in definition.variable_definitions or ()}
    places = {id(each) for each in given}
    return {name for name, uses in counter.found.items() if name in definitions and uses <= places}


class _Uses(Visitor):
    """Finds where variables are used, besides where they are declared."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.found: dict[str, set[int]] = {name: set() for name in names}

    def enter_variable(self, node: VariableNode, key: Any, parent: Any, *_: Any) -> None:
        if node.name.value in self.found and getattr(parent, "kind", "") != "variable_definition":
            self.found[node.name.value].add(id(node))


def _root_fields(document: DocumentNode, selections: SelectionSetNode) -> Iterator[FieldNode]:
    fragments: Mapping[str, FragmentDefinitionNode] = {
        each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    pending: list[Node] = list(selections.selections)
    seen: set[str] = set()
    while pending:
        node = pending.pop()
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            pending += node.selection_set.selections
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            pending += fragments[node.name.value].selection_set.selections

"""Whether a document could be run by the GraphQL door, before anybody asks for it."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLError, GraphQLInt, GraphQLSchema, NamedTypeNode, NonNullTypeNode, OperationDefinitionNode
from graphql import parse as parsed

from gateway.graphql.document import Documents, Operation
from gateway.graphql.errors import Code, Refused
from gateway.graphql.limits import GraphQLLimits


class Checking:
    """Takes documents through everything that the door asks of them; nothing is run."""

    def __init__(self, schema: GraphQLSchema, limits: GraphQLLimits) -> None:
        self._documents = Documents(schema, limits)

    def operations(self, text: str) -> tuple[str, ...]:
        """What each operation of a document is called, such as `query Leads { leads }`.

        Raises:
            Refused: the document is not valid, exceeds a limit, or costs too much with the smallest pages already.
        """
        if "\0" in text:
            raise Refused([GraphQLError("A document must not hold the character U+0000.")], Code.GRAPHQL_PARSE_FAILED)
        if not text.strip():
            raise Refused([GraphQLError("The document is empty.")], Code.GRAPHQL_PARSE_FAILED)
        operations = self._operations(text)
        for each in operations:
            each.plan.price(_smallest(each.definition))
        return tuple(each.label for each in operations)

    def _operations(self, text: str) -> list[Operation]:
        try:
            return [self._documents.operation(text, None)]
        except Refused as refused:
            if refused.code != Code.OPERATION_RESOLUTION_FAILURE:
                raise
            names = _names(text)
            if not names:
                raise
        return [self._documents.operation(text, name) for name in names]


def _names(text: str) -> list[str]:
    """The names of the operations of a valid document that has several."""
    definitions = parsed(text, no_location=True).definitions
    return [each.name.value for each in definitions if isinstance(each, OperationDefinitionNode) and each.name]


def _smallest(operation: OperationDefinitionNode) -> Mapping[str, int]:
    """Variables with which an operation is as cheap as can be: pages of one row."""
    found: dict[str, int] = {}
    for each in operation.variable_definitions or ():
        bare = each.type.type if isinstance(each.type, NonNullTypeNode) else each.type
        if isinstance(bare, NamedTypeNode) and bare.name.value == GraphQLInt.name:
            found[each.variable.name.value] = 1
    return found

"""Directives of dialect documents that say how a field is written, such as `openRate @percent(digits: 1)`.

They are recorded per response field and taken out before a document is validated, run or shown as GraphQL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Any

from graphql import REMOVE, DirectiveNode, DocumentNode, FieldNode, Visitor, value_from_ast_untyped, visit

Writer = Callable[[Any], Any]


def plain(value: float) -> int | float:
    """A number as JSON prints it: whole ones without a fraction (28, not 28.0)."""
    return int(value) if value == int(value) else value


def _rounded(value: Decimal, digits: int) -> int | float:
    return plain(float(value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)))


@dataclass(frozen=True)
class Notation:
    """A way to write a number; `factor` turns the graph's unit into the printed one."""

    digits: int
    factor: int = 1

    def write(self, value: float | None) -> int | float | None:
        """The number in this notation; null stays null."""
        # By way of its shortest text: 0.2489 is meant, not the binary neighbour below it.
        return None if value is None else _rounded(Decimal(repr(value)) * self.factor, self.digits)


def percent(arguments: Mapping[str, Any]) -> Notation:
    """`@percent(digits:)`: a fraction 0..1 written as 0..100."""
    return Notation(int(arguments["digits"]), 100)


def decimals(arguments: Mapping[str, Any]) -> Notation:
    """`@decimals(digits:)`: rounded half up."""
    return Notation(int(arguments["digits"]))


NOTATIONS: Mapping[str, Callable[[Mapping[str, Any]], Notation]] = MappingProxyType(
    {"percent": percent, "decimals": decimals}
)


UNWRAP = "unwrap"
"""`ownerId: owner @unwrap { id }`: an object of one field is printed as that field's value."""


def is_unwrapped(field: FieldNode) -> bool:
    """Whether a document asks for the only field of an object in its place."""
    return any(directive.name.value == UNWRAP for directive in field.directives or ())


def notation_of(field: FieldNode) -> Notation | None:
    """The notation a document asks for at a field."""
    for directive in field.directives or ():
        make = NOTATIONS.get(directive.name.value)
        if make:
            return make({each.name.value: value_from_ast_untyped(each.value) for each in directive.arguments or ()})
    return None


class _Strip(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> object:
        return REMOVE if node.name.value in (*NOTATIONS, UNWRAP) else None


def stripped(document: DocumentNode) -> DocumentNode:
    """The document as plain GraphQL."""
    result: DocumentNode = visit(document, _Strip())
    return result

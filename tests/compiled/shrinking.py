"""Making an operation that was answered in two ways as small as it can be, so that somebody can read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    print_ast,
    validate,
)

from tests.compiled.sides import Asked

Differs = Callable[[Asked], Awaitable[bool]]
Edit = tuple[Node, Sequence[Node]]
"""A node, and what stands in its place."""


async def smallest(asked: Asked, differs: Differs, schema: GraphQLSchema) -> Asked:
    """The same with everything taken out without which both still differ."""
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(asked):
            if not validate(schema, parse(smaller.text)) and await differs(smaller):
                asked, shrunk = smaller, True
                break
    return asked


def _smaller(asked: Asked) -> Iterator[Asked]:
    """The operation with one thing less, the large things first."""
    for name in asked.variables:
        yield replace(asked, variables={each: value for each, value in asked.variables.items() if each != name})
    document = parse(asked.text, no_location=True)
    known = print_ast(document)
    for edit in _edits(document):
        text = print_ast(_tidy(_edited(document, edit)))
        if len(text) < len(known):
            variables = {name: value for name, value in asked.variables.items() if f"${name}:" in text}
            yield replace(asked, text=text, variables=variables)


def _edits(document: DocumentNode) -> Iterator[Edit]:
    bodies = {
        each.name.value: each.selection_set for each in document.definitions if isinstance(each, FragmentDefinitionNode)
    }
    for node in _nodes(document):
        if isinstance(node, SelectionSetNode) and len(node.selections) > 1:
            yield from ((each, ()) for each in node.selections)
        if isinstance(node, InlineFragmentNode):
            yield node, node.selection_set.selections
        if isinstance(node, FragmentSpreadNode):
            yield node, bodies[node.name.value].selections
        if isinstance(node, FieldNode):
            yield from ((each, ()) for each in node.arguments or ())
            if node.alias:
                yield node.alias, ()
        yield from ((each, ()) for each in getattr(node, "directives", None) or ())
        if isinstance(node, ObjectValueNode):
            yield from ((each, ()) for each in node.fields)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for key in node.keys:
        value = getattr(node, key)
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, Node):
                yield from _nodes(each)


def _edited(node: Any, edit: Edit) -> Any:
    """The node with one below it replaced."""
    gone, by = edit
    changed: dict[str, Any] = {}
    for key in node.keys:
        value = getattr(node, key)
        if isinstance(value, tuple | list):
            new = tuple(part for each in value for part in (by if each is gone else (_edited(each, edit),)))
            if len(new) != len(value) or any(one is not other for one, other in zip(new, value, strict=True)):
                changed[key] = new
        elif value is gone:
            changed[key] = None
        elif isinstance(value, Node) and (inner := _edited(value, edit)) is not value:
            changed[key] = inner
    return replace(node, **changed) if changed else node


def _tidy(document: DocumentNode) -> DocumentNode:
    """Without fragments that nobody spreads, and without variables that nobody uses."""
    left: tuple[Any, ...] = ()
    while len(left) != len(document.definitions):
        left, text = tuple(document.definitions), print_ast(document)
        kept = [each for each in left if not isinstance(each, FragmentDefinitionNode) or _spread(each, text)]
        document = replace(document, definitions=tuple(kept))
    text = print_ast(document)
    return replace(document, definitions=tuple(_declaring(each, text) for each in document.definitions))


def _spread(fragment: FragmentDefinitionNode, text: str) -> bool:
    return f"...{fragment.name.value}\n" in text or f"...{fragment.name.value} " in text


def _declaring(definition: Any, text: str) -> Any:
    if not isinstance(definition, OperationDefinitionNode):
        return definition
    used = tuple(
        each
        for each in definition.variable_definitions or ()
        # Once where it is declared, and then where it is used.
        if len([part for part in text.split(f"${each.variable.name.value}")[1:] if not part[:1].isalnum()]) > 1
    )
    return replace(definition, variable_definitions=used)

"""Input types of the graph, read the way a REST client sends values: text from URLs, strict JSON from bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import TypeGuard

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    is_required_input_field,
)

from rest_compat.engine.arguments import Segment
from rest_compat.engine.documents import Variable
from rest_compat.engine.spelling import Spelling

_WHOLE = re.compile(r"([+-]?)([0-9]+)", re.ASCII)
LARGEST_NUMBER = 10**15 - 1
"""Fifteen digits fit every JSON reader's integers; no count or page needs more."""
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


class Wrong(ValueError):
    """A value that does not fit; `where` points to it inside the value."""

    def __init__(self, expected: str, where: tuple[str | int, ...] = ()) -> None:
        super().__init__(expected)
        self.expected = expected
        self.where = where


@dataclass(frozen=True)
class Place:
    """Where an argument lands: its type, whether it is demanded whenever its parent is there, and whether always."""

    type: GraphQLInputType
    within: bool
    always: bool
    description: str


def bare(kind: GraphQLInputType) -> GraphQLInputType:
    """The type without its non-null mark."""
    return kind.of_type if isinstance(kind, GraphQLNonNull) else kind


def find(variables: dict[str, Variable], steps: tuple[Segment, ...]) -> Place | None:
    """Follow a dotted place from the variables down; None when the graph has no such place."""
    variable = variables.get(steps[0].name)
    if variable is None:
        return None
    kind, within = variable.type, isinstance(variable.type, GraphQLNonNull) and not variable.has_default
    always, description = within, ""
    for step, following in pairwise(steps):
        owner = bare(kind)
        if step.many:
            owner = bare(owner.of_type) if isinstance(owner, GraphQLList) else owner
            always = False
        field = owner.fields.get(following.name) if isinstance(owner, GraphQLInputObjectType) else None
        if field is None:
            return None
        kind, within = field.type, is_required_input_field(field)
        always, description = always and within, field.description or ""
    return Place(kind, within, always, description)


def expected(kind: GraphQLInputType, spelling: Spelling) -> str:
    """What a client has to send for a type, in words."""
    if isinstance(kind, GraphQLNonNull):
        return expected(kind.of_type, spelling)
    if isinstance(kind, GraphQLList):
        return "must be a list"
    if isinstance(kind, GraphQLInputObjectType):
        return "must be an object"
    if isinstance(kind, GraphQLEnumType):
        return f"must be one of {', '.join(spelling.word_of(kind).values())}"
    return spelling.scalar(kind.name).described


def parse(text: str, kind: GraphQLInputType, spelling: Spelling) -> object:
    """A value from a URL, with words still in the dialect's spelling. Lists are separated by commas.

    Raises:
        Wrong: the text does not say such a value.
    """
    kind = bare(kind)
    if isinstance(kind, GraphQLList):
        return [parse(part, kind.of_type, spelling) for part in text.split(",")]
    if not isinstance(kind, GraphQLScalarType):
        return text
    whole = _WHOLE.fullmatch(text) if kind.name == "Int" else None
    if whole:
        # Longer ones are past every limit whatever they are, and need not be worked out.
        size = int(whole[2]) if len(whole[2]) <= 15 else LARGEST_NUMBER + 1
        return -size if whole[1] == "-" else size
    if kind.name in ("Float", "Fraction") and _NUMBER.fullmatch(text) and isfinite(float(text)):
        return float(text)
    if kind.name == "Boolean" and text.lower() in _TRUTH:
        return _TRUTH[text.lower()]
    if kind.name in ("Int", "Float", "Fraction", "Boolean"):
        raise Wrong(expected(kind, spelling))
    return text


def read(value: object, kind: GraphQLInputType, spelling: Spelling, numeric: bool = False) -> object:
    """A JSON value with the dialect's words turned into the graph's names.

    Stricter than GraphQL where that is lenient for its own clients: no single item in place of a list, no number in
    place of an id unless `numeric`.

    Raises:
        Wrong: with the way to the misfit inside the value.
    """
    if isinstance(kind, GraphQLNonNull):
        if value is None:
            raise Wrong("must not be null")
        kind = kind.of_type
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        return _items(value, kind.of_type, spelling, numeric)
    if isinstance(kind, GraphQLEnumType):
        names = {word: name for name, word in spelling.word_of(kind).items()}
        if not isinstance(value, str) or value not in names:
            raise Wrong(expected(kind, spelling))
        return names[value]
    if isinstance(kind, GraphQLScalarType) and kind.name in ("ID", "String") and not isinstance(value, str):
        if numeric and _is_whole(value):
            return str(int(value))
        raise Wrong(expected(kind, spelling))
    return value


def _is_whole(value: object) -> TypeGuard[int | float]:
    """Whether JSON Schema takes a value for an integer: 1.0 is one."""
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, float) and value.is_integer())


def _items(value: object, kind: GraphQLInputType, spelling: Spelling, numeric: bool) -> list[object]:
    if not isinstance(value, list):
        raise Wrong("must be a list")
    items: list[object] = []
    for index, item in enumerate(value):
        try:
            items.append(read(item, kind, spelling, numeric))
        except Wrong as error:
            raise Wrong(error.expected, (index, *error.where)) from None
    return items


def storable(value: object) -> bool:
    """Whether every text inside can be stored (no NUL, no half of a surrogate pair) and every number is finite."""
    return all(map(_fits, _leaves(value))) if isinstance(value, dict | list) else _fits(value)


def _fits(leaf: object) -> bool:
    if isinstance(leaf, str):
        return "\0" not in leaf and (leaf.isascii() or not _HALF_PAIR.search(leaf))
    return not isinstance(leaf, float) or isfinite(leaf)


def _leaves(value: object) -> Iterator[object]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
        else:
            yield each

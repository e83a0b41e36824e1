"""How values become what an answer says: graphql-core's own completion of leaves, with the usual cases ahead of it.

Whatever is not as the schema says is an anomaly: the operation is run again by graphql-core, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLLeafType,
    GraphQLOutputType,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from schema.compiled.respelling import Respelling

Complete = Callable[[Any], Any]
"""From a value to what the answer holds for it.

Raises:
    Exception: for a value that is not as its type says.
"""
_MOST, _LONGEST = 20_000, 200


class Anomaly(Exception):
    """A value that is not as the schema says; only ordinary execution knows what is told of it."""


class Memo(dict[Any, Any]):
    """What raw values of one column become, remembered: moments, words and small lists come again and again."""

    __slots__ = ("_make",)

    def __init__(self, make: Complete) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, raw: Any) -> Any:
        made = self._make(raw)
        if type(raw) is not str or len(raw) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[raw] = made
        return made


def completion(type_: GraphQLOutputType, inner: Callable[[Any], Complete], shape: Respelling | None = None) -> Complete:
    """How values of a type are completed; `inner` makes the way of an object type, given its part of the shape.

    With a shape, what it says is done to them as well.
    """
    if is_non_null_type(type_):
        return _solid(completion(type_.of_type, inner, shape))
    named = get_nullable_type(type_)
    if is_list_type(named):
        return _list(named, inner, shape)
    if is_leaf_type(named):
        return _nullable(_respelled(_leaf(named), shape))
    return _nullable(alone(inner(shape), shape))


def alone(complete: Complete, shape: Respelling | None) -> Complete:
    """Of an object as it is written, the one value that is printed in its place, where a shape says so."""
    if shape is None or not shape.only:
        return complete
    only = shape.only
    return lambda value: complete(value)[only]


def _solid(complete: Complete) -> Complete:
    def solid(value: Any) -> Any:
        if value is None:
            raise Anomaly
        return complete(value)

    return solid


def _nullable(complete: Complete) -> Complete:
    def nullable(value: Any) -> Any:
        return None if value is None else complete(value)

    return nullable


def _list(type_: Any, inner: Callable[[Any], Complete], shape: Respelling | None) -> Complete:
    each = completion(type_.of_type, inner, shape.item if shape is not None else None)
    words = shape.ordered if shape is not None else None

    def many(value: Any) -> Any:
        if value is None:
            return None
        if type(value) not in (list, tuple):
            raise Anomaly
        items = [each(item) for item in value]
        return items if words is None else [word for name, word in words.items() if name in items]

    return many


def _respelled(complete: Complete, shape: Respelling | None) -> Complete:
    if shape is None:
        return complete
    if shape.words is not None:
        words = shape.words
        return lambda value: words[complete(value)]
    write = shape.write
    return complete if write is None else lambda value: write(complete(value))


def _leaf(type_: GraphQLLeafType) -> Complete:
    coerce = type_.coerce_output_value

    def slow(value: Any) -> Any:
        coerced = coerce(value)
        if coerced is None or coerced is Undefined:
            raise Anomaly
        return coerced

    kind = {"String": str, "ID": str, "Boolean": bool}.get(type_.name)
    if kind is None:
        return slow
    return lambda value: value if type(value) is kind else slow(value)

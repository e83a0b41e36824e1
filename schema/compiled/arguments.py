"""The arguments of a field: their values beside their shape, by which statements are kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from domain.texts import storable
from schema.compiled.marks import Marks
from schema.engine.forms import PAGE_ARGUMENTS
from schema.engine.inputs import LONGEST

_SHAPES_KNOWN = 4096
VALUES = frozenset({str, int, float, datetime, date})
"""Kinds of single values."""

Paging = tuple[tuple[str, Any], ...]
"""The arguments of a page that were given, with their names."""


class Unusual(Exception):
    """Something that ordinary execution has to deal with; the message says what, in few words."""


class Place:
    """Stands for the value of a variable, where arguments are looked at without it."""

    __slots__ = ("kind", "name")

    def __init__(self, name: str, kind: type) -> None:
        self.name = name
        self.kind = kind


class Given:
    """What a field was given: `leaves` are the single values for its read, `paging` what is for its page.

    Two of one shape differ in their leaves alone. `pieces` are those that calls of the field have asked for lately.
    """

    __slots__ = ("_values", "leaves", "paging", "pieces", "shape")

    def __init__(
        self,
        values: Callable[[], Mapping[str, Any]],
        paging: Paging,
        shape: Hashable,
        leaves: tuple[Any, ...],
        pieces: dict[Paging, Any],
    ) -> None:
        self._values = values
        self.paging = paging
        self.shape = shape
        self.leaves = leaves
        self.pieces = pieces

    def marked(self, marks: Marks) -> dict[str, Any]:
        """The values with marks in place of leaves, each called by its number."""
        numbers = iter(range(len(self.leaves)))

        def of(value: Any) -> Any:
            if type(value) in VALUES:
                return marks.of(f"a[{next(numbers)}]", value)
            if type(value) is list:
                return [of(item) for item in value]
            if type(value) is dict:
                return {name: of(item) for name, item in value.items()}
            return value

        return {name: of(value) for name, value in self._values().items()}


def given(values: Mapping[str, Any], *, paged: bool) -> Given:
    """Coerced arguments as a read's own and those of a page.

    Raises:
        Unusual: for what no database could compare.
    """
    own, paging = apart(values, paged=paged)
    shape, leaves = shape_of(own)
    return Given(lambda: own, paging, shape, tuple(leaves), {})


def apart(values: Mapping[str, Any], *, paged: bool) -> tuple[Mapping[str, Any], Paging]:
    """Coerced arguments: a read's own, and those of a page."""
    if not paged:
        return values, ()
    own = {name: value for name, value in values.items() if name not in PAGE_ARGUMENTS}
    return own, tuple([(name, value) for name, value in values.items() if name in PAGE_ARGUMENTS])


def shape_of(values: Mapping[str, Any]) -> tuple[Hashable, list[Any]]:
    """The shape of a read's own arguments, and the single values in them.

    Raises:
        Unusual: for what no database could compare.
    """
    leaves: list[Any] = []
    return _known(_shape(values, leaves)), leaves


@lru_cache(maxsize=_SHAPES_KNOWN)
def _known(shape: Hashable) -> Hashable:
    """A stand-in for a shape, the same for equal ones: a run looks it up several times, and enums are slow to hash."""
    return object()


def _shape(value: Any, leaves: list[Any]) -> Any:
    kind = type(value)
    if kind in VALUES:
        if kind is str:
            check(value)
        leaves.append(value)
        return kind
    if kind is Place:
        leaves.append(value)
        return value.kind
    if kind is dict:
        return tuple([(name, _shape(item, leaves)) for name, item in value.items()])
    if kind is list:
        return list, tuple([_shape(item, leaves) for item in value])
    if value is None or kind is bool or isinstance(value, Enum):
        return value
    raise Unusual("argument")


def check(text: str) -> None:
    """Let a text pass that databases can compare.

    Raises:
        Unusual: for any other.
    """
    if len(text) > LONGEST or not storable(text):
        raise Unusual("argument")


class Kept(dict[str, Any]):
    """Coerced variables of a request that comes again, with what fields were given by them; nobody may alter them."""

    __slots__ = ("known",)

    def __init__(self, variables: Mapping[str, Any]) -> None:
        super().__init__(variables)
        self.known: dict[object, Given] = {}
        """By how a field's arguments are read."""

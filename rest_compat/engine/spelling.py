"""How a dialect writes what the graph knows: words of enums, looks of scalars, notations of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graphql import GraphQLEnumType

JsonSchema = dict[str, object]

_NONE: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Scalar:
    """How a scalar of the graph looks in JSON, and how to name what is expected of it.

    `described` says it in a sentence ("must be …"); `written` and `read` are JSON Schemas for answers and requests.
    """

    described: str
    written: JsonSchema
    read: JsonSchema


MOMENT = Scalar(
    "must be an ISO 8601 date or date-time",
    {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$"},
    {"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]},
)
DAY = Scalar(
    "must be a date such as 2024-01-15",
    {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]},
)
TEXT = Scalar("must be text", {"type": "string"}, {"type": "string"})

BUILT_IN: Mapping[str, Scalar] = MappingProxyType(
    {
        "ID": TEXT,
        "String": TEXT,
        "Cursor": TEXT,
        "Int": Scalar("must be a whole number", {"type": "integer"}, {"type": "integer"}),
        "Float": Scalar("must be a number", {"type": "number"}, {"type": "number"}),
        "Fraction": Scalar("must be a number from 0 to 1", {"type": "number"}, {"type": "number"}),
        "Boolean": Scalar("must be true or false", {"type": "boolean"}, {"type": "boolean"}),
        "DateTime": MOMENT,
        "Date": DAY,
        "JSON": Scalar("must be an object", {"type": "object"}, {"type": "object"}),
    }
)
_ANYTHING = Scalar("must be JSON", {}, {})
FRACTIONAL = frozenset({"Float", "Fraction"})
"""Scalars whose whole values print without `.0`."""


@dataclass(frozen=True)
class Spelling:
    """A dialect's codec. An enum without an entry in `words` is written by its own names.

    `closed` names the enums whose listed words are all this dialect has: a value without a word is left out of
    lists, which then print in the order of the words. `decimals` are the most that a number is printed with.
    """

    words: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _NONE)
    closed: frozenset[str] = frozenset()
    scalars: Mapping[str, Scalar] = field(default_factory=dict)
    decimals: int | None = None

    def word_of(self, enum: GraphQLEnumType) -> dict[str, str]:
        """Graph name → this dialect's word, for every value that has one."""
        known = self.words.get(enum.name)
        if known is None:
            return {name: name for name in enum.values}
        if enum.name in self.closed:
            return {name: word for name, word in known.items() if name in enum.values}
        return {name: known.get(name, name) for name in enum.values}

    def strays(self, enum: GraphQLEnumType) -> list[str]:
        """Names this dialect spells which the graph does not have."""
        return [name for name in self.words.get(enum.name, {}) if name not in enum.values]

    def scalar(self, name: str) -> Scalar:
        """The looks of a scalar; one nobody described is any JSON."""
        return self.scalars.get(name) or BUILT_IN.get(name) or _ANYTHING

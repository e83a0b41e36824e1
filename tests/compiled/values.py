"""Drawing what arguments are given: values of every input type, right ones and wrong ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    get_nullable_type,
    is_required_input_field,
)

from schema.graph import plans
from tests.compiled.world import ODD, Known, snake

_INTEGERS = (0, 1, 2, 3, 5, 7, 50, 100, 101, -1, 2**31 - 1, -(2**31))
_PAGES = {
    "first": ((1, 2, 2, 3, 3, 5, 10, 20, 50), (0, 100, 101, -1)),
    "last": ((1, 2, 3, 5), (0, 100, 101, -1)),
    "offset": ((0, 1, 1, 2, 3, 7), (10_000, 10_001, -1, 100)),
}
"""What pages are asked for: usually, and rarely."""
_FLOATS = (0, 1, 0.5, 0.1, 1 / 3, 1e-9, 1.5, -1, 100, 1e15)
_MOMENTS = (
    "2024-01-15T14:30:00Z",
    "2024-05-15",
    "2024-05-14T14:30:00+02:00",
    "2024-05-15T14:30:00.123456",
    "2023-12-31T23:59:59-11:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
)
_UNREADABLE = ("not a moment", "2024-02-30")
_NO_IDS = ("nothing", "", "lead_", "user_1", "ORG", "acc_demo_00 ")
_CURSORS = ("", "garbage", "a2V5czpbXQ", "cGxhY2U6MQ", "cGxhY2U6MTAwMDAwMDAwMDAwMDAwMDAwMDAw", "🦊")
_WRONG: tuple[Any, ...] = (None, "text", 1, 1.5, True, [], {}, [1], {"a": 1}, [None], 2**40, "\ud800", "a\x00b", "WON")


class Word(str):
    """A word of an enumeration, which literals write without quotes."""

    __slots__ = ()


class Used(str):
    """The name of a variable, in the place of its value."""

    __slots__ = ()


class Values:
    """Values drawn from what is known; `cursors` are those of earlier answers, by the type of their connection."""

    def __init__(self, known: Known, cursors: Mapping[str, Sequence[str]]) -> None:
        self._known = known
        self._cursors = {name: list(found) for name, found in cursors.items() if found}
        self._all_cursors = [each for found in self._cursors.values() for each in found] or list(_CURSORS)
        self._prefixes = sorted(known.ids)
        self._texts = sorted({each for found in known.texts.values() for each in found})

    def of(self, random: Random, type_: GraphQLInputType, name: str, context: str) -> Any:
        """A value of a type; `name` is the argument's or field's, `context` the type it belongs to."""
        if isinstance(type_, GraphQLNonNull):
            return self._right(random, type_.of_type, name, context)
        return None if random.randrange(100) < 4 else self._right(random, type_, name, context)

    def literal(self, value: Any) -> str | None:
        """A value as documents write it; None for one that no valid document holds."""
        if isinstance(value, dict):
            parts = {name: self.literal(each) for name, each in value.items()}
            # Names of JSON objects need not be names of GraphQL.
            sane = all(name.isidentifier() and name.isascii() for name in parts) and None not in parts.values()
            return "{" + ", ".join(f"{name}: {part}" for name, part in parts.items()) + "}" if sane else None
        if isinstance(value, list):
            items = [self.literal(each) for each in value]
            return None if None in items else "[" + ", ".join(map(str, items)) + "]"
        if isinstance(value, Used):
            return f"${value}"
        if isinstance(value, Word):
            return str(value)
        return None if value in _UNREADABLE else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

    def wrong(self, random: Random) -> Any:
        """A value of whatever type: only variables may be given it."""
        return random.choice(_WRONG)

    def _right(self, random: Random, type_: Any, name: str, context: str) -> Any:
        if isinstance(type_, GraphQLList):
            size = random.choice((0, 1, 1, 2, 3))
            if size == 1 and random.randrange(100) < 10:
                bare: Any = get_nullable_type(type_.of_type)
                return self.of(random, bare, name, context)
            return [self.of(random, type_.of_type, name, context) for _ in range(size)]
        if isinstance(type_, GraphQLEnumType):
            return Word(random.choice(sorted(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(random, type_)
        assert isinstance(type_, GraphQLScalarType)
        return self._scalar(random, type_.name, name, context)

    def _object(self, random: Random, type_: GraphQLInputObjectType) -> dict[str, Any]:
        optional = [name for name, field in type_.fields.items() if not is_required_input_field(field)]
        wanted = set(random.sample(optional, min(len(optional), random.choice((0, 1, 1, 1, 2, 3)))))
        if type_.is_one_of:
            wanted = set(list(wanted)[:1]) or {optional[0]}
        return {
            name: self.of(random, field.type, name, type_.name)
            for name, field in type_.fields.items()
            if name in wanted or is_required_input_field(field)
        }

    def _scalar(self, random: Random, scalar: str, name: str, context: str) -> Any:
        match scalar:
            case "Int":
                return self._number(random, name)
            case "Float" | "Fraction":
                return random.choice(_FLOATS)
            case "Boolean":
                return random.random() < 0.5
            case "ID":
                return self._id(random, name, context)
            case "Cursor":
                return self._cursor(random, context)
            case "DateTime":
                return random.choice((*_MOMENTS, _UNREADABLE[0]))
            case "Date":
                return random.choice(("2024-05-15", "2024-01-01", "2025-12-31", _UNREADABLE[1], *_MOMENTS[:3]))
            case "JSON":
                return {"text": random.choice(ODD)} if random.random() < 0.5 else {}
        return self._text(random, name)

    def _number(self, random: Random, name: str) -> int:
        usual, rare = _PAGES.get(name, (_INTEGERS, _INTEGERS))
        return random.choice(usual if random.randrange(100) < 95 else rare)

    def _id(self, random: Random, name: str, context: str) -> Any:
        kind = random.randrange(100)
        if kind < 4:
            return random.choice(_NO_IDS)
        if kind < 5:
            return random.choice((7, "a\x00b"))
        prefix = self._prefix(name if name != "id" else context)
        if prefix is None or kind < 9:
            prefix = random.choice(self._prefixes)
        return random.choice(self._known.ids[prefix])

    def _prefix(self, word: str) -> str | None:
        """The prefix of ids that a name such as `leadId` or `Lead` asks for."""
        bare = word.removesuffix("Id").removesuffix("Ids").lower()
        return PREFIXES.get(bare)

    def _cursor(self, random: Random, context: str) -> str:
        kind = random.randrange(100)
        if kind < 6:
            return str(random.choice(_CURSORS))
        own = self._cursors.get(context)
        return str(random.choice(own if own and kind < 90 else self._all_cursors))

    def _text(self, random: Random, name: str) -> str:
        stored = self._known.texts.get(snake(name)) or self._known.texts.get(name.lower())
        kind = random.randrange(100)
        if stored and kind < 70:
            text = str(random.choice(stored))
            return text[: random.randint(1, 8)] if kind < 10 and text else text
        if kind < 95:
            return str(random.choice(ODD if kind < 85 else self._texts))
        return "x" * 300 if kind < 98 else "a\x00b"


PREFIXES = {
    name.lower(): plan.entity.prefix for name, plan in plans.types.items() if plan.entity and plan.entity.prefix
}
"""Prefixes of ids by the names of what they are of, in small letters."""
for _word, _type in {
    "assignedto": "user",
    "assignee": "user",
    "user": "user",
    "client": "apiclient",
    "campaign": "abmcampaign",
    "template": "emailtemplate",
    "document": "compliancedocument",
    "item": "complianceitem",
    "endpoint": "webhookendpoint",
    "webhook": "webhookendpoint",
    "batch": "batch",
}.items():
    PREFIXES[_word] = PREFIXES[_type]

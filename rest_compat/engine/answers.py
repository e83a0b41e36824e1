"""How the result of an operation is wrapped. An answer says how it is written and how it is described, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from domain.errors import Kind
from domain.values import ABSENT
from rest_compat.engine.arguments import Given, Paging
from rest_compat.engine.faults import Fault
from rest_compat.engine.shapes import Many, Record, Shape, solid
from rest_compat.engine.spelling import JsonSchema

PAGE_FACTS: Mapping[str, JsonSchema] = {
    "number": {"type": "integer", "minimum": 1},
    "size": {"type": "integer", "minimum": 1},
    "total": {"type": "integer", "minimum": 0},
    "pages": {"type": "integer", "minimum": 0},
    "has_next": {"type": "boolean"},
    "has_previous": {"type": "boolean"},
}
"""What can be told about a page of results."""


class Answer(Protocol):
    """A way to make the body of an answer. Dialects may bring their own for what is irregular."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body, from the spelled result and the request's values."""

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema.

        Raises:
            KeyError: the operation does not select what the answer prints.
        """


def follow(data: Mapping[str, Any], where: str) -> Any:
    """The value at a dotted place.

    Raises:
        Fault: NOT_FOUND when the way there ends in null: what was asked for by id is not there.
    """
    value: Any = data
    for step in where.split("."):
        value = value[step]
        if value is None:
            raise Fault(Kind.NOT_FOUND)
    return value


def shape_at(result: Record, where: str) -> Shape:
    """The shape at a dotted place."""
    shape: Shape = result
    for step in where.split("."):
        if not isinstance(shape, Record) or step not in shape.fields:
            raise KeyError(where)
        shape = shape.fields[step]
    return shape


def _present(shape: Shape) -> JsonSchema:
    # What is printed was followed to, so it is not null.
    return Record(shape.fields, spare=shape.spare).schema if isinstance(shape, Record) else solid(shape.schema)


class take:  # noqa: N801 - reads as a verb in a route
    """The value at a dotted place is the body; null there means not found."""

    def __init__(self, where: str) -> None:
        self.where = where

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return follow(data, self.where)

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        return _present(shape_at(result, self.where))


class some:  # noqa: N801
    """The value at a dotted place; null ends the way to `otherwise`, which the dialect prints for what is not known."""

    def __init__(self, where: str, otherwise: object) -> None:
        self.where = where
        self.otherwise = otherwise

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        value: Any = data
        for step in self.where.split("."):
            value = value[step]
            if value is None:
                return self.otherwise
        return value

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        shape = shape_at(result, self.where)
        return shape.schema if self.otherwise is None else _present(shape)


Test = Callable[[Mapping[str, Any], Given], bool]


class sometimes:  # noqa: N801
    """A part of an object that is left out unless a test of the result and the request says otherwise."""

    def __init__(self, answer: Answer, when: Test) -> None:
        self.answer = answer
        self.when = when

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body, or ABSENT."""
        return self.answer.write(data, given) if self.when(data, given) else ABSENT

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        return self.answer.schema(result)


class record:  # noqa: N801
    """An object of other answers."""

    def __init__(self, parts: Mapping[str, Answer]) -> None:
        self.parts = dict(parts)

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        written = {key: part.write(data, given) for key, part in self.parts.items()}
        return {key: value for key, value in written.items() if value is not ABSENT}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        schema = closed_object({key: part.schema(result) for key, part in self.parts.items()})
        always = [key for key, part in self.parts.items() if not isinstance(part, sometimes)]
        return {**schema, "required": always}


class keyed:  # noqa: N801
    """A list of objects as one object: each under what it has at `by`, in the order of the list.

    The key itself is taken out of the object under it; `value` names the one field that is printed in its place.
    """

    def __init__(self, where: str, *, by: str, value: str = "") -> None:
        self.where = where
        self.by = by
        self.value = value

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        rows = {str(row[self.by]): row for row in follow(data, self.where)}
        if self.value:
            return {key: row[self.value] for key, row in rows.items()}
        return {key: {name: each for name, each in row.items() if name != self.by} for key, row in rows.items()}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        rows = shape_at(result, self.where)
        fields = rows.item.fields if isinstance(rows, Many) and isinstance(rows.item, Record) else {}
        if self.by not in fields or (self.value and self.value not in fields):
            raise KeyError(f"{self.where} as a list of objects with {self.by} {self.value}".rstrip())
        rest = {name: shape.schema for name, shape in fields.items() if name != self.by}
        return {"type": "object", "additionalProperties": rest[self.value] if self.value else closed_object(rest)}


class each:  # noqa: N801
    """A list of other answers: each item of the list at `where` is written by `item`, whose places begin there."""

    def __init__(self, where: str, item: Answer) -> None:
        self.where = where
        self.item = item

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return [self.item.write(row, given) for row in follow(data, self.where)]

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        rows = shape_at(result, self.where)
        if not isinstance(rows, Many) or not isinstance(rows.item, Record):
            raise KeyError(f"{self.where} as a list of objects")
        return {"type": "array", "items": self.item.schema(rows.item)}


class page:  # noqa: N801
    """A page of a connection: its nodes under `container`, and facts about the page under `beside`.

    The operation selects `totalCount` and `nodes` at `where`. `facts` are pairs of printed key and fact (PAGE_FACTS).
    """

    def __init__(
        self, where: str, paging: Paging, *, container: str, beside: str, facts: Sequence[tuple[str, str]]
    ) -> None:
        self.where = where
        self.paging = paging
        self.container = container
        self.beside = beside
        self.facts = tuple(facts)
        places = list(PAGE_FACTS)
        self._places = [(key, places.index(fact)) for key, fact in self.facts]

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        found = follow(data, self.where)
        number, size = self.paging.page(given)
        total = found["totalCount"]
        pages = -(-total // size)
        # In the order of PAGE_FACTS.
        known = (number, size, total, pages, number < pages, number > 1)
        return {self.container: found["nodes"], self.beside: {key: known[place] for key, place in self._places}}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        shape_at(result, f"{self.where}.totalCount")
        beside = closed_object({key: PAGE_FACTS[fact] for key, fact in self.facts})
        return closed_object({self.container: _present(shape_at(result, f"{self.where}.nodes")), self.beside: beside})


def closed_object(properties: Mapping[str, JsonSchema]) -> JsonSchema:
    """The schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }

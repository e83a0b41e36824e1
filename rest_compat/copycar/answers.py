"""How CopyCar wraps what it answers, and the answers that more than one of its sections prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_compat.engine.answers import Answer, closed_object, follow, record, shape_at, some, take
from rest_compat.engine.arguments import LARGEST_OFFSET, Given
from rest_compat.engine.shapes import Many, Record, Shape
from rest_compat.engine.spelling import JsonSchema

_COUNT: JsonSchema = {"type": "integer", "minimum": 0}


class success:  # noqa: N801 - reads as a verb in a route
    """`{"success": true, "data": {…}}` around other answers, as every endpoint prints it."""

    def __init__(self, **parts: Answer) -> None:
        self.data = record(parts)

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return {"success": True, "data": self.data.write(data, given)}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        return closed_object({"success": {"const": True}, "data": self.data.schema(result)})


class metered:  # noqa: N801 - reads as an adjective of the answer
    """The same with `usage`, which only what generates something prints (CC-14).

    `payload` is the mutation's, which tells the quota; `tokens` is where the tokens of this call stand in it.
    """

    def __init__(self, payload: str, tokens: str, **parts: Answer) -> None:
        self.inner = success(**parts)
        self.tokens = take(f"{payload}.{tokens}")
        # Who has no quota can never use it up: the greatest number there is.
        self.left = some(f"{payload}.quota.remaining", LARGEST_OFFSET)

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        body: Any = self.inner.write(data, given)
        left: Any = self.left.write(data, given)
        used = {"api_calls": 1, "tokens_used": self.tokens.write(data, given), "remaining_quota": max(0, left)}
        return {**body, "usage": used}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        body: Any = self.inner.schema(result)
        usage = closed_object(dict.fromkeys(("api_calls", "tokens_used", "remaining_quota"), _COUNT))
        return closed_object({**body["properties"], "usage": usage})


def taken(where: str, *names: str) -> dict[str, take]:
    """The values at a place under their own names."""
    return {name: take(f"{where}.{name}") for name in names}


def selected(result: Record, where: str, names: Sequence[str]) -> Mapping[str, Shape]:
    """The fields of the objects in the list at a place.

    Raises:
        KeyError: there is no such list, or its objects lack one of the names.
    """
    rows = shape_at(result, where)
    fields = rows.item.fields if isinstance(rows, Many) and isinstance(rows.item, Record) else {}
    missing = [name for name in names if name not in fields]
    if missing:
        raise KeyError(f"{where} with {', '.join(missing)}")
    return fields


class mapped:  # noqa: N801 - reads as a verb in a route
    """The words at a place, each as it is called here; words without a name of their own are printed as they are."""

    def __init__(self, where: str, names: Mapping[str, str]) -> None:
        self.where = where
        self.names = names

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return [self.names.get(word, word) for word in follow(data, self.where)]

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        take(self.where).schema(result)
        return {"type": "array", "items": {"type": "string"}}

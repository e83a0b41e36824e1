"""How CopyCar wraps what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_compat.engine.answers import Answer, closed_object, record
from rest_compat.engine.arguments import Given
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema


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

"""The printed examples of a dialect and the shapes they stand for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from rest_compat.engine.dialect import Dialect


@dataclass(frozen=True)
class Printed:
    """What a dialect's document prints; `shapes` is the folder of the JSON Schemas."""

    dialect: Dialect
    shapes: Path

    def example(self, route: str, which: str = "response") -> Any:
        """A printed request or response."""
        return json.loads((self.dialect.folder / "examples" / route / f"{which}.json").read_text("utf-8"))

    def fits(self, route: str, answer: object) -> None:
        """Assert that an answer has exactly the documented shape."""
        schema = json.loads((self.shapes / f"{route}.schema.json").read_text("utf-8"))
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(answer)


def same_form(printed: Any, answer: Any, at: str = "$") -> None:
    """Assert the printed keys, in the printed order, and types, recursively; every list item is held against the first
    printed one.
    """
    assert type(answer) is type(printed), f"{at}: {answer!r} in place of {printed!r}"
    if isinstance(printed, dict):
        assert list(answer) == list(printed), at
        for key, value in printed.items():
            same_form(value, answer[key], f"{at}.{key}")
    elif isinstance(printed, list) and printed:
        assert answer, f"{at}: empty"
        for index, value in enumerate(answer):
            same_form(printed[0], value, f"{at}[{index}]")

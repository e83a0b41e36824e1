"""Whether an answer fits its schema; the one module that knows jsonschema, loaded when something is to be written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

_SAID = 300
"""Characters of a complaint: it repeats the value, which may be long."""


class Shape:
    """A JSON Schema (2020-12) that answers are held against; nothing it refers to is fetched."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator = Draft202012Validator(dict(schema), registry=Registry())

    def misfit(self, value: Any) -> str | None:
        """What is wrong with a value, and where in it; None when it fits."""
        error = best_match(self._validator.iter_errors(value))
        if error is None:
            return None
        message = error.message if len(error.message) <= _SAID else f"…{error.message[-_SAID:]}"
        return f"at {error.json_path}: {message}"

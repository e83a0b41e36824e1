"""Lists of words in several languages that are kept as JSON in the folder `words`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from json import loads
from typing import Any


@cache
def word_list(name: str) -> dict[str, Any]:
    """A list by the name of its file; nobody may change it."""
    table: dict[str, Any] = loads((files("domain.intelligence") / "words" / name).read_text(encoding="utf-8"))
    return table

"""How an answer may be written otherwise than the graph writes it: what a compiled operation does on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Respelling:
    """One place of an answer that is not written as the graph writes it; the root belongs to the operation itself.

    It is walked beside the selection, by response key. Where there is none for a place, nothing differs in it or
    below it: a key that is not in `fields`, and an `item` that is None, are written as the graph does. Null stays
    null everywhere. What a value is before it is written here is what the graph would have answered: the name of an
    enum, a number of JSON, a text.

    Of an object: `fields`, and `only`, the response key whose value, as written, is printed in the object's place.
    Of a list: `item`, or `ordered`: names of an enum and their words; then the list becomes the words of the names
    it holds, in the order of `ordered`, each once, and names without a word are left out.
    Of an enum: `words` by name; a name without a word cannot be written.
    Of another leaf: `write` turns a value that is not null into another.
    """

    fields: Mapping[str, Respelling] = field(default_factory=lambda: _NONE)
    item: Respelling | None = None
    only: str = ""
    words: Mapping[str, str] | None = None
    ordered: Mapping[str, str] | None = None
    write: Callable[[Any], Any] | None = None

"""Writing what the graph has answered in a dialect's way: a second walk, for what was not written so at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_compat.engine.notations import Writer
from schema.compiled.respelling import Respelling


def writer_of(respelling: Respelling | None) -> Writer | None:
    """Turns a value of the graph's answer into the dialect's, objects in their place; None where they are the same."""
    writer = _solid(respelling) if respelling else None
    return writer and (lambda value: None if value is None else writer(value))


def _solid(respelling: Respelling) -> Writer | None:
    if respelling.only:
        return _unwrapped(respelling.only, writer_of(respelling.fields.get(respelling.only)))
    if respelling.fields:
        return _fields({key: writer for key, each in respelling.fields.items() if (writer := writer_of(each))})
    if respelling.ordered is not None:
        return _in_order(respelling.ordered)
    if respelling.item:
        return _each(writer_of(respelling.item))
    return respelling.words.__getitem__ if respelling.words is not None else respelling.write


def _fields(writers: Mapping[str, Writer]) -> Writer | None:
    def write(value: dict[str, Any]) -> dict[str, Any]:
        for key, writer in writers.items():
            if key in value:
                value[key] = writer(value[key])
        return value

    return write if writers else None


def _unwrapped(key: str, writer: Writer | None) -> Writer:
    return (lambda value: writer(value[key])) if writer else (lambda value: value[key])


def _each(writer: Writer | None) -> Writer | None:
    return (lambda values: [writer(value) for value in values]) if writer else None


def _in_order(words: Mapping[str, str]) -> Writer:
    def write(names: Sequence[str]) -> list[str]:
        return [word for name, word in words.items() if name in names]

    return write

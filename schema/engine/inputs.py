"""Inputs as plain dataclasses: what a client sent becomes the draft or filter a use case or read takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, dataclass_transform

import strawberry

from domain.texts import text

LONGEST = 1_000
"""Most characters of a text that a list is asked by."""

C = TypeVar("C", bound=type)
_MIRRORED = "mirrored"


@dataclass_transform(kw_only_default=True)
def mirrors(plain: type[Any], description: str | None = None) -> Callable[[C], C]:
    """Declare an input type whose fields are those of a plain dataclass, and which becomes one."""

    def declare(cls: C) -> C:
        made = strawberry.input(cls, description=description or (plain.__doc__ or "").strip().splitlines()[0])
        unknown = {each.name for each in fields(made)} - {each.name for each in fields(plain)}
        if unknown:
            raise TypeError(f"{cls.__name__} has fields that {plain.__name__} lacks: {sorted(unknown)}")
        setattr(made, _MIRRORED, plain)
        return made

    return declare


def refuse_unstorable(values: Mapping[str, Any]) -> None:
    """Let arguments of a read pass whose texts a database can compare.

    Raises:
        DomainError: INVALID naming the argument, such as where.search.
    """
    waiting = list(values.items())
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            text(path, value, LONGEST)
        elif isinstance(value, Mapping):
            waiting.extend((f"{path}.{name}", item) for name, item in value.items())
        elif isinstance(value, list):
            waiting.extend((path, item) for item in value)


def plain(value: Any) -> Any:
    """The value as resolvers take it: mirrored inputs as their dataclass, without what was not sent."""
    mirrored = getattr(type(value), _MIRRORED, None)
    if mirrored is not None:
        sent = {each.name: getattr(value, each.name) for each in fields(value)}
        return mirrored(**{name: plain(item) for name, item in sent.items() if item is not strawberry.UNSET})
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value

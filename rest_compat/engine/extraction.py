"""Moving values between two nested structures: out of a request body, into GraphQL variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from domain.values import ABSENT
from rest_compat.engine.arguments import Segment

Name = tuple[str | int, ...]
"""A place in a request under the route's own names, list positions included."""

Lists = tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """A value at a place. `lists` are the list positions on the way; `hole` marks an empty list of that many levels;
    `misfit` says what stands in the way; `alone` is true when not even the parent is there; `textual` marks a text of
    a URL, which may stand for a number.
    """

    name: Name
    lists: Lists
    value: object = ABSENT
    hole: bool = False
    misfit: str = ""
    alone: bool = False
    textual: bool = False


def extract(node: object, steps: tuple[Segment, ...], name: Name = (), lists: Lists = ()) -> Iterator[Found]:
    """Every value a dotted name means in a body."""
    step, rest = steps[0], steps[1:]
    if not isinstance(node, dict):
        yield Found(name, lists, misfit="must be an object")
        return
    called = _called(node, step)
    here = (*name, called)
    value = node.get(called, ABSENT)
    if not rest and not step.keyed:
        yield Found(here, lists, value)
    elif value is ABSENT or value is None:
        yield Found((*here, *(each.name for each in rest)), lists, alone=True)
    elif not step.many:
        yield from extract(value, rest, here, lists)
    elif not isinstance(value, dict if step.keyed else list):
        yield Found(here, lists, misfit="must be an object" if step.keyed else "must be a list")
    elif not value:
        yield Found(here, lists, [], hole=True)
    else:
        yield from _each(value, rest, here, lists)


def _each(value: dict[str, Any] | list[Any], rest: tuple[Segment, ...], here: Name, lists: Lists) -> Iterator[Found]:
    """What a name means in every item; of an object that is read as a list, the key itself when nothing follows."""
    items: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
    for index, (key, item) in enumerate(items):
        if rest:
            yield from extract(item, rest, (*here, key), (*lists, index))
        else:
            yield Found((*here, key), (*lists, index), key)


def _called(node: dict[str, Any], step: Segment) -> str:
    """By which of its names a step is there: the first that holds a value, else its own."""
    if not step.aliases or node.get(step.name) is not None:
        return step.name
    return next((name for name in step.aliases if node.get(name) is not None), step.name)


def place(variables: dict[str, Any], steps: tuple[Segment, ...], found: Found) -> Name:
    """Put a found value where it belongs, making parents on the way; returns the place."""
    if found.hole:
        depth = 0
        for index, step in enumerate(steps):
            depth += step.many
            if depth > len(found.lists):
                steps = steps[: index + 1]
                break
    node: Any = variables
    where: Name = ()
    positions = iter(found.lists)
    for step in steps[:-1]:
        node = node.setdefault(step.name, [] if step.many else {})
        where = (*where, step.name)
        if step.many:
            position = next(positions)
            node.extend({} for _ in range(position + 1 - len(node)))
            node = node[position]
            where = (*where, position)
    node[steps[-1].name] = found.value
    return (*where, steps[-1].name)

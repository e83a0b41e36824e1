"""Marks: what stands for values while a statement is built, so that it serves every other value as well.

A read is an ordinary function of a viewer and arguments. Built with marks in the place of values it yields a statement
whose bound values are known by name. That is right as long as the read hands its values to the database and does
nothing else with them; whatever else it tries, a mark refuses, and the statement is built with that value itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Integer, bindparam

from domain.viewer import Viewer

_CARRIERS = ("sqlalchemy.", "strawberry.", "schema.engine.inputs", "schema.compiled.", "dataclasses")
"""Modules that carry values from one place to another: they ask what a value is, not which."""


class Inspected(Exception):
    """A value was looked into; `origins` are the places whose values it came from."""

    def __init__(self, origins: frozenset[str]) -> None:
        super().__init__(f"looked into {sorted(origins)}")
        self.origins = origins


@dataclass
class Marks:
    """The marks of one build: by which names its statement has them, and which places are given as they are."""

    exact: frozenset[str] = frozenset()
    bound: dict[str, Mark] = field(default_factory=dict)

    def of(self, place: str, value: Any, type_: Any = None) -> Any:
        """A mark for the value at a place; the value itself where it is none, or its place is exact."""
        if value is None or place in self.exact:
            return value
        return Mark(self, place, frozenset((place,)), type_)


def _carried(depth: int = 2) -> bool:
    name: str = sys._getframe(depth).f_globals.get("__name__", "")
    return name.startswith(_CARRIERS)


class Mark:
    """A value to come; `code` is the expression that yields it when the statement is run."""

    __slots__ = ("_marks", "_type", "code", "origins")

    def __init__(self, marks: Marks, code: str, origins: frozenset[str], type_: Any = None) -> None:
        self._marks = marks
        self._type = type_
        self.code = code
        self.origins = origins

    def __clause_element__(self) -> Any:
        # A name for every use: of two uses each is compared with a column of its own type.
        name = f"mark_{len(self._marks.bound)}_"
        self._marks.bound[name] = self
        return bindparam(name, None, type_=self._type)

    def __add__(self, other: Any) -> Mark:
        return self._sum(self.code, other, turned=False)

    def __radd__(self, other: Any) -> Mark:
        return self._sum(self.code, other, turned=True)

    def _sum(self, code: str, other: Any, *, turned: bool) -> Mark:
        if type(other) not in (Mark, int, str):
            raise Inspected(self.origins)
        text, origins = (other.code, other.origins) if type(other) is Mark else (repr(other), frozenset())
        whole = f"({text} + {code})" if turned else f"({code} + {text})"
        return Mark(self._marks, whole, self.origins | origins, self._type)

    def __getattr__(self, name: str) -> Any:
        if _carried():
            raise AttributeError(name)
        raise Inspected(self.origins)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        if _carried():
            return Mark
        raise Inspected(self.origins)

    def __hash__(self) -> int:
        if _carried():
            return id(self)
        raise Inspected(self.origins)


def _refusing(name: str) -> Callable[..., Any]:
    def refuse(self: Mark, *_: Any) -> Any:
        raise Inspected(self.origins)

    refuse.__name__ = name
    return refuse


for _name in (
    *("__bool__", "__len__", "__iter__", "__contains__", "__getitem__", "__str__", "__repr__", "__format__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__int__", "__float__", "__index__", "__reversed__"),
    *("__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__", "__mod__", "__rmod__", "__neg__"),
    *("__floordiv__", "__rfloordiv__", "__abs__", "__round__", "__fspath__", "__bytes__", "__reduce_ex__"),
):
    setattr(Mark, _name, _refusing(_name))


class Positive(Mark):
    """A number that is known to be more than nothing."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return True


VIEWER_PLACES = (
    *("organization_id", "client_id", "user_id", "team_id", "dialect", "tier", "name", "scopes"),
    *("credential_id", "grant_id", "home_organization_id", "expires_at"),
)
"""What of a viewer is a value. Its permissions are not: they are part of what a statement is kept by."""


def marked_viewer(viewer: Viewer, marks: Marks) -> Viewer:
    """The viewer with marks for whatever a statement may be made of."""
    places: dict[str, Any] = {name: marks.of(f"v.{name}", getattr(viewer, name)) for name in VIEWER_PLACES}
    return replace(viewer, **places)


def sort_of(viewer: Viewer) -> tuple[object, ...]:
    """What of a viewer decides how its statements look, whoever it is."""
    return viewer.permissions, viewer.user_id is None, viewer.team_id is None


WHOLE = Integer()
"""The type of sizes and offsets, which are compared with no column."""

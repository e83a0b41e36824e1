"""Loading most of the code at once: little is looked through for garbage, and dataclasses are declared for little."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_GARBAGE = 5_000
"""Objects more than there were, after which the youngest of a server are looked through for garbage."""
_YOUNG = 20_000
"""Objects after which the newest are looked through: a class declared with slots leaves the one it was made from."""
_NEVER = 2**31 - 1


def load(module: str) -> ModuleType:
    """A module and everything it imports."""
    with uncollected(), compiled_when_called():
        return import_module(module)


def served() -> Any:
    """The application of one of several worker processes, each of which loads the code for itself."""
    return load("gateway.app").from_environment()


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for garbage among what is new only: what is imported stays, so looking through it again finds nothing.

    What is there at the end is never looked through again.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(_YOUNG, _NEVER, _NEVER)
    try:
        yield
    finally:
        gc.freeze()
        # What a request makes goes with its answer: looking for garbage after every 700 objects finds next to none.
        gc.set_threshold(_GARBAGE, *thresholds[1:])


@contextmanager
def without(library: str) -> Iterator[None]:
    """Have what is imported meanwhile do without a library that it can do without; others may load it later."""
    if library in sys.modules:
        yield
        return
    # None in the place of a module is how Python is told that there is none.
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]


@contextmanager
def compiled_when_called() -> Iterator[None]:
    """Have dataclasses make what is seldom called of them when it is called first, and not when they are declared.

    Python 3.13 makes all methods of a class in one go. Its forerunners make each by itself, by functions that are
    stood in for meanwhile: that took a sixth of the time until the server answered, and a twentieth of its memory.
    """
    if None in _AT_ONCE.values():
        yield
        return
    before = {name: getattr(dataclasses, name) for name in _AT_ONCE}
    _put(_LATER)
    try:
        yield
    finally:
        _put(before)


def _put(functions: Mapping[str, Any]) -> None:
    for name, function in functions.items():
        setattr(dataclasses, name, function)


class _Later:
    """A method of a dataclass that nobody called yet: it holds no text, for the class knows its fields when it is.

    It holds no class either. Methods of frozen classes with slots know the class that theirs was made from, and keep
    it, where they are made at once.
    """

    __slots__ = ("__name__", "owner")

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.owner: type | None = None

    def __get__(self, instance: object, cls: type) -> Any:
        name = self.__name__
        owner = next((each for each in cls.__mro__ if each.__dict__.get(name) is self), None)
        if owner:
            method = _made(owner, name)
            method.__qualname__ = f"{owner.__qualname__}.{name}"
            # Before the method is in its place: another thread that was sent here would find no class with this then.
            self.owner = owner
            setattr(owner, name, method)
        return vars(self.owner)[name].__get__(instance, cls)


def _made(cls: Any, name: str) -> Any:
    """What the standard library would have made at once."""
    fields = dataclasses.fields(cls)
    if name == "__repr__":
        return _AT_ONCE["_repr_fn"]([each for each in fields if each.repr], _NAMES)
    if name == "__eq__":
        compared = [each.name for each in fields if each.compare]
        mine, theirs = (_tuple(side, compared) for side in ("self", "other"))
        return _AT_ONCE["_cmp_fn"](name, "==", mine, theirs, globals=_NAMES)
    if name == "__hash__":
        hashed = [each for each in fields if (each.compare if each.hash is None else each.hash)]
        return _AT_ONCE["_hash_fn"](hashed, _NAMES)
    return {each.__name__: each for each in _AT_ONCE[_FROZEN](cls, fields, _NAMES)}[name]


def _tuple(side: str, names: Iterable[str]) -> str:
    return f"({''.join(f'{side}.{name},' for name in names)})"


def _compared_later(name: str, *text: str, **names: Any) -> Any:
    return _Later(name) if name == "__eq__" else _AT_ONCE["_cmp_fn"](name, *text, **names)


_FROZEN = "_frozen_get_del_attr"
_AT_ONCE: dict[str, Any] = {
    name: getattr(dataclasses, name, None) for name in ("_repr_fn", "_cmp_fn", "_hash_fn", _FROZEN)
}
_LATER: dict[str, Any] = {
    "_repr_fn": lambda fields, names: _Later("__repr__"),
    "_cmp_fn": _compared_later,
    "_hash_fn": lambda fields, names: _Later("__hash__"),
    _FROZEN: lambda cls, fields, names: (_Later("__setattr__"), _Later("__delattr__")),
}
_NAMES: dict[str, Any] = {}
"""What the methods find by name beside what is built in: nothing."""

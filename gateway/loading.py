"""Loading most of the code at once: nothing is looked through for garbage, and dataclasses are declared for little."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

_SELDOM_CALLED = {"__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__"}

Method = Callable[..., Any]


def load(module: str) -> ModuleType:
    """A module and everything it imports."""
    with uncollected(), compiled_when_called():
        return import_module(module)


def served() -> Any:
    """The application of one of several worker processes, each of which loads the code for itself."""
    return load("gateway.app").from_environment()


@contextmanager
def uncollected() -> Iterator[None]:
    """Do not look for garbage meanwhile: what is imported stays, so looking through it again and again finds nothing.

    What is there at the end is never looked through again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


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
    """Have dataclasses compile what is seldom called of them when it is called first, and not when they are declared.

    Python 3.13 compiles all methods of a class in one go. Its forerunners compile each by itself, which took a sixth
    of the time until the server answered; they make every method by one function, which is stood in for meanwhile.
    """
    at_once: Method | None = getattr(dataclasses, "_create_fn", None)
    if at_once is None:
        yield
        return
    setattr(dataclasses, "_create_fn", partial(_later, at_once))  # noqa: B010 - no name type checkers know
    try:
        yield
    finally:
        setattr(dataclasses, "_create_fn", at_once)  # noqa: B010 - as above


def _later(at_once: Method, name: str, *text: Any, **names: Any) -> Method:
    if name not in _SELDOM_CALLED:
        made: Method = at_once(name, *text, **names)
        return made
    compiled: list[Method] = []

    def method(self: object, *given: object) -> Any:
        if not compiled:
            compiled.append(at_once(name, *text, **names))
            _put_in_place(type(self), method, compiled[0])
        return compiled[0](self, *given)

    method.__name__ = name
    return method


def _put_in_place(cls: type, method: Method, compiled: Method) -> None:
    """Let the class that has a method call what it was compiled to directly from now on."""
    compiled.__qualname__ = method.__qualname__
    for each in cls.__mro__:
        if each.__dict__.get(method.__name__) is method:
            setattr(each, method.__name__, compiled)

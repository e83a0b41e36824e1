"""Dataclasses declared for commands are those of the standard library, only later."""

from __future__ import annotations

import dataclasses
import gc
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from gateway.loading import compiled_when_called, without

Declare = Callable[..., type[Any]]


def at_once(**options: bool) -> type[Any]:
    """A dataclass with a field that is not compared, and one below it."""
    made = dataclasses.make_dataclass(
        "Pair", [("left", int), ("right", object, dataclasses.field(compare=False))], namespace={}, **options
    )
    return dataclasses.make_dataclass("Triple", [("more", int, 3)], bases=(made,), **options)


def later(**options: bool) -> type[Any]:
    """The same, declared as commands are loaded."""
    with compiled_when_called():
        return at_once(**options)


def behaviour(declare: Declare, **options: bool) -> list[object]:
    """What one can see of a dataclass, each thing twice: the first call is another one than the second."""
    cls = declare(**options)
    one, same, other = cls(1, "a"), cls(1, "b"), cls(2, "a", 4)
    seen: list[object] = []
    for _ in range(2):
        seen += [repr(one), one == same, one == other, one == 1, cls.__base__(1, 2) == one]
        for act in (hash, lambda each: setattr(each, "left", 5), lambda each: delattr(each, "right")):
            try:
                seen.append(act(other))
            except (TypeError, AttributeError) as error:
                seen.append((type(error), str(error)))
    return [*seen, cls.__eq__.__qualname__, cls.__match_args__]


@pytest.mark.parametrize(
    "options", [{}, {"frozen": True}, {"frozen": True, "slots": True}, {"slots": True}, {"order": True}, {"eq": False}]
)
def test_classes_behave_as_if_all_had_been_compiled_at_once(options: dict[str, bool]):
    later_seen, seen = behaviour(later, **options), behaviour(at_once, **options)
    if "eq" in options:  # Hashes of identities.
        later_seen, seen = ([each for each in these if type(each) is not int] for these in (later_seen, seen))
    assert later_seen == seen


def test_after_its_first_call_a_method_is_the_standard_one_and_declaring_is_as_it_was():
    cls = later(frozen=True)
    assert cls(1, "a") == cls(1, "b")
    assert hash(cls(1, "a")) == hash((1, 3))
    assert cls.__eq__.__code__.co_code == at_once(frozen=True).__eq__.__code__.co_code
    assert at_once(frozen=True).__eq__.__code__.co_filename == "<string>"


def test_a_library_can_be_done_without_until_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), pytest.raises(ModuleNotFoundError):
        import_module("colorsys")
    loaded = import_module("colorsys")
    with without("colorsys"):
        assert import_module("colorsys") is loaded


def test_a_method_may_be_asked_of_a_class_below_and_by_two_threads_at_once():
    cls = later(frozen=True)

    class Below(cls):  # type: ignore[misc, valid-type]
        def __eq__(self, other: object) -> Any:
            return super().__eq__(other)

        __hash__ = cls.__hash__

    waiting = vars(cls).get("__eq__")
    assert Below(1, "a") == Below(1, "b")
    assert Below(1, "a") != Below(2, "a")
    assert hash(Below(1, "a")) == hash(cls(1, "a"))
    # Another thread got hold of what stood in before the method was in its place.
    assert waiting.__get__(cls(1, "a"), cls)(cls(1, "b"))


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python makes all methods in one go")
def test_the_class_that_one_with_slots_was_made_from_is_not_kept():
    cls = later(frozen=True, slots=True)
    assert repr(cls(1, "a"))
    gc.collect()
    assert cls.__base__.__subclasses__() == [cls]

"""Turns are given in line, to so many at once, and nobody who went away holds one."""

from __future__ import annotations

import asyncio

import pytest

from gateway.compiled.turns import Turns


async def waiting(turns: Turns, names: str, had: list[str]) -> list[asyncio.Task[None]]:
    async def one(name: str) -> None:
        await turns.wait()
        had.append(name)

    tasks = [asyncio.create_task(one(name)) for name in names]
    await asyncio.sleep(0)
    return tasks


async def test_so_many_are_given_and_then_one_for_each_that_is_given_back() -> None:
    turns, had = Turns(2, 60), list[str]()
    assert [turns.take() for _ in range(3)] == [True, True, False]
    tasks = await waiting(turns, "abc", had)
    turns.give_back()
    # It is the first one's already, not that of who comes now.
    assert not turns.take()
    await tasks[0]
    assert had == ["a"]
    turns.give_back()
    turns.give_back()
    await asyncio.gather(*tasks)
    assert had == ["a", "b", "c"]
    turns.give_back()
    assert [turns.take(), turns.take()] == [True, False]


async def test_who_is_cancelled_has_none_even_where_it_was_given_in_the_same_instant() -> None:
    turns, had = Turns(1, 60), list[str]()
    assert turns.take()
    gone, late, last = await waiting(turns, "gln", had)
    gone.cancel()
    turns.give_back()
    late.cancel()
    await asyncio.gather(gone, late, return_exceptions=True)
    assert late.cancelled()
    await last
    assert had == ["n"]
    turns.give_back()
    assert turns.take()


async def test_who_waits_too_long_is_told_each_at_its_own_time() -> None:
    turns, had = Turns(1, 0.1), list[str]()
    assert turns.take()
    (first,) = await waiting(turns, "a", had)
    await asyncio.sleep(0.05)
    (second,) = await waiting(turns, "b", had)
    with pytest.raises(TimeoutError):
        await first
    assert not second.done()
    with pytest.raises(TimeoutError):
        await second
    turns.give_back()
    assert turns.take()
    # The next one is watched, too.
    with pytest.raises(TimeoutError):
        await turns.wait()
    assert had == []

"""A few requests at a time begin work: the others wait in the order they came, though not for slow work."""

from __future__ import annotations

import asyncio

import pytest

from gateway.work.line import Line
from tests.waiting import until


async def test_places_are_given_in_order_and_given_up_after_a_while() -> None:
    line, inside, let_go = Line(2, held_seconds=60), list[int](), asyncio.Event()

    async def enter(number: int, line: Line = line) -> None:
        async with line.place():
            inside.append(number)
            await let_go.wait()

    waiting = [asyncio.create_task(enter(number)) for number in range(5)]
    await until(lambda: len(inside) == 2)
    # Who leaves the line or fails in its place takes no place along.
    waiting[2].cancel()
    waiting[0].cancel()
    await until(lambda: len(inside) == 3)
    assert inside == [0, 1, 3]
    let_go.set()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert inside == [0, 1, 3, 4]
    with pytest.raises(ValueError, match="refused"):
        async with line.place():
            raise ValueError("refused")

    let_go.clear()
    slow, inside[:] = Line(1, held_seconds=0.01), []
    waiting = [asyncio.create_task(enter(number, slow)) for number in range(3)]
    await until(lambda: len(inside) == 3)
    let_go.set()
    await asyncio.gather(*waiting)
    # A place that was given up is not given back once more.
    assert slow._places._value == 1

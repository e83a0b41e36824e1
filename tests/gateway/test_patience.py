"""What does not wait is given no timer, and what waits is given its time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.patience import in_time


async def _after(turns: int, said: list[str] | None = None) -> str:
    for _ in range(turns):
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            if said is None:
                raise
            said.append("cancelled")
            await asyncio.sleep(0)
            raise
    return "done"


@pytest.mark.parametrize("turns", [0, 1, 3])
async def test_what_comes_in_time_is_what_comes_of_it(turns: int) -> None:
    assert await in_time(_after(turns), 5) == "done"


async def test_a_timer_is_set_only_for_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[float] = []
    timeout = asyncio.timeout

    def noted(seconds: float) -> asyncio.Timeout:
        timers.append(seconds)
        return timeout(seconds)

    monkeypatch.setattr(asyncio, "timeout", noted)
    await in_time(_after(0), 5)
    assert timers == []
    await in_time(_after(1), 6)
    assert timers == [6]


@pytest.mark.parametrize("said", [None, []])
async def test_what_takes_longer_is_cancelled_and_may_put_its_things_in_order(said: list[str] | None) -> None:
    with pytest.raises(TimeoutError):
        await in_time(_after(1_000_000, said), 0.01)
    assert said in (None, ["cancelled"])


async def test_who_is_cancelled_cancels_it() -> None:
    said: list[str] = []
    waiting = asyncio.create_task(in_time(_after(1_000_000, said), 5))
    await asyncio.sleep(0.005)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert said == ["cancelled"]


@pytest.mark.parametrize("turns", [0, 1])
async def test_what_goes_wrong_is_told(turns: int) -> None:
    async def fails() -> None:
        await _after(turns)
        raise ValueError("of its own")

    with pytest.raises(ValueError, match="of its own"):
        await in_time(fails(), 5)


async def test_one_that_does_not_mind_being_cancelled_has_its_way() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            return "all the same"
        return "in time"

    assert await in_time(stubborn(), 0.01) == "all the same"

"""A time limit that costs nothing where nothing has to be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def in_time(work: Awaitable[T], seconds: float) -> T:
    """What comes of work; it may wait so many seconds, and a timer is set only when it does.

    Raises:
        TimeoutError: when it takes longer; it was cancelled.
    """
    steps = work.__await__()
    try:
        waits_for = steps.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    async with asyncio.timeout(seconds):
        return await _Begun(steps, waits_for)


class _Begun(Generic[T]):
    """Work that was begun, and waits for something that the event loop has not been told of yet."""

    def __init__(self, steps: Generator[Any, Any, T], waits_for: object) -> None:
        self._steps = steps
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, T]:
        steps, waits_for = self._steps, self._waits_for
        while True:
            try:
                yield waits_for
            except BaseException as thrown:
                try:
                    waits_for = steps.throw(thrown)
                except StopIteration as done:
                    result: T = done.value
                    return result
            else:
                return (yield from steps)

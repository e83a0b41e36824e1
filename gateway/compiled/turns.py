"""Turns: so many may do something at once, and others wait in line for a time."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """A semaphore whose waiting has a bound in seconds; one timer watches all who wait, as most wait for an instant."""

    def __init__(self, number: int, seconds: float) -> None:
        self._left = number
        self._seconds = seconds
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def take(self) -> bool:
        """Take a turn, if one is left; `give_back` ends it."""
        if not self._left:
            return False
        self._left -= 1
        return True

    async def wait(self) -> None:
        """Wait for a turn, behind everybody who does so already.

        Raises:
            TimeoutError: when none is given back in time.
        """
        loop = asyncio.get_running_loop()
        turn, due = loop.create_future(), loop.time() + self._seconds
        self._waiting.append((due, turn))
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:
                # It was given in the same instant.
                self.give_back()
            raise

    def give_back(self) -> None:
        """End a turn: whoever waits longest has it now."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._left += 1

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= loop.time()):
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(TimeoutError())
        self._timer = loop.call_at(self._waiting[0][0], self._look) if self._waiting else None

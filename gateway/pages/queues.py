"""Waiting for one's turn, in a queue that does not grow for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import unavailable


class Queue:
    """Lets one after the other do something; at most `most` are in it at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting = 0
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait, and hold everybody else up until it is done.

        Raises:
            DomainError: UNAVAILABLE when too many wait already.
        """
        if self._waiting >= self._most:
            raise unavailable("Too many people sign in at the moment. Try again in a few seconds.")
        self._waiting += 1
        try:
            async with self._lock:
                yield
        finally:
            self._waiting -= 1

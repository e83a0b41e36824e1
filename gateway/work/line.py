"""The line before a use case that begins work: as many requests at once as the process gets on with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

_HELD_SECONDS = 3.0
"""For how long a request keeps its place while its work lasts: slow work holds up nobody's beginning."""


class Line:
    """Lets a few requests in at a time, in the order they came.

    All at once they would wait for connections until their patience is over, and those that got one would store more
    than can be worked on while somebody waits for it.
    """

    def __init__(self, places: int, held_seconds: float = _HELD_SECONDS) -> None:
        """A line with so many places, each given up at the latest after so many seconds."""
        self._places = asyncio.Semaphore(places)
        self._held_seconds = held_seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place, as soon as there is one."""
        await self._places.acquire()
        # Closing it gives the place back, and closing it again does nothing.
        with ExitStack() as held:
            held.callback(self._places.release)
            giving_up = asyncio.get_running_loop().call_later(self._held_seconds, held.close)
            try:
                yield
            finally:
                giving_up.cancel()

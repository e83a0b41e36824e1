"""Connections that are kept for a next request, and how many may be open at once.

httpcore's own pool looks at every connection for every request, which with fifty of them takes longer than the request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import httpcore

IDLE_SECONDS = 3.0
"""How long an idle connection is kept: less than the five seconds after which Node's servers close theirs."""

Connect = Callable[[httpcore.Origin], httpcore.AsyncHTTPConnection]


class Pool:
    """Connections by where they lead; each carries one request at a time."""

    def __init__(self, connect: Connect, most: int, idle: int) -> None:
        """At most so many are open, and so many of them idle; `connect` makes one that connects when it is used."""
        self._connect = connect
        self._places = asyncio.Semaphore(most)
        self._most_idle = idle
        # In the order in which they fell idle, so that those past their time are the first.
        self._idle: dict[httpcore.AsyncHTTPConnection, tuple[httpcore.Origin, float]] = {}

    @asynccontextmanager
    async def connection(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """A connection for one request; kept afterwards when its answer was read to the end."""
        async with self._places:
            connection = await self._kept(origin) or self._connect(origin)
            try:
                yield connection
            finally:
                await asyncio.shield(self._give_back(origin, connection))

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.popitem()[0].aclose()

    async def _kept(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection | None:
        while found := next((each for each, (place, _) in reversed(self._idle.items()) if place == origin), None):
            del self._idle[found]
            if not found.has_expired():
                return found
            await found.aclose()
        return None

    async def _give_back(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection) -> None:
        now = monotonic()
        if connection.is_idle() and not connection.is_closed():
            self._idle[connection] = origin, now
        else:
            await connection.aclose()
        while self._idle and (len(self._idle) > self._most_idle or self._oldest() < now - IDLE_SECONDS):
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            await oldest.aclose()

    def _oldest(self) -> float:
        return next(iter(self._idle.values()))[1]

"""Counting in Redis while it is there, in this process while it is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from gateway.limits.counters import MemoryCounters, Share, SharedCounters, Tally, Unreachable

log = logging.getLogger(__name__)


class FallbackCounters:
    """A circuit breaker around Redis: one failure opens it, and only a probe beside the requests closes it again.

    What Redis answered is remembered, so that a client does not begin its window anew when Redis goes away.
    """

    def __init__(self, shared: SharedCounters, local: MemoryCounters, retry_seconds: float) -> None:
        """Count in Redis, else locally; an absent Redis is looked for every `retry_seconds`."""
        self._shared = shared
        self._local = local
        self._retry_seconds = retry_seconds
        self._away = asyncio.Event()

    async def take(self, subject: str, shares: Sequence[Share]) -> Tally:
        """Count every share at once, or none of them when one does not fit."""
        if not self._away.is_set():
            try:
                tally = await self._shared.take(subject, shares)
            except Unreachable as error:
                self._leave(error)
            else:
                self._local.learn(subject, shares, tally.used)
                return tally
        return await self._local.take(subject, shares)

    async def run(self) -> None:
        """Look for Redis at the start, and whenever it is away, until cancelled."""
        await self._look()
        while True:
            await self._away.wait()
            await asyncio.sleep(self._retry_seconds)
            await self._look()

    async def close(self) -> None:
        """Close every connection."""
        await self._shared.close()

    async def _look(self) -> None:
        try:
            await self._shared.probe()
        except Unreachable as error:
            self._leave(error)
            return
        if self._away.is_set():
            self._away.clear()
            log.warning("Redis is back: limits are counted for all processes again")

    def _leave(self, error: Unreachable) -> None:
        if not self._away.is_set():
            self._away.set()
            log.warning("Redis is away, limits are counted in each process alone: %s", error)

"""What only the database knows of how the process fares: queues, endpoints, events; asked rarely, however many ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.errors import DomainError
from gateway.database import Database
from gateway.logging import logger
from resolvers import operations
from resolvers.operations import EndpointCounts, QueueDepth

log = logger(__name__)

_PATIENCE_SECONDS = 2.0
"""A scrape does not wait longer for a busy database: what the process knows by itself is told all the same."""


@dataclass(frozen=True, slots=True)
class PeriodicState:
    """A periodic task: when it is due next and was finished last, and whether it failed then."""

    name: str
    due_at: datetime
    finished_at: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class Depths:
    """The whole installation at one moment; `newest` holds the newest event of each organization asked for."""

    at: datetime
    queues: Sequence[QueueDepth]
    endpoints: EndpointCounts
    events: int
    newest: dict[str, int]
    periodic: Sequence[PeriodicState]


class DepthGauge:
    """Reads the depths, one statement for each kind, at most once in a few seconds."""

    def __init__(self, database: Database, cached_seconds: float) -> None:
        self._database = database
        self._cached_seconds = cached_seconds
        self._known: Depths | None = None
        self._until = 0.0
        self._reading: asyncio.Task[Depths | None] | None = None

    async def look(self, organization_ids: Iterable[str]) -> Depths | None:
        """The depths; None when the database does not tell them in time."""
        if time.monotonic() < self._until:
            return self._known
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(sorted(set(organization_ids))))
            self._reading.add_done_callback(self._done)
        # Not cancelled when it takes too long: whoever comes next waits for the same answer.
        await asyncio.wait({reading := self._reading}, timeout=_PATIENCE_SECONDS)
        return reading.result() if reading.done() else None

    async def stop(self) -> None:
        """Read nothing any more."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _done(self, reading: asyncio.Task[Depths | None]) -> None:
        self._reading = None
        self._known = None if reading.cancelled() else reading.result()
        self._until = time.monotonic() + self._cached_seconds

    async def _read(self, organization_ids: list[str]) -> Depths | None:
        now = self._database.clock.now()
        try:
            async with self._database.snapshot() as reader:
                queues: Sequence[Any] = await reader.rows(operations.depths(now))
                endpoints = await reader.rows(operations.endpoints(now))
                events = await reader.rows(operations.recorded())
                newest = await reader.rows(operations.newest(organization_ids)) if organization_ids else ()
                periodic = await reader.rows(operations.periodic())
        except DomainError as error:
            log.warning("depths of queues cannot be read", reason=error.message)
            return None
        except Exception:
            log.exception("reading the depths of queues failed")
            return None
        return Depths(
            now,
            operations.depths_of(queues),
            operations.endpoints_of(endpoints),
            int(events[0][0]),
            {str(organization): int(sequence) for organization, sequence in newest},
            [PeriodicState(*row) for row in periodic],
        )

"""What every open stream has: who listens, on what terms, and how it is ended from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from domain.viewer import Viewer
from gateway.connections import Connection, ConnectionKind, Connections
from gateway.guard import Ending, Guard, Lease
from gateway.settings_streams import StreamSettings
from gateway.streams.source import Source


@dataclass(eq=False)
class Listener:
    """Who listens. `changes` is how often access had changed before it was looked who that is."""

    viewer: Viewer
    again: Callable[[], Awaitable[Viewer]]
    address: str | None
    request_id: str
    changes: int


class Stopping(Protocol):
    """A stream that can be ended from outside."""

    def lost(self, ending: Ending) -> None:
        """Its credential does not open it any more as it did."""

    def leave(self) -> None:
        """The process stops; the client is to come back."""


@dataclass(frozen=True)
class Terms:
    """What all streams share: where events come from, who watches over them, within which limits."""

    source: Source
    guard: Guard
    connections: Connections
    limits: StreamSettings
    open: dict[asyncio.Event, Stopping] = field(default_factory=dict)

    @contextmanager
    def holding(self, stream: Stopping, listener: Listener, kind: ConnectionKind) -> Iterator[Connection]:
        """Keep a stream under guard, and in the list of those that are open."""
        lease = Lease(listener.viewer, listener.again, stream.lost, listener.request_id)
        ended = asyncio.Event()
        self.open[ended] = stream
        try:
            with (
                self.guard.holding(lease, listener.changes),
                self.connections.holding(kind, listener.viewer, listener.address) as connection,
            ):
                yield connection
        finally:
            del self.open[ended]
            ended.set()

    async def drain(self) -> None:
        """Tell every stream to end, because the process does; returns when the last one has."""
        for stream in tuple(self.open.values()):
            stream.leave()
        await asyncio.gather(*(ended.wait() for ended in tuple(self.open)))


async def cancelled(*tasks: asyncio.Task[None] | None) -> None:
    """End tasks, and wait until they have."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)

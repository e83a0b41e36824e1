"""The streams that are open in this process, by whom, and how they fare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from domain.connections import ConnectionKind
from domain.ports import Clock
from domain.values import new_id
from domain.viewer import Viewer

__all__ = ["Connection", "ConnectionKind", "Connections"]


@dataclass(eq=False, slots=True)
class Connection:
    """One open stream. `waiting` messages are made but not taken by its client; `operations` run on it.

    `too_slow` says that it is cut off because its client does not keep up; it is counted once, when it has ended.
    """

    kind: ConnectionKind
    viewer: Viewer
    address: str | None
    opened_at: datetime
    id: str = field(default_factory=lambda: new_id("conn"))
    operations: int = 0
    sent: int = 0
    waiting: int = 0
    too_slow: bool = False


class Connections:
    """All open streams of this process, and how many were cut off because they did not keep up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[Connection, None] = {}
        self.cut_off: dict[ConnectionKind, int] = dict.fromkeys(ConnectionKind, 0)
        self.sent: dict[ConnectionKind, int] = dict.fromkeys(ConnectionKind, 0)
        """Messages that connections which have ended had been sent."""

    @contextmanager
    def holding(self, kind: ConnectionKind, viewer: Viewer, address: str | None) -> Iterator[Connection]:
        """Keep a stream in the list for as long as it is open."""
        connection = Connection(kind, viewer, address, self._clock.now())
        self._open[connection] = None
        try:
            yield connection
        finally:
            del self._open[connection]
            self.sent[kind] += connection.sent
            self.cut_off[kind] += connection.too_slow

    def all(self) -> tuple[Connection, ...]:
        """Every open stream, the oldest first."""
        return tuple(self._open)

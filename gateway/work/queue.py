"""What durable work is made of: queues of rows that fall due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at one row: it is known everywhere by its queue's name, the row's id and the attempt's number."""

    organization_id: str
    id: str
    attempt: int


class Queue(Protocol):
    """Rows of one kind that have to be worked on when they fall due.

    `take` marks rows as taken up in a transaction of ours, so that no other process takes them before their lease is
    over; whoever was killed meanwhile loses nothing but that time. `run` may be called again for the same job after a
    crash, and does nothing when the row says that this attempt is over.
    """

    @property
    def name(self) -> str:
        """The name of the queue, part of every job's name."""
        ...

    @property
    def at_once(self) -> int:
        """How many jobs of this queue one process works on at the same time."""
        ...

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now, oldest first.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        ...

    async def next_due(self) -> datetime | None:
        """When something falls due next, as far as is known; None when nothing waits."""
        ...

    async def run(self, job: Job) -> None:
        """Do the work, and note on the row what became of it; a failure is noted, never raised."""
        ...

"""What a subscriber asked to be told of the event log, as data: whoever runs it may share it among many."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from domain.event_log import Event
from schema.context import Boundary


@dataclass(frozen=True, slots=True)
class Following:
    """The source of a subscription: what follows a place in the log, as far as it is meant for this subscriber.

    `newest` is the number of the newest event when the subscriber came; `meant` holds the filter and the rights.
    """

    boundary: Boundary
    organization_id: str
    place: int
    newest: int
    meant: Callable[[Event], bool]

    def __aiter__(self) -> AsyncIterator[Event]:
        """Every event that is meant, for one subscriber alone."""
        return self._alone()

    def pages(self, after: int) -> AsyncGenerator[Sequence[Event], None]:
        """All events after a place, meant or not, as many at once as there are; waits for more without end."""
        return self.boundary.pages(self.organization_id, after)

    async def certain(self) -> None:
        """Wait until it is known who may still hear: nothing may be given out before."""
        await self.boundary.certain()

    async def _alone(self) -> AsyncGenerator[Event, None]:
        async with aclosing(self.pages(self.place)) as pages:
            async for page in pages:
                for event in page:
                    await self.certain()
                    if self.meant(event):
                        yield event

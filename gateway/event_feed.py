"""Following the event log: each organization's events are read once per process and shared by all who listen.

Nobody has a queue: a listener holds its place in the log and takes what follows, from the recent events in memory or,
when it is further behind, from the database. So a slow listener costs nothing and misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from domain.errors import DomainError
from domain.event_log import Event
from resolvers import events
from resolvers.reads import Statement

_PAGE = 200
"""Events read at once."""
_RECENT = 1000
"""Events kept in memory per organization somebody listens to."""
_COLUMNS = [getattr(Event, attribute.key) for attribute in Event.__mapper__.column_attrs]

Rows = Callable[[Statement], Awaitable[Sequence[Any]]]

log = logging.getLogger(__name__)


class Feed:
    """The recent events of one organization, read by one task as they are committed."""

    def __init__(self, organization_id: str, rows: Rows, poll_seconds: float) -> None:
        self.organization_id = organization_id
        self.listeners = 0
        self._rows = rows
        self._poll_seconds = poll_seconds
        self._recent: deque[Event] = deque(maxlen=_RECENT)
        self._position = 0
        self._changed = asyncio.Event()
        self._stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin reading at the end of the log, if nobody did."""
        if self._task is not None:
            return
        newest = (await self._rows(events.last_sequence(self.organization_id)))[0][0]
        # Of several who came at once, the first one has begun meanwhile.
        if self._task is None:
            self._position = newest
            self._task = asyncio.create_task(self._read(), name=f"event feed {self.organization_id}")

    @property
    def position(self) -> int:
        """The number of the newest event it has read."""
        return self._position

    def stir(self) -> None:
        """Something was committed: look."""
        self._stirred.set()

    async def stop(self) -> None:
        """Stop reading."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def after(self, sequence: int) -> Sequence[Event]:
        """What follows a place in the log, oldest first; waits until there is something.

        Raises:
            DomainError: CURSOR_EXPIRED when the log has forgotten what follows the place.
        """
        while True:
            changed = self._changed
            if sequence >= self._position:
                await changed.wait()
                continue
            if self._recent and self._recent[0].sequence <= sequence + 1:
                # Numbers have no gaps; most who ask want the end, which a deque reaches in no time.
                behind = self._position - sequence
                return [self._recent[-place] for place in range(behind, max(0, behind - _PAGE), -1)]
            page = await self._page(sequence)
            if not page or page[0].sequence != sequence + 1:
                await self._refuse_forgotten(sequence)
            return page

    async def _refuse_forgotten(self, sequence: int) -> None:
        forgotten, newest = (await self._rows(events.kept(self.organization_id)))[0]
        if sequence < forgotten:
            raise events.log_cut(forgotten, newest)

    async def _read(self) -> None:
        while True:
            try:
                fresh = await self._page(self._position)
            except DomainError as error:
                log.warning("event feed cannot read: %s", error.message)
                fresh = []
            except Exception:
                # Whatever it was, listeners must not wait for ever for a reader that is gone.
                log.exception("event feed failed to read")
                fresh = []
            if fresh:
                self._recent.extend(fresh)
                self._position = fresh[-1].sequence
                # Everyone who waits holds this event; who comes later waits on the next.
                self._changed.set()
                self._changed = asyncio.Event()
            if len(fresh) < _PAGE:
                await self._sleep()

    async def _sleep(self) -> None:
        # Not wait_for: before Python 3.12 it drops a cancellation that meets the very wake-up.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_seconds):
                await self._stirred.wait()
        self._stirred.clear()

    async def _page(self, sequence: int) -> list[Event]:
        statement = events.after(self.organization_id, sequence, _PAGE).with_only_columns(*_COLUMNS)
        return [Event(**row._mapping) for row in await self._rows(statement)]


class Feeds:
    """The feeds of all organizations somebody listens to."""

    def __init__(self, rows: Rows, poll_seconds: float) -> None:
        self._rows = rows
        self._poll_seconds = poll_seconds
        self._feeds: dict[str, Feed] = {}
        self.certain: Callable[[], Awaitable[None]] = _at_once
        """Waited for before an event is given out: until it is known who may still hear. The process says how."""

    def wake(self, organization_id: str | None = None) -> None:
        """Look for new events of one organization, or of all when it is not known which."""
        found = self._feeds.get(organization_id) if organization_id else None
        for feed in [found] if found else self._feeds.values() if organization_id is None else ():
            feed.stir()

    def positions(self) -> dict[str, int]:
        """The number of the newest event read, by the organizations somebody listens to."""
        return {organization_id: feed.position for organization_id, feed in self._feeds.items()}

    async def pages(self, organization_id: str, after: int) -> AsyncGenerator[Sequence[Event], None]:
        """What follows a place in the log, without gap or repetition, as many events at once as there are.

        Nobody has waited yet until it is known who may hear them.
        """
        feed = self._feeds.setdefault(organization_id, Feed(organization_id, self._rows, self._poll_seconds))
        feed.listeners += 1
        try:
            await feed.start()
            while True:
                page = await feed.after(after)
                if page:
                    after = page[-1].sequence
                    yield page
        finally:
            feed.listeners -= 1
            if feed.listeners == 0 and self._feeds.get(organization_id) is feed:
                del self._feeds[organization_id]
                await feed.stop()


async def _at_once() -> None:
    """Wait for nothing: where no process runs around the database, nobody's access changes."""

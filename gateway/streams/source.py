"""What a stream tells: the events of the log that its viewer may hear, from a place on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Set
from contextlib import aclosing

from domain.errors import forbidden, invalid
from domain.event_log import Event
from domain.events import EventType
from domain.viewer import Viewer
from domain.visibility import may_hear
from gateway.database import Database
from resolvers import cursors, events
from rest_compat.clickup_brain.streams import PERMISSIONS


class Source:
    """The log, as far as streams tell of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def place(self, viewer: Viewer, cursor: str | None, field: str) -> int:
        """The number of the event after which a stream begins: that of a cursor, without one the newest.

        Raises:
            DomainError: INVALID for what is no cursor of this log; CURSOR_EXPIRED when it goes back to it no more.
        """
        wanted = None if cursor is None else cursors.sequence_of(cursor, field)
        forgotten, newest = (await self._database.rows(events.kept(viewer.organization_id)))[0]
        if wanted is None:
            return int(newest)
        if wanted < forgotten:
            raise events.log_cut(forgotten, newest)
        if wanted > newest:
            raise invalid(field, f"{field} is beyond the newest event: expected a cursor of an earlier message.")
        return wanted

    async def told(self, viewer: Viewer, place: int, types: Set[EventType]) -> AsyncGenerator[Event, None]:
        """The events of these types that follow a place, as they happen; `types` may grow meanwhile.

        Raises:
            DomainError: CURSOR_EXPIRED when what comes next was forgotten before this reader came to it.
        """
        feeds = self._database.feeds
        async with aclosing(feeds.pages(viewer.organization_id, place)) as pages:
            async for page in pages:
                for event in page:
                    if event.type in types and may_hear(viewer, event):
                        await feeds.certain()
                        yield event


def check_listener(viewer: Viewer) -> None:
    """Refuse who may hear nothing of what streams tell.

    Raises:
        DomainError: FORBIDDEN.
    """
    if not PERMISSIONS & viewer.permissions:
        raise forbidden(" or ".join(sorted(PERMISSIONS)))

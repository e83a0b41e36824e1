"""Notes openings and followed links beside the answers, one after another, so that no flood of them reaches the
database.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from resolvers import tracking
from resolvers.unit import Keys, Unit

log = logger(__name__)

_WAITING = 1_000
"""Messages and links that may wait to be noted; what comes beyond is dropped, and the next one tells the same."""
_REMEMBERED = 10_000
"""Openings that are known to be noted, which no repetition brings to the database again."""
_PAUSE_SECONDS = 1.0

Seen = tuple[str, str | None]
"""A message, and the link that was followed; None for its picture."""


class Recorder:
    """What was seen and is not noted yet, each with how often."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: OrderedDict[Seen, int] = OrderedDict()
        self._noted: OrderedDict[str, None] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    def saw(self, email_id: str, url: str | None = None) -> None:
        """The picture of a message was loaded, or one of its links followed."""
        seen = (email_id, url)
        if url is None and email_id in self._noted:
            return
        if seen not in self._waiting and len(self._waiting) >= _WAITING:
            log.warning("an opening or a click was not noted: too many wait", id=email_id)
            return
        self._waiting[seen] = self._waiting.get(seen, 0) + 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note_all())

    async def settled(self) -> None:
        """Wait until nothing waits any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def stop(self) -> None:
        """Note what waits, if it can be done soon."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_PAUSE_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _note_all(self) -> None:
        while self._waiting:
            (email_id, url), times = self._waiting.popitem(last=False)
            try:
                await self._note(email_id, url, times)
            except DomainError as error:
                log.warning("an opening or a click waits to be noted", id=email_id, reason=error.message)
                self._waiting[email_id, url] = self._waiting.get((email_id, url), 0) + times
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:
                log.exception("an opening or a click could not be noted", id=email_id)

    async def _note(self, email_id: str, url: str | None, times: int) -> None:
        rows = await self._database.rows(tracking.owner(email_id))
        if rows:

            async def work(unit: Unit) -> Keys:
                if url is None:
                    return await tracking.opened(unit, email_id)
                return await tracking.followed(unit, email_id, url, times)

            # Whoever read the message has no account here.
            await self._database.transact(Viewer.nobody(rows[0][0], "Reader"), work)
        if url is None:
            self._noted[email_id] = None
            if len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)

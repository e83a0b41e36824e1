"""Notes openings and followed links beside the answers, one after another, so that no flood of them reaches the
database.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date

from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from resolvers import tracking
from resolvers.reads import Statement
from resolvers.tracking import UNKNOWN, Reading
from resolvers.unit import Keys, Unit

log = logger(__name__)

_WAITING = 1_000
"""Messages and links that may wait to be noted; what comes beyond is dropped, and the next one tells the same."""
_REMEMBERED = 10_000
"""Openings that are known to be noted, which no repetition brings to the database again."""
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class MessageOpened:
    """The picture of a message was loaded."""

    id: str

    def owner(self) -> Statement:
        """Whose message it is."""
        return tracking.owner(self.id)

    async def note(self, unit: Unit, times: int, by: Reading) -> Keys:
        """Note it."""
        return await tracking.opened(unit, self.id, by)


@dataclass(frozen=True, slots=True)
class LinkFollowed:
    """A link of a message was followed."""

    id: str
    url: str

    def owner(self) -> Statement:
        """Whose message it is."""
        return tracking.owner(self.id)

    async def note(self, unit: Unit, times: int, by: Reading) -> Keys:
        """Note it."""
        return await tracking.followed(unit, self.id, self.url, times, by)


@dataclass(frozen=True, slots=True)
class CampaignOpened:
    """A campaign's picture was loaded that says of no message; the same reader is noted once a day (CC-09)."""

    id: str
    day: date
    reader: Reading

    def owner(self) -> Statement:
        """Whose campaign it is."""
        return tracking.owner_of_campaign(self.id)

    async def note(self, unit: Unit, times: int, by: Reading) -> Keys:
        """Note it."""
        return await tracking.seen_by_somebody(unit, self.id, self.day, self.reader)


Seen = MessageOpened | LinkFollowed | CampaignOpened


class Recorder:
    """What was seen and is not noted yet, each with how often, and who saw it first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: OrderedDict[Seen, tuple[int, Reading]] = OrderedDict()
        self._noted: OrderedDict[Seen, None] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    def saw(self, email_id: str, url: str | None = None, by: Reading = UNKNOWN) -> None:
        """The picture of a message was loaded, or one of its links followed."""
        self._keep(MessageOpened(email_id) if url is None else LinkFollowed(email_id, url), by)

    def saw_campaign(self, campaign_id: str, by: Reading) -> None:
        """The picture of a campaign was loaded by somebody; whether there is one is found out later."""
        self._keep(CampaignOpened(campaign_id, self._database.clock.now().date(), by), by)

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

    def _keep(self, seen: Seen, by: Reading) -> None:
        if seen in self._noted:
            return
        if seen not in self._waiting and len(self._waiting) >= _WAITING:
            log.warning("an opening or a click was not noted: too many wait", id=seen.id)
            return
        known, first = self._waiting.get(seen, (0, by))
        self._waiting[seen] = (known + 1, first)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note_all())

    async def _note_all(self) -> None:
        while self._waiting:
            seen, (times, by) = self._waiting.popitem(last=False)
            try:
                await self._note(seen, times, by)
            except DomainError as error:
                log.warning("an opening or a click waits to be noted", id=seen.id, reason=error.message)
                again, _ = self._waiting.get(seen, (0, by))
                self._waiting[seen] = (again + times, by)
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:
                log.exception("an opening or a click could not be noted", id=seen.id)

    async def _note(self, seen: Seen, times: int, by: Reading) -> None:
        rows = await self._database.rows(seen.owner())
        if rows:

            async def work(unit: Unit) -> Keys:
                return await seen.note(unit, times, by)

            # Whoever read the message has no account here.
            await self._database.transact(Viewer.nobody(rows[0][0], "Reader"), work)
        if not isinstance(seen, LinkFollowed):
            self._noted[seen] = None
            if len(self._noted) > _REMEMBERED:
                self._noted.popitem(last=False)

"""From the log to deliveries: each active endpoint is considered for every event, once and in order."""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import DomainError
from domain.event_log import Event
from domain.viewer import Dialect, Viewer
from domain.visibility import may_hear, sight_of
from domain.webhooks import DeliveryStatus, WebhookDelivery
from gateway.database import Database
from gateway.logging import logger
from gateway.settings_webhooks import WebhookSettings
from gateway.webhooks.bodies import Bodies, Unwritable
from gateway.webhooks.standing import ending, give_up
from resolvers import events, webhook_deliveries
from resolvers.webhook_deliveries import Listener, Row
from resolvers.webhook_viewers import Standing, standings

log = logger(__name__)

_NEWS_SECONDS = 1.0
"""How soon, at most, an endpoint that is new to this process is noticed while its organization is busy."""
_PAUSE_SECONDS = 1.0

_Key = tuple[Dialect | None, str | None, tuple[object, ...] | None, int]
_Written = str | Unwritable | None


class Dispatcher:
    """Follows the log of every organization that has an active endpoint, and stores what each is to be told.

    Who listens is remembered, so that a commit in an organization where nobody does costs a look into a set.
    """

    def __init__(self, database: Database, bodies: Bodies, settings: WebhookSettings) -> None:
        """The dispatcher of a process."""
        self.made: Callable[[], None] | None = None
        """Told when there are new deliveries."""
        self._database = database
        self._bodies = bodies
        self._page = settings.page
        self._gather_seconds = settings.gather_seconds
        self._poll_seconds = settings.poll_seconds
        self._listening: frozenset[str] = frozenset()
        self._looked = -math.inf
        self._pending: dict[str, None] = {}
        self._unknown = False
        self._stirred = asyncio.Event()

    def stir(self, organization_id: str | None = None) -> None:
        """Something was committed in an organization, or in any: look soon."""
        if organization_id in self._listening:
            self._pending[organization_id] = None
            self._stirred.set()
        elif not self._unknown:
            # Somebody may have begun to listen there: the next look at who does will tell.
            self._unknown = True
            self._stirred.set()
        if organization_id is None:
            self._looked = -math.inf

    async def run(self) -> None:
        """Dispatch until cancelled."""
        while True:
            try:
                await self.look()
                while self._pending:
                    await self._next()
            except DomainError as error:
                log.warning("events are not dispatched", reason=error.message)
                await asyncio.sleep(_PAUSE_SECONDS)
            except Exception:
                log.exception("dispatching events failed")
                await asyncio.sleep(_PAUSE_SECONDS)
            await self._wait()

    async def _next(self) -> None:
        """One page of the organization that has waited longest; what is left of it waits behind the others."""
        organization_id = next(iter(self._pending))
        del self._pending[organization_id]
        more = True
        try:
            more = await self.dispatch(organization_id)
        finally:
            if more:
                self._pending[organization_id] = None

    async def look(self) -> None:
        """Learn who listens, if that is not known or was learnt long ago; then everybody's log is looked at.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        if time.monotonic() - self._looked < (_NEWS_SECONDS if self._unknown else self._poll_seconds):
            return
        self._unknown = False
        rows = await self._database.rows(webhook_deliveries.listening_organizations())
        self._listening = frozenset(row[0] for row in rows)
        self._looked = time.monotonic()
        self._pending |= dict.fromkeys(self._listening)

    async def dispatch(self, organization_id: str) -> bool:
        """Make deliveries of one page of the log for each place where endpoints stand; whether there is more.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        rows = await self._database.rows(webhook_deliveries.listeners(organization_id))
        listeners = [Listener(*row) for row in rows]
        viewers = await self._viewers(listeners)
        by_place: defaultdict[int, list[Listener]] = defaultdict(list)
        for each in listeners:
            if each.id in viewers:
                by_place[each.start].append(each)
        more = [await self._advance(organization_id, start, told, viewers) for start, told in by_place.items()]
        return any(more)

    async def _viewers(self, listeners: Sequence[Listener]) -> dict[str, Viewer]:
        """As whom each is told; those for whom nobody answers any more are given up."""
        if not listeners:
            return {}
        now = self._database.clock.now()
        rows = await self._database.rows(standings([each.id for each in listeners]))
        found = {each.endpoint_id: each for each in (Standing(*row) for row in rows)}
        for each in found.values():
            if not each.works(now):
                await give_up(self._database, each.organization_id, each.endpoint_id, ending(each, now))
        return {each.endpoint_id: each.viewer for each in found.values() if each.works(now)}

    async def _advance(
        self, organization_id: str, start: int, told: Sequence[Listener], viewers: dict[str, Viewer]
    ) -> bool:
        found = await self._database.rows(events.after(organization_id, start, self._page))
        page = [Event(**row._mapping) for row in found]
        behind = any(each.start > each.position for each in told)
        if not page and not behind:
            return False
        rows = await self._rows(told, page, viewers)
        position = page[-1].sequence if page else start

        async def store(session: AsyncSession) -> int:
            return await webhook_deliveries.append(session, told, rows, position)

        if await self._database.store(store) and self.made:
            self.made()
        if behind:
            log.warning("webhooks were too far behind the log", organization=organization_id, resumed_after=start)
        return len(page) >= self._page

    async def _rows(
        self, told: Sequence[Listener], page: Sequence[Event], viewers: dict[str, Viewer]
    ) -> dict[str, list[Row]]:
        """The deliveries each endpoint gets; what several are told in the same words is written once."""
        written: dict[_Key, _Written] = {}
        rows: defaultdict[str, list[Row]] = defaultdict(list)
        for event in page:
            for each in told:
                name = self._bodies.name(each.dialect, event.type)
                viewer = viewers[each.id]
                if name is None or event.type.value not in each.events or not may_hear(viewer, event):
                    continue
                key = (each.dialect, each.query, sight_of(viewer) if each.query else None, event.sequence)
                if key not in written:
                    written[key] = await self._written(each, event, viewer)
                body = written[key]
                if body is not None:
                    rows[each.id].append(self._row(each, event, name, body))
        return rows

    async def _written(self, listener: Listener, event: Event, viewer: Viewer) -> _Written:
        try:
            return await self._bodies.write(listener.dialect, listener.query, event, viewer)
        except Unwritable as error:
            return error

    def _row(self, listener: Listener, event: Event, name: str, body: str | Unwritable) -> Row:
        now = self._database.clock.now()
        failed = isinstance(body, Unwritable)
        row: dict[str, Any] = {
            "id": WebhookDelivery.new_id(),
            "organization_id": listener.organization_id,
            "created_at": now,
            "endpoint_id": listener.id,
            "sequence": event.sequence,
            "type": event.type,
            "name": name,
            "body": "" if failed else body,
            "status": DeliveryStatus.FAILED if failed else DeliveryStatus.PENDING,
            "due_at": None if failed else now,
            "failure": str(body) if failed else None,
        }
        return row

    async def _wait(self) -> None:
        # Not wait_for: before Python 3.12 it drops a cancellation that meets the very wake-up.
        pause = _NEWS_SECONDS if self._unknown else self._poll_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stirred.wait()
        self._stirred.clear()
        if self._pending:
            # Commits come in bursts: one page for all of them costs less than a page for each.
            await asyncio.sleep(self._gather_seconds)

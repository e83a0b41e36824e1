"""Opening streams: who is let in, where they begin."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import Kind
from gateway.calls import current_call
from gateway.connections import Connections
from gateway.database import Database
from gateway.graphql.frames import line
from gateway.guard import Guard
from gateway.settings_streams import StreamSettings
from gateway.streams import frames
from gateway.streams.listeners import Listener, Terms
from gateway.streams.socket import Socket
from gateway.streams.source import Source, check_listener
from gateway.streams.sse import EventStream
from rest_compat.clickup_brain.streams import EVENTS, SOCKET
from rest_compat.engine.faults import Fault
from rest_compat.engine.responses import Response
from rest_compat.engine.served import Handler, Visit


class Streams:
    """Both streams of ClickUp Brain, and all that are open."""

    def __init__(self, database: Database, guard: Guard, connections: Connections, limits: StreamSettings) -> None:
        """Streams over the event log of a database."""
        self._terms = Terms(Source(database), guard, connections, limits)
        self._plain = frames.sockets()
        self._resumable = frames.resumable_sockets()
        self._events = frames.events()
        self._draining = False

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Who answers which call."""
        return {SOCKET.id: self.socket, EVENTS.id: self.events}

    async def socket(self, visit: Visit) -> Response:
        """The websocket: it is told nothing before it subscribes."""
        listener = await self._listener(visit)
        return Socket(
            self._terms,
            listener,
            self._plain,
            self._resumable,
            visit.receive,
            line({"extensions": visit.call.extensions}),
        )

    async def events(self, visit: Visit) -> Response:
        """Server-sent events of all channels, from now on or after the last that arrived."""
        listener = await self._listener(visit)
        cursor = visit.call.headers.get("last-event-id") or next(iter(visit.call.query().get("lastEventId", ())), None)
        place = await self._terms.source.place(listener.viewer, cursor or None, "Last-Event-ID")
        if visit.call.method != "HEAD":
            _stays_open()
        return EventStream(self._terms, listener, self._events, place, visit.receive)

    async def drain(self) -> None:
        """End all streams, so that the process can stop; clients come back to another."""
        self._draining = True
        await self._terms.drain()

    async def _listener(self, visit: Visit) -> Listener:
        if self._draining:
            raise Fault(Kind.UNAVAILABLE, "The server is stopping.", retry_after=1)
        # Looked at anew, so that no change of access since then goes unnoticed.
        changes = self._terms.guard.changes
        viewer = await visit.again()
        check_listener(viewer)
        call = visit.call
        return Listener(viewer, visit.again, call.address, call.request_id, changes)


def _stays_open() -> None:
    """The call is recorded when its stream is open, not when that ends."""
    call = current_call()
    if call is not None:
        call.stays_open = True

"""All channels as server-sent events."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

from domain.errors import DomainError
from gateway.connections import Connection, ConnectionKind
from gateway.guard import Ending
from gateway.streams.frames import Frames
from gateway.streams.listeners import Listener, Terms, cancelled
from rest_compat.clickup_brain.telling import NAMES
from rest_compat.engine.bodies import Receive
from rest_compat.engine.responses import Encoded, Response, Send

log = logging.getLogger(__name__)

_KEEP_ALIVE = b":\n\n"
_HEADERS = (
    ("Content-Type", "text/event-stream"),
    ("Cache-Control", "no-cache"),
    # Proxies that gather answers before they pass them on must not wait for the end of this one.
    ("X-Accel-Buffering", "no"),
)


class EventStream(Response):
    """An answer that goes on until either side ends it; then browsers come back after the last id they have seen."""

    def __init__(self, terms: Terms, listener: Listener, frames: Frames[bytes], place: int, receive: Receive) -> None:
        """What follows a place in the log, for a listener."""
        super().__init__(200, list(_HEADERS), b"")
        self._terms = terms
        self._listener = listener
        self._frames = frames
        self._place = place
        self._receive = receive
        self._stopped = asyncio.Event()
        self._sending = asyncio.Lock()

    async def send(self, send: Send, with_body: bool, last: Encoded = ()) -> None:
        """Send what happens until either side ends it."""
        await send({"type": "http.response.start", "status": 200, "headers": [*self.head, *last]})
        if with_body:
            with self._terms.holding(self, self._listener, ConnectionKind.CLICKUP_BRAIN_SSE) as connection:
                if not await self._ended_well(connection, send):
                    # Left unfinished: the client sees that something is missing.
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def lost(self, ending: Ending) -> None:
        """The document knows no error on a stream: it ends, and who comes back is told why."""
        self._stopped.set()

    def leave(self) -> None:
        """End where it is; the client resumes elsewhere."""
        self._stopped.set()

    async def _ended_well(self, connection: Connection, send: Send) -> bool:
        """Whether the answer is to be finished, because it was ended here while the client still took it."""
        telling = asyncio.create_task(self._tell(connection, send))
        stopping = asyncio.create_task(self._until_stopped())
        others = [asyncio.create_task(_left(self._receive)), asyncio.create_task(self._keep_alive(connection, send))]
        try:
            await asyncio.wait({telling, stopping, *others}, return_when=asyncio.FIRST_COMPLETED)
            return (stopping.done() and not self._sending.locked()) or (telling.done() and not telling.exception())
        finally:
            await cancelled(telling, stopping, *others)

    async def _until_stopped(self) -> None:
        await self._stopped.wait()

    async def _tell(self, connection: Connection, send: Send) -> None:
        source = self._terms.source
        try:
            async with aclosing(source.told(self._listener.viewer, self._place, NAMES.keys())) as events:
                async for event in events:
                    await self._write(self._frames.of(event), connection, send)
                    connection.sent += 1
                    # Neither a ready source nor a ready connection waits, and the others have to have their turn.
                    await asyncio.sleep(0)
        except DomainError as error:
            # Who comes back is told what is wrong.
            log.info("event stream ended: %s", error.message, extra={"request_id": self._listener.request_id})
        except (TimeoutError, OSError):
            raise
        except Exception:
            log.exception("event stream failed", extra={"request_id": self._listener.request_id})
            raise

    async def _keep_alive(self, connection: Connection, send: Send) -> None:
        while True:
            # The first comment at once: it makes proxies pass the headers on.
            await self._write(_KEEP_ALIVE, connection, send)
            await asyncio.sleep(self._terms.limits.keep_alive_seconds)

    async def _write(self, chunk: bytes, connection: Connection, send: Send) -> None:
        """Send, or give up a client that does not read.

        Raises:
            TimeoutError: it does not keep up.
        """
        connection.waiting += 1
        try:
            async with asyncio.timeout(self._terms.limits.send_timeout_seconds), self._sending:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            connection.too_slow = True
            raise
        finally:
            connection.waiting -= 1


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

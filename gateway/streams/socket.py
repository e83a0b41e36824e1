"""One websocket: it subscribes to channels, and is told what happens on them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from enum import IntEnum

from domain.errors import Code, DomainError, Kind
from domain.events import EventType
from gateway import json
from gateway.connections import Connection, ConnectionKind
from gateway.graphql.frames import Line
from gateway.guard import GOODBYE_SECONDS, Ending, Reason
from gateway.streams.frames import Frames, SocketMessage
from gateway.streams.listeners import Listener, Terms, cancelled
from rest_compat.clickup_brain.streams import Subscribing, subscribing
from rest_compat.engine.bodies import Receive
from rest_compat.engine.responses import Encoded, Response, Send

log = logging.getLogger(__name__)

# A close frame holds 125 bytes, two of them for the code.
_LONGEST_REASON = 123


class Close(IntEnum):
    """The codes a socket is closed with."""

    GOING_AWAY = 1001
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    RECONNECT = 1012
    TRY_AGAIN_LATER = 1013
    INVALID_CURSOR = 4400
    UNAUTHORIZED = 4401
    CURSOR_EXPIRED = 4410


_CLOSE_FOR = {
    Reason.REFUSED: Close.UNAUTHORIZED,
    Reason.CHANGED: Close.RECONNECT,
    Reason.UNSURE: Close.TRY_AGAIN_LATER,
}


class Socket(Response):
    """The answer to a handshake; it goes on until either side closes.

    The document knows no acknowledgement and no error (CB-39): what it does not print is ignored, and only what makes
    going on impossible closes the socket, with a reason.
    """

    def __init__(
        self,
        terms: Terms,
        listener: Listener,
        plain: Frames[SocketMessage],
        resumable: Frames[SocketMessage],
        receive: Receive,
        line: Line | None,
    ) -> None:
        """A socket that is told messages of one of two forms, as it subscribes."""
        super().__init__(101, [], b"")
        self._terms = terms
        self._listener = listener
        self._plain = plain
        self._resumable = resumable
        self._receive = receive
        self._line = line
        self._types: set[EventType] = set()
        self._telling: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._close: tuple[Close, str] | None = None
        self._goodbye_seconds = terms.limits.send_timeout_seconds

    async def send(self, send: Send, with_body: bool, last: Encoded = ()) -> None:
        """Accept the socket, and serve it to its end."""
        await send({"type": "websocket.accept", "headers": [*self.head, *last]})
        with self._terms.holding(self, self._listener, ConnectionKind.CLICKUP_BRAIN_WEBSOCKET) as connection:
            reading = asyncio.create_task(self._read(connection, send))
            closing = asyncio.create_task(self._until_closing())
            try:
                await asyncio.wait({reading, closing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                # What is told ends first: nothing may follow the reason why the socket is closed.
                await cancelled(reading, closing, self._telling)
            await self._say_goodbye(send)

    def lost(self, ending: Ending) -> None:
        """Its credential does not open it any more as it did; a client that does not read is not told."""
        self._goodbye_seconds = min(self._goodbye_seconds, GOODBYE_SECONDS)
        self._end(_CLOSE_FOR[ending.reason], ending.message)

    def leave(self) -> None:
        """The process stops; the client is to come back."""
        self._end(Close.GOING_AWAY, "The server is stopping; reconnect")

    def _end(self, code: Close, reason: str) -> None:
        self._close = self._close or (code, reason)
        self._closing.set()

    async def _until_closing(self) -> None:
        await self._closing.wait()

    async def _read(self, connection: Connection, send: Send) -> None:
        """Take what the client says until it leaves."""
        most = self._terms.limits.message_bytes
        try:
            while (message := await self._receive())["type"] != "websocket.disconnect":
                text = message.get("text")
                if not isinstance(text, str):
                    continue
                encoded = text.encode("utf-8", "replace")
                if len(encoded) > most:
                    self._end(Close.MESSAGE_TOO_BIG, f"The message is larger than {most} bytes")
                    return
                asked = None
                with suppress(ValueError):
                    asked = subscribing(json.loads(encoded))
                if asked and not self._closing.is_set():
                    await self._subscribe(asked, connection, send)
        except Exception:
            self._broken()

    async def _subscribe(self, asked: Subscribing, connection: Connection, send: Send) -> None:
        """Add channels; the first subscription says where the socket begins, and in which form it is told."""
        if self._telling is None:
            try:
                place = await self._terms.source.place(self._listener.viewer, asked.after, "after")
            except DomainError as error:
                self._refuse(error)
                return
            frames = self._resumable if asked.resumes else self._plain
            self._telling = asyncio.create_task(self._tell(frames, place, connection, send))
        self._types |= asked.types
        connection.operations = len(self._types)

    def _refuse(self, error: DomainError) -> None:
        if error.code is Code.CURSOR_EXPIRED:
            resume = error.data.get("resume_after")
            self._end(Close.CURSOR_EXPIRED, f"This cursor is too old: read anew, then resume after {resume}")
        elif error.kind is Kind.INVALID:
            self._end(Close.INVALID_CURSOR, error.message)
        else:
            self._end(Close.TRY_AGAIN_LATER, error.message)

    async def _tell(self, frames: Frames[SocketMessage], place: int, connection: Connection, send: Send) -> None:
        try:
            async with aclosing(self._terms.source.told(self._listener.viewer, place, self._types)) as events:
                async for event in events:
                    await self._write(frames.of(event), connection, send)
                    connection.sent += 1
                    # Neither a ready source nor a ready socket waits, and the others have to have their turn.
                    await asyncio.sleep(0)
        except DomainError as error:
            self._refuse(error)
        except TimeoutError:
            connection.too_slow = True
            self._goodbye_seconds = min(self._goodbye_seconds, GOODBYE_SECONDS)
            self._end(Close.TRY_AGAIN_LATER, "The messages are not read fast enough")
        except OSError:
            # The server's word for a client that has left, of which the reader hears as well.
            return
        except Exception:
            self._broken()

    def _broken(self) -> None:
        log.exception("a stream failed", extra={"request_id": self._listener.request_id})
        self._end(Close.INTERNAL_ERROR, "Internal error")

    async def _write(self, message: SocketMessage, connection: Connection, send: Send) -> None:
        if self._line is not None and self._line.write(message.frame):
            return
        connection.waiting = 1
        async with asyncio.timeout(self._terms.limits.send_timeout_seconds):
            await send({"type": "websocket.send", "text": message.text})
        connection.waiting = 0

    async def _say_goodbye(self, send: Send) -> None:
        if self._close is None:
            return
        code, reason = self._close
        shown = reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(self._goodbye_seconds):
                await send({"type": "websocket.close", "code": int(code), "reason": shown})
        except TimeoutError:
            # Nobody waits for a client to take what it has not taken so far.
            if self._line is not None:
                self._line.abort()
        except (RuntimeError, OSError):
            return

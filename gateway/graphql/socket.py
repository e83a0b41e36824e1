"""One websocket that speaks graphql-transport-ws: its handshake, its operations, its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, suppress
from copy import copy
from enum import IntEnum
from typing import Any

from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from domain import audit
from domain.errors import DomainError, Kind, unauthenticated
from domain.viewer import Viewer
from gateway.calls import BROKEN, UNANSWERED, CallRecord, Note, serving
from gateway.connections import Connection, ConnectionKind
from gateway.graphql import messages
from gateway.graphql.answers import Answer, refusal
from gateway.graphql.callers import Caller
from gateway.graphql.door import Door
from gateway.graphql.errors import Code, Refused, internal
from gateway.graphql.frames import Frames, line, text_frame
from gateway.graphql.identity import CREDENTIAL_HEADERS, address, credentials, new_request_id
from gateway.graphql.messages import Message, Type
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.streams import TOO_SLOW, EventMessage, Subscription
from gateway.guard import GOODBYE_SECONDS, Ending, Lease, Reason

# A close frame holds 125 bytes, two of them for the code.
_LONGEST_REASON = 123
_PING = text_frame(messages.ping().encode())
_FAREWELL_SECONDS = 1.0
"""How long a client that does not keep up has to take the reason."""


class Close(IntEnum):
    """The codes a socket is closed with."""

    NORMAL = 1000
    GOING_AWAY = 1001
    MESSAGE_TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    RECONNECT = 1012
    TRY_AGAIN_LATER = 1013
    INVALID_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    UNKNOWN_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE_ID = 4409
    TOO_MANY_INITS = 4429


_CLOSE_FOR = {
    Reason.REFUSED: Close.UNAUTHORIZED,
    # The credential still works: clients come back by themselves after this code, and give up after 4401.
    Reason.CHANGED: Close.RECONNECT,
    Reason.UNSURE: Close.TRY_AGAIN_LATER,
}


class _Closing(Exception):
    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """The state of one connection. `run` returns when it is over and everything it had started has ended."""

    def __init__(self, websocket: WebSocket, door: Door, note: Note, marked: str) -> None:
        self._websocket = websocket
        self._line = line(websocket.scope)
        self._door = door
        self._limits = door.limits
        self._note = note
        self._marked = marked
        self._address = address(websocket.scope)
        self._credentials: dict[str, str] = {}
        self._lease: Lease | None = None
        self._connection: Connection | None = None
        self._held = ExitStack()
        self._goodbye_seconds = door.limits.send_timeout_seconds
        self._asked = False
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._ending: _Closing | None = None

    async def run(self) -> None:
        """Serve the accepted socket until either side ends it."""
        self._reader = asyncio.create_task(self._read())
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._limits.connection_init_timeout_seconds, self._init_late)
        try:
            await asyncio.wait({self._reader})
            # What runs ends first: nothing may follow the reason why the socket is closed.
            for task in self._tasks:
                task.cancel()
            await self._close()
        finally:
            self._timer.cancel()
            self._held.close()
            await _cancelled([self._reader, *self._tasks])

    def stop(self, code: Close, reason: str) -> None:
        """Close the socket from outside, with this code unless it is closing already."""
        self._end(code, reason)
        if self._reader is not None:
            self._reader.cancel()

    def _lost(self, ending: Ending) -> None:
        """The credential does not open this socket any more as it did; a client that does not read is not told."""
        self._goodbye_seconds = min(self._goodbye_seconds, GOODBYE_SECONDS)
        self.stop(_CLOSE_FOR[ending.reason], ending.message)

    def _end(self, code: Close, reason: str) -> None:
        if self._ending is None:
            self._ending = _Closing(code, reason)

    async def _read(self) -> None:
        try:
            while True:
                frame = await self._websocket.receive()
                if frame["type"] == "websocket.disconnect":
                    return
                await self._handle(messages.read(self._text(frame)))
        except messages.Invalid as error:
            self._end(Close.INVALID_MESSAGE, str(error))
        except _Closing as closing:
            self._end(closing.code, closing.reason)
        except WebSocketDisconnect:
            return
        except Exception as error:
            internal(error, self._marked)
            self._end(Close.INTERNAL_ERROR, "Internal error")

    def _text(self, frame: Mapping[str, Any]) -> str:
        text = frame.get("text")
        if not isinstance(text, str):
            raise messages.Invalid("Invalid message: expected a text frame, not a binary one")
        maximum = self._limits.message_bytes
        # A character takes at least one byte, so only texts near the limit need to be encoded to be measured.
        if len(text) > maximum or (len(text) * 4 > maximum and len(text.encode("utf-8", "replace")) > maximum):
            raise _Closing(Close.MESSAGE_TOO_BIG, f"The message is larger than {maximum} bytes")
        return text

    async def _handle(self, message: Message) -> None:
        if message.type is Type.PING:
            await self._send(messages.pong(message.payload))
        elif message.type is Type.CONNECTION_INIT:
            await self._init(message.payload or {})
        elif message.type is Type.COMPLETE:
            if running := self._operations.pop(message.id, None):
                running.cancel()
                self._count_operations()
        elif message.request is not None:
            await self._subscribe(message.id, message.request)

    async def _init(self, payload: Mapping[str, Any]) -> None:
        if self._asked:
            raise _Closing(Close.TOO_MANY_INITS, "Too many initialisation requests")
        self._asked = True
        sources = [credentials(self._websocket.headers.items()), *_sent(payload)]
        changes = self._door.guard.changes
        call = self._call("connection_init", self._marked)
        try:
            with serving(call):
                self._credentials = _agreed(sources)
                call.viewer = await self._authenticated()
        except DomainError as error:
            call.code = error.code
            refused = error.kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)
            raise _Closing(Close.FORBIDDEN if refused else Close.TRY_AGAIN_LATER, error.message) from None
        except Exception:
            call.code = BROKEN
            raise
        finally:
            self._note(call)
        if call.viewer:
            self._lease = Lease(call.viewer, self._authenticated, self._lost, self._marked)
            self._held.enter_context(self._door.guard.holding(self._lease, changes))
            kind = ConnectionKind.GRAPHQL_WEBSOCKET
            listed = self._door.connections.holding(kind, call.viewer, self._address)
            self._connection = self._held.enter_context(listed)
        self._acknowledged = True
        self._beat()
        await self._send(messages.ack())

    async def _authenticated(self) -> Viewer | None:
        return await self._door.authenticate(self._credentials, self._address)

    def _call(self, operation: str, request_id: str) -> CallRecord:
        call = CallRecord(request_id, self._address, viewer=self._lease.viewer if self._lease else None)
        call.enter(audit.Door.GRAPHQL, operation)
        return call

    async def _subscribe(self, id: str, request: GraphQLRequest) -> None:
        if not self._acknowledged:
            raise _Closing(Close.UNAUTHORIZED, "Unauthorized: send connection_init and wait for connection_ack")
        if id in self._operations:
            raise _Closing(Close.DUPLICATE_ID, f"Subscriber for {id} already exists")
        if len(self._operations) >= self._limits.operations_per_socket:
            call = self._call("subscribe", new_request_id())
            await self._refuse(id, self._too_many(), call)
            return self._note(call)
        task = self._operations[id] = asyncio.create_task(self._guarded(id, request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._count_operations()
        return None

    async def _guarded(self, id: str, request: GraphQLRequest) -> None:
        call = self._call("subscribe", new_request_id())
        try:
            with serving(call):
                await self._operate(id, request, call)
        except WebSocketDisconnect:
            return
        except asyncio.CancelledError:
            if not call.stays_open:
                call.code = UNANSWERED
            raise
        except Exception as error:
            call.code = BROKEN
            internal(error, self._marked)
            self.stop(Close.INTERNAL_ERROR, "Internal error")
        finally:
            if not call.stays_open:
                self._note(call)

    async def _operate(self, id: str, request: GraphQLRequest, call: CallRecord) -> None:
        try:
            async with aclosing(self._results(id, request, call)) as answers:
                async for answer in answers:
                    await self._send(messages.next_result(id, answer.body))
                    if self._connection:
                        self._connection.sent += 1
                    # Neither a ready source nor a ready socket waits, and the others have to have their turn.
                    await asyncio.sleep(0)
        except Refused as refused:
            self._release(id)
            await self._refuse(id, refused, call)
        else:
            self._release(id)
            await self._send(messages.complete(id))

    def _release(self, id: str) -> None:
        # Before the last message goes out: who has read it may use the id again.
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]
            self._count_operations()

    def _count_operations(self) -> None:
        if self._connection:
            self._connection.operations = len(self._operations)

    async def _results(
        self, id: str, request: GraphQLRequest, call: CallRecord
    ) -> AsyncGenerator[Answer | EventMessage, None]:
        pipeline, caller = self._door.pipeline, Caller(call)
        request, operation = await self._door.understood(request, call)
        if not operation.is_subscription:
            yield await pipeline.execute(operation, request, caller)
            return
        async with aclosing(await pipeline.subscribe(operation, request, caller)) as answers:
            if isinstance(answers, Subscription):
                self._connect(id, answers)
            call.stays_open = True
            self._note(copy(call))
            async for answer in answers:
                yield answer

    def _connect(self, id: str, subscription: Subscription) -> None:
        """Let messages of a shared stream go straight to the client, as long as it takes them."""
        subscription.connection, subscription.lost = self._connection, self._too_slow
        task, frames, line, connection = asyncio.current_task(), Frames(id), self._line, self._connection
        if line is None or connection is None:
            return

        def take(found: Sequence[EventMessage]) -> bool:
            # The operation or the socket may have ended this very moment, and its task not have heard of it yet.
            if self._ending is not None or self._operations.get(id) is not task:
                return False
            if not line.write(frames.of(found[0]) if len(found) == 1 else b"".join(map(frames.of, found))):
                return False
            connection.sent += len(found)
            return True

        subscription.take = take

    async def _refuse(self, id: str, refused: Refused, call: CallRecord) -> None:
        await self._send(messages.error(id, refusal(refused, call)["errors"]))

    def _too_many(self) -> Refused:
        maximum = self._limits.operations_per_socket
        message = f"At most {maximum} operations may run on one socket at a time."
        return Refused([GraphQLError(message)], Code.OPERATION_LIMIT_EXCEEDED)

    def _init_late(self) -> None:
        if not self._acknowledged:
            self.stop(Close.INIT_TIMEOUT, "Connection initialisation timeout")

    def _beat(self) -> None:
        """Ping from now on, at the pace that keeps the connection alive."""
        self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._limits.keep_alive_seconds, self._ping)

    def _ping(self) -> None:
        if self._ending is None and not (self._line and self._line.write(_PING)):
            task = asyncio.create_task(self._ping_in_turn())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._beat()

    async def _ping_in_turn(self) -> None:
        with suppress(WebSocketDisconnect):
            await self._send(messages.ping())

    async def _send(self, text: str) -> None:
        """Send one message, or give the socket up when its reader does not keep up."""
        try:
            async with asyncio.timeout(self._limits.send_timeout_seconds), self._sending:
                await self._websocket.send({"type": "websocket.send", "text": text})
        except TimeoutError:
            self._too_slow()
            raise WebSocketDisconnect(Close.TRY_AGAIN_LATER) from None
        except RuntimeError:
            # Starlette's word for a socket that is closed on either side.
            raise WebSocketDisconnect(Close.NORMAL) from None

    def _too_slow(self) -> None:
        """Cut the client off: it does not take what it asked for, and may come back with its cursor."""
        if self._ending is None and self._connection:
            self._connection.too_slow = True
        self._goodbye_seconds = min(self._goodbye_seconds, _FAREWELL_SECONDS)
        self.stop(Close.TRY_AGAIN_LATER, TOO_SLOW)

    async def _close(self) -> None:
        """Say goodbye, when it is us who leave and somebody may still listen."""
        if self._ending is None or self._websocket.client_state is WebSocketState.DISCONNECTED:
            return
        reason = self._ending.reason.encode()[:_LONGEST_REASON].decode(errors="ignore")
        try:
            async with asyncio.timeout(self._goodbye_seconds):
                await self._websocket.close(self._ending.code, reason)
        except TimeoutError:
            if self._line:
                # It does not read: what is on the way to it would be held for ever.
                self._line.abort()
        except (RuntimeError, WebSocketDisconnect):
            pass


def _sent(payload: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    """The credentials of an init payload: those in it, and those in `headers` inside it.

    Raises:
        Invalid: one of them is no string.
    """
    nested = payload.get("headers")
    for source in (payload, nested if isinstance(nested, dict) else {}):
        for name, value in source.items():
            if name.lower() in CREDENTIAL_HEADERS:
                if not isinstance(value, str):
                    raise messages.Invalid(f"Invalid message: `{name[:40]}` of the payload must be a string")
                yield {name.lower(): value}


def _agreed(sources: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The credentials of a socket, wherever they were sent.

    Raises:
        DomainError: UNAUTHENTICATED when two places say different things.
    """
    agreed: dict[str, str] = {}
    for source in sources:
        for name, value in source.items():
            if agreed.setdefault(name, value) != value:
                raise unauthenticated("The handshake and connection_init carry different credentials.")
    return agreed


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

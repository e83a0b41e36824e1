"""Answers as Server-Sent Events: the distinct connections mode of the GraphQL over SSE protocol."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from gateway import json
from gateway.calls import CallRecord
from gateway.connections import Connection
from gateway.graphql.answers import Answer, Events, refusal
from gateway.graphql.errors import Code, Refused
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.streams import TOO_SLOW, EventMessage, Subscription
from gateway.guard import GOODBYE_SECONDS, Ending, Reason

COMPLETE = b"event: complete\ndata:\n\n"
_KEEP_ALIVE = b":\n\n"

_SHARED = b"sse"
_RETRY_MS = 1_000
_LONGEST_RETRY_MS = 10_000
_LATE = Ending(Reason.UNSURE, Code.SUBSCRIBER_TOO_SLOW, TOO_SLOW)

Hold = Callable[[Callable[[Ending], None]], AbstractContextManager[Connection]]
"""Keeps a stream under guard and in the list of open ones, given how to end it."""


def next_event(answer: Answer | EventMessage) -> bytes:
    """One `next` event; an event of the log carries its cursor as `id`, from which a client resumes."""
    if isinstance(answer, Answer):
        return _event(answer)
    form, event = answer.framed
    if form != _SHARED:
        event = _event(answer)
        answer.framed = (_SHARED, event)
    return event


def told(response: Mapping[str, Any]) -> Answer:
    """A refusal as an event; where it names the cursor to go on from, who comes back goes on from there."""
    extensions = response["errors"][0]["extensions"]
    return Answer(json.dumps(response), event_id=extensions.get("resumeAfter"))


def retry(spread_ms: int) -> bytes:
    """How long a client shall wait before it comes back, another time for each, so that they do not come at once."""
    # Nobody's secret: it only keeps many from knocking together.
    return b"retry: %d\n\n" % (_RETRY_MS + random.randrange(spread_ms))  # noqa: S311


def _event(answer: Answer | EventMessage) -> bytes:
    place = f"id: {answer.event_id}\n".encode() if answer.event_id else b""
    # JSON as we write it has no line breaks, so one data line holds it.
    return b"event: next\n" + place + b"data: " + answer.body + b"\n\n"


class EventStream:
    """A response that sends answers as they come, and closes their source as soon as the client leaves."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer, None] | Events | Subscription,
        headers: Mapping[str, str],
        call: CallRecord,
        limits: GraphQLLimits,
        open_streams: set[EventStream],
        hold: Hold | None,
    ) -> None:
        self._answers = answers
        self._headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self._call = call
        self._limits = limits
        self._open_streams = open_streams
        self._hold = hold
        self._connection: Connection | None = None
        self._retry = b""
        self._sending = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._ending: Ending | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything there is to send."""
        self._open_streams.add(self)
        try:
            async with aclosing(self._answers):
                await send({"type": "http.response.start", "status": 200, "headers": self._headers})
                with self._hold(self.end) if self._hold else nullcontext() as connection:
                    self._connect(connection)
                    ran = await self._ran_to_its_end(receive, send)
                if ran:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._open_streams.discard(self)

    def stop(self, others: int = 0) -> None:
        """End the stream where it is; the client reads a complete response and may resume elsewhere.

        The more `others` are sent away with it, the longer it is told to wait, each as long as chance has it.
        """
        self._retry = retry(min(_LONGEST_RETRY_MS, _RETRY_MS + others * 2))
        self._stopped.set()

    def end(self, ending: Ending) -> None:
        """Send nothing more but the reason."""
        self._ending = self._ending or ending
        self._stopped.set()

    def _connect(self, connection: Connection | None) -> None:
        self._connection = connection
        if connection is not None:
            connection.operations = 1
        if isinstance(self._answers, Subscription):
            self._answers.connection, self._answers.lost = connection, self._too_slow

    def _too_slow(self) -> None:
        """Cut the client off: it does not take what it asked for, and may come back with its cursor."""
        if self._connection:
            self._connection.too_slow = True
        self.end(_LATE)

    async def _ran_to_its_end(self, receive: Receive, send: Send) -> bool:
        pump = asyncio.create_task(self._send_answers(send))
        stopping = asyncio.create_task(self._stopped.wait())
        others = [asyncio.create_task(each) for each in (left(receive), self._keep_alive(send))]
        tasks = {pump, stopping, *others}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # A stream that could not be written is left unfinished: the client sees that something is missing.
            if pump.done() or not self._stopped.is_set():
                return pump.done() and pump.exception() is None
            for task in tasks:
                task.cancel()
            return await self._took_leave(send)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _took_leave(self, send: Send) -> bool:
        """Tell why the stream ends, or when to come back; whether the client took it."""
        last = self._retry
        if self._ending is not None:
            refused = Refused([GraphQLError(self._ending.message)], self._ending.code)
            last = next_event(told(refusal(refused, self._call))) + COMPLETE
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._write(send, last)
        except (TimeoutError, OSError):
            return False
        return True

    async def _send_answers(self, send: Send) -> None:
        try:
            async with aclosing(self._answers):
                async for answer in self._answers:
                    await self._write(send, next_event(answer))
                    if self._connection:
                        self._connection.sent += 1
                    # Neither a ready source nor a ready connection waits, and the others have to have their turn.
                    await asyncio.sleep(0)
        except Refused as refused:
            await self._write(send, next_event(told(refusal(refused, self._call))))
        await self._write(send, COMPLETE)

    async def _keep_alive(self, send: Send) -> None:
        # The first comment at once: it makes proxies pass the headers on.
        await self._write(send, _KEEP_ALIVE + (retry(_RETRY_MS) if self._connection else b""))
        while True:
            await asyncio.sleep(self._limits.keep_alive_seconds)
            await self._write(send, _KEEP_ALIVE)

    async def _write(self, send: Send, chunk: bytes) -> None:
        try:
            async with self._sending, asyncio.timeout(self._limits.send_timeout_seconds):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            if self._connection:
                self._connection.too_slow = True
            raise


async def left(receive: Receive) -> None:
    """Ends when the client has gone away; to be asked after its body was read."""
    while (await receive())["type"] != "http.disconnect":
        pass

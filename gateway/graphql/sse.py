"""Answers as Server-Sent Events: the distinct connections mode of the GraphQL over SSE protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext

from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from gateway import json
from gateway.calls import CallRecord
from gateway.graphql.errors import Refused
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.pipeline import Answer, Events, refusal
from gateway.guard import GOODBYE_SECONDS, Ending

COMPLETE = b"event: complete\ndata:\n\n"
_KEEP_ALIVE = b":\n\n"

Hold = Callable[[Callable[[Ending], None]], AbstractContextManager[None]]
"""Keeps a stream under guard, given how to end it."""


def next_event(answer: Answer) -> bytes:
    """One `next` event; an event of the log carries its cursor as `id`, from which a client resumes."""
    place = f"id: {answer.event_id}\n".encode() if answer.event_id else b""
    # JSON as we write it has no line breaks, so one data line holds it.
    return b"event: next\n" + place + b"data: " + answer.body + b"\n\n"


class EventStream:
    """A response that sends answers as they come, and closes their source as soon as the client leaves."""

    def __init__(
        self,
        answers: AsyncGenerator[Answer, None] | Events,
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
        self._sending = asyncio.Lock()
        self._stopped = asyncio.Event()
        self._ending: Ending | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything there is to send."""
        self._open_streams.add(self)
        try:
            async with aclosing(self._answers):
                await send({"type": "http.response.start", "status": 200, "headers": self._headers})
                with self._hold(self.end) if self._hold else nullcontext():
                    ran = await self._ran_to_its_end(receive, send)
                if ran:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._open_streams.discard(self)

    def stop(self) -> None:
        """End the stream where it is; the client reads a complete response and may resume elsewhere."""
        self._stopped.set()

    def end(self, ending: Ending) -> None:
        """Send nothing more but the reason."""
        self._ending = self._ending or ending
        self._stopped.set()

    async def _ran_to_its_end(self, receive: Receive, send: Send) -> bool:
        pump = asyncio.create_task(self._send_answers(send))
        stopping = asyncio.create_task(self._stopped.wait())
        others = [asyncio.create_task(each) for each in (_left(receive), self._keep_alive(send))]
        tasks = {pump, stopping, *others}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # A stream that could not be written is left unfinished: the client sees that something is missing.
            if pump.done() or not self._stopped.is_set():
                return pump.done() and pump.exception() is None
            for task in tasks:
                task.cancel()
            return self._ending is None or await self._told(self._ending, send)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _told(self, ending: Ending, send: Send) -> bool:
        """Tell why the stream ends; whether the client took it."""
        refused = Refused([GraphQLError(ending.message)], ending.code)
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._write(send, next_event(Answer(json.dumps(refusal(refused, self._call)))) + COMPLETE)
        except (TimeoutError, OSError):
            return False
        return True

    async def _send_answers(self, send: Send) -> None:
        try:
            async with aclosing(self._answers):
                async for answer in self._answers:
                    await self._write(send, next_event(answer))
                    # Neither a ready source nor a ready connection waits, and the others have to have their turn.
                    await asyncio.sleep(0)
        except Refused as refused:
            await self._write(send, next_event(Answer(json.dumps(refusal(refused, self._call)))))
        await self._write(send, COMPLETE)

    async def _keep_alive(self, send: Send) -> None:
        while True:
            # The first comment at once: it makes proxies pass the headers on.
            await self._write(send, _KEEP_ALIVE)
            await asyncio.sleep(self._limits.keep_alive_seconds)

    async def _write(self, send: Send, chunk: bytes) -> None:
        async with self._sending, asyncio.timeout(self._limits.send_timeout_seconds):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""Streams of a live server that are open until the server ends them, and how soon it does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets

EVENTS = "subscription { events { sequence } }"
_PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


@dataclass
class Open:
    """An open stream: when it ended, how, and why."""

    ended_at: float = 0.0
    code: int | str = ""
    reason: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, code: int | str, reason: str) -> None:
        """The server ended it."""
        self.ended_at, self.code, self.reason = time.monotonic(), code, reason
        self.ended.set()


@asynccontextmanager
async def opened(address: str, key: str, sockets: int = 1, streams: int = 1) -> AsyncIterator[Sequence[Open]]:
    """Subscriptions to events of one key, over websockets and as event streams."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        listeners = [_socket(stack, address, key) for _ in range(sockets)]
        listeners += [_stream(stack, address, key) for _ in range(streams)]
        ready = [await each for each in listeners]
        found = [Open() for _ in ready]
        listening = [tasks.create_task(each(open_)) for each, open_ in zip(ready, found, strict=True)]
        yield found
        for task in listening:
            task.cancel()


async def _socket(stack: AsyncExitStack, address: str, key: str) -> Any:
    url = f"ws://{address}/graphql"
    socket = await stack.enter_async_context(websockets.connect(url, subprotocols=[_PROTOCOL], proxy=None))
    await socket.send(json.dumps({"type": "connection_init", "payload": {"X-API-Key": key}}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}))

    async def listen(found: Open) -> None:
        await socket.wait_closed()
        found.end(socket.close_code or 0, socket.close_reason or "")

    return listen


async def _stream(stack: AsyncExitStack, address: str, key: str) -> Any:
    client = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=None))
    headers = {"X-API-Key": key, "Accept": "text/event-stream"}
    asked = client.stream("POST", f"http://{address}/graphql", json={"query": EVENTS}, headers=headers)
    response = await stack.enter_async_context(asked)
    assert response.headers["content-type"].startswith("text/event-stream")

    async def listen(found: Open) -> None:
        error: dict[str, Any] = {}
        async for line in response.aiter_lines():
            if line.startswith("data: ") and "errors" in line:
                (error,) = json.loads(line.removeprefix("data: "))["errors"]
            if line == "event: complete":
                break
        found.end(error["extensions"]["code"], error["message"])

    return listen


async def seconds_until_ended(streams: Sequence[Open], since: float) -> list[float]:
    """How long each took to end, measured from a moment; at most five seconds are waited for."""
    async with asyncio.timeout(5):
        await asyncio.gather(*(each.ended.wait() for each in streams))
    return [each.ended_at - since for each in streams]

"""The door behind a real server, and a client of the websocket protocol."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.gateway.graphql.world import Door


@dataclass
class Live:
    """A door that listens on a port of this machine."""

    door: Door
    port: int
    client: httpx.AsyncClient

    def socket(self, *protocols: str, **headers: str) -> Any:
        return connect(
            f"ws://127.0.0.1:{self.port}/graphql",
            subprotocols=[Subprotocol(name) for name in protocols or ("graphql-transport-ws",)],
            additional_headers=headers,
            proxy=None,
        )

    @asynccontextmanager
    async def talk(self, payload: dict[str, Any] | None = None) -> AsyncIterator[Talk]:
        """A socket after its handshake."""
        async with self.socket() as connection:
            talk = Talk(connection)
            await talk.init(payload)
            yield talk


@asynccontextmanager
async def serving(door: Door, ws: Any = "auto") -> AsyncIterator[Live]:
    app = Starlette(routes=[Route("/graphql", door.http), WebSocketRoute("/graphql", door.websocket)])
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(app, ws=ws, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
    config.load()
    server = uvicorn.Server(config)
    # Without the server's main loop, whose clock of 0.1 s would be most of a test's time.
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
        try:
            yield Live(door, port, client)
        finally:
            await server.shutdown(sockets=[listener])
            listener.close()


@dataclass
class Talk:
    """One side of a socket, in messages."""

    connection: ClientConnection

    async def init(self, payload: dict[str, Any] | None = None) -> Self:
        await self.send(type="connection_init", **({"payload": payload} if payload is not None else {}))
        assert await self.receive() == {"type": "connection_ack"}
        return self

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def subscribe(self, query: str, id: str = "1", **more: Any) -> None:
        await self.send(type="subscribe", id=id, payload={"query": query, **more})

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(10):
            message: dict[str, Any] = json.loads(await self.connection.recv())
        return message

    async def closed(self) -> tuple[int, str]:
        """The code and reason the server closes with."""
        async with asyncio.timeout(10):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""

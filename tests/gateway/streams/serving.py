"""The whole process behind a real server, and listeners of both streams."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from sqlalchemy import update
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from domain.clients import ApiClient
from domain.credentials import Credential
from domain.permissions import Role
from domain.users import User
from domain.viewer import Dialect
from gateway.assembly import Parts
from gateway.database import Database
from gateway.server import options
from tests.factories.credentials import make_client, make_credential
from tests.factories.organizations import make_organization, make_user
from tests.waiting import until

SUBSCRIBE: dict[str, Any] = {
    "action": "subscribe",
    "channels": ["compliance.alerts", "marketing.updates", "feedback.analysis"],
}
"""As printed."""
PATIENCE_SECONDS = 10


@dataclass
class House:
    """A process that serves, an organization in it, and the key of a client."""

    app: Starlette
    port: int
    organization: str
    client: str
    key: str
    http: httpx.AsyncClient

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    @property
    def database(self) -> Database:
        return self.parts.database

    @asynccontextmanager
    async def socket(self, path: str = "/v1/stream", key: str | None = "", **more: Any) -> AsyncIterator[Listener]:
        """An open socket, with the key as bearer unless another one, or None, is given."""
        known = {} if key is None else {"Authorization": f"Bearer {key or self.key}"}
        headers = known | more.pop("additional_headers", {})
        url = f"ws://{more.pop('name', '127.0.0.1')}:{self.port}{path}"
        where: dict[str, Any] = {"host": "127.0.0.1", "port": self.port, "proxy": None}
        before = len(self.parts.connections.all())
        async with connect(url, additional_headers=headers, **where, **more) as connection:
            await self.until_open(before + 1)
            yield Listener(self, connection)
        await self.until_open(before)

    async def promote(self) -> None:
        """Have the client mean more than before, which ends what it has open."""

        async def grow(session: Any) -> None:
            own = update(ApiClient).where(ApiClient.id == self.client)
            await session.execute(own.values(scopes=["read", "write", "admin"]))
            everybody = update(User).where(User.organization_id == self.organization)
            await session.execute(everybody.values(role=Role.ADMIN))

        await self.database.store(grow)
        self.parts.watch.tell([self.client])

    async def until_open(self, count: int) -> None:
        """Wait until so many streams are open."""
        await until(lambda: len(self.parts.connections.all()) == count, pause=0.002)

    def subscribed(self) -> int:
        """To how many channels all who listen have subscribed."""
        return sum(each.operations for each in self.parts.connections.all())

    async def revoke(self) -> None:
        """End the client's credentials, which ends what it has open."""

        async def end(session: Any) -> None:
            gone = update(Credential).where(Credential.client_id == self.client)
            await session.execute(gone.values(revoked_at=self.database.clock.now()))

        await self.database.store(end)
        self.parts.watch.tell([self.client])

    @asynccontextmanager
    async def events(self, **headers: str) -> AsyncIterator[EventSource]:
        """An open event stream."""
        known = {"Authorization": f"Bearer {self.key}"} | {name.replace("_", "-"): v for name, v in headers.items()}
        async with self.http.stream("GET", "/api/v1/stream/events", headers=known) as response:
            assert response.status_code == 200, await response.aread()
            source = EventSource(response)
            # The first comment says that it is open.
            assert await source.block() == ":"
            yield source


@dataclass
class Listener:
    """The client's side of a socket."""

    house: House
    connection: ClientConnection

    async def say(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def subscribe(self, *channels: str, **more: Any) -> None:
        """Subscribe to new channels, and wait until it has taken effect."""
        expected = self.house.subscribed() + len(channels)
        await self.say({"action": "subscribe", "channels": list(channels), **more})
        await until(lambda: self.house.subscribed() >= expected, pause=0.005)

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await self.connection.recv()
        assert isinstance(message, str)
        heard: dict[str, Any] = json.loads(message)
        return heard

    async def closed(self) -> tuple[int, str]:
        """Code and reason the server closes with."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code, self.connection.close_reason or ""


class EventSource:
    """The client's side of an event stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def block(self) -> str | None:
        """The lines up to the next empty one; None when the stream has ended."""
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._lines:
                if not line:
                    return "\n".join(lines)
                lines.append(line)
        return None

    async def hear(self) -> tuple[str, dict[str, Any]]:
        """Id and data of the next event."""
        block = await self.block()
        assert block is not None
        place, data = block.split("\n")
        return place.removeprefix("id: "), json.loads(data.removeprefix("data: "))


@asynccontextmanager
async def serving(app: Starlette, organization: str, client: str, key: str) -> AsyncIterator[House]:
    """Serve with the options of the process itself."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    config = uvicorn.Config(app, **options(app.state.parts.settings), lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    async with app.router.lifespan_context(app):
        # Without the server's main loop, whose clock of 0.1 s would be most of a test's time.
        await server.startup(sockets=[listener])
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as http:
            try:
                yield House(app, port, organization, client, key, http)
            finally:
                await app.state.parts.streams.drain()
                await server.shutdown(sockets=[listener])
                listener.close()


async def insiders(database: Database, role: Role = Role.SALES_MANAGER, **client: Any) -> tuple[str, str, str]:
    """An organization, a client of a member of its staff, and the client's key."""
    organization = await make_organization(database)
    user = await make_user(database, organization, role=role)
    dialect = Dialect.CLICKUP_BRAIN
    made = await make_client(database, organization, user=user, dialect=dialect, **client)
    return organization, made, await make_credential(database, organization, made, dialect=dialect)

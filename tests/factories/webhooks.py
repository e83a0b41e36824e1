"""Webhooks for tests: endpoints, a receiver on the loopback, and whoever sweeps the queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from sqlalchemy import select

from domain.events import EventType
from domain.permissions import Permission
from domain.viewer import Dialect
from domain.webhooks import WebhookDelivery, WebhookEndpoint, WebhookSecret
from gateway.database import Database
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.webhooks.opening import Webhooks, open_webhooks
from tests.factories.credentials import make_client
from tests.factories.organizations import store
from tests.factories.webhook_rows import endpoint_row

HERE = OutgoingSettings(allowed_networks=("127.0.0.0/8",))


@dataclass(frozen=True)
class Told:
    """One request that reached a receiver; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sequence(self) -> int:
        return int(self.headers["x-trigraph-sequence"])

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Respond = Callable[[Told], Awaitable[bytes]]


def answer(status: int = 200, headers: str = "", body: bytes = b"OK") -> bytes:
    """An answer as it goes over the wire."""
    head = f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


async def _accept(told: Told) -> bytes:
    return answer()


@dataclass
class Receiver:
    """A server that keeps what it is told, and answers as the test says."""

    port: int = 0
    told: list[Told] = field(default_factory=list)
    respond: Respond = _accept
    connections: int = 0
    under_way: int = 0
    most_under_way: int = 0

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self, *statuses: int) -> None:
        """Answer with these, one after the other, and with the last of them for ever."""
        left = list(statuses)

        async def respond(told: Told) -> bytes:
            return answer(left.pop(0) if len(left) > 1 else left[0])

        self.respond = respond

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await self._answer(await _request(reader), writer)
        finally:
            writer.close()

    async def _answer(self, told: Told, writer: asyncio.StreamWriter) -> None:
        self.told.append(told)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            writer.write(await self.respond(told))
            await writer.drain()
        finally:
            self.under_way -= 1


async def _request(reader: asyncio.StreamReader) -> Told:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in head[1:] if line)
    headers = {name.lower(): value for name, _, value in pairs}
    return Told(head[0].split(" ")[1], headers, await reader.readexactly(int(headers.get("content-length", "0"))))


@asynccontextmanager
async def receiving(tls: SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(receiver.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Closing a transport takes the loop another turn.
        await asyncio.sleep(0)


async def make_endpoint(
    database: Database,
    organization_id: str,
    url: str,
    *events: EventType,
    client: str | None = None,
    dialect: Dialect | None = None,
    secrets: tuple[str, ...] = (),
    **known: Any,
) -> str:
    """A new endpoint of a client, which is told from now on unless `position` says otherwise; its id."""
    now = database.clock.now()
    client_scopes = tuple(permission.value for permission in Permission)
    client = client or await make_client(database, organization_id, dialect=dialect, scopes=client_scopes)
    names = [each.value for each in events]
    endpoint = endpoint_row(organization_id, client, now, dialect=dialect, url=url, events=names, **known)
    kept = [
        WebhookSecret(
            id=WebhookSecret.new_id(),
            organization_id=organization_id,
            created_at=now,
            endpoint_id=endpoint.id,
            sealed=database.vault.seal(each),
            hint=each[:4],
        )
        for each in reversed(secrets)
    ]
    await store(database, endpoint, *kept)
    return endpoint.id


class NoSelections:
    """Selections for tests in which nobody selects."""

    async def told(self, query: str, event: Any, viewer: Any) -> dict[str, Any] | None:
        raise AssertionError(query)


@dataclass
class Deliverer:
    """Webhooks without a process around them: dispatches and sweeps when the test says so."""

    database: Database
    webhooks: Webhooks

    async def dispatch(self, organization_id: str) -> None:
        """Make deliveries of everything in the log."""
        while await self.webhooks.dispatcher.dispatch(organization_id):
            pass

    async def sweep(self, organization_id: str) -> int:
        """Make the attempts that are due now in one organization; how many. On a shared database others wait."""
        queue, made = self.webhooks.queue, 0
        while jobs := await queue.take(queue.at_once):
            own = [job for job in jobs if job.organization_id == organization_id]
            await asyncio.gather(*(queue.run(job) for job in own))
            made += len(own)
        return made

    async def deliveries(self, endpoint_id: str) -> list[Any]:
        """Every delivery of an endpoint as it stands, in the order of the log."""
        columns = WebhookDelivery.__table__.columns
        statement = select(*columns).where(WebhookDelivery.endpoint_id == endpoint_id)
        return list(await self.database.rows(statement.order_by(WebhookDelivery.sequence)))

    async def endpoint(self, endpoint_id: str) -> Any:
        """An endpoint as it stands."""
        columns = WebhookEndpoint.__table__.columns
        return (await self.database.rows(select(*columns).where(WebhookEndpoint.id == endpoint_id)))[0]


@asynccontextmanager
async def delivering(
    database: Database, selections: Any = None, outgoing: OutgoingSettings = HERE, **settings: Any
) -> AsyncIterator[Deliverer]:
    """Webhooks with a schedule of three attempts, a minute apart and without jitter, unless said otherwise."""
    wanted: dict[str, Any] = {"schedule": "0,60,60", "jitter": 0, "breaker_failures": 100} | settings
    webhooks = open_webhooks(database, selections or NoSelections(), WebhookSettings(**wanted), outgoing)
    try:
        yield Deliverer(database, webhooks)
    finally:
        await webhooks.close()

"""The same process behind two real servers, and what a client sends and hears in raw bytes.

The one knows heads (`gateway.straight`), the other is uvicorn's protocol as it is; each has a copy of one database.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import select
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from domain.audit import AuditEntry
from gateway.app import Application, create_app
from gateway.assembly import Parts
from gateway.database import Database
from gateway.engines import open_engines
from gateway.server import options
from gateway.settings import load
from gateway.straight import StraightProtocol
from tests.clocks import PRINTED, SetClock
from tests.databases import sqlite_url
from tests.factories.credentials import make_client, make_credential
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization
from tests.vaults import VAULT
from tests.waiting import until

LEAD = "query Lead($id: ID!) { lead(id: $id) { id email createdAt } }"
TYPENAME = "{ __typename }"
_MADE = re.compile(rb"\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b")
_DATE = re.compile(rb"\r\ndate: [^\r]*")


def masked(answers: bytes) -> bytes:
    """Answers without what differs from one request to the next."""
    return _DATE.sub(b"\r\ndate: NOW", _MADE.sub(b"MADE", answers))


@dataclass
class Line:
    """A connection, seen from the server: what it has taken, what began and was whole, what was known by its head."""

    protocol: Any
    received: int = 0
    begun: int = 0
    whole: int = 0
    straight: int = 0
    lost: bool = False

    @property
    def closing(self) -> bool:
        """Whether the server hangs up."""
        return self.lost or self.protocol.transport.is_closing()

    @property
    def idle(self) -> bool:
        """Whether everything whole is answered."""
        if self.closing or self.begun > self.whole:
            return True
        cycle = self.protocol.cycle
        return cycle is None or cycle.response_complete


class Watch:
    """What a server sees of its connections, by the ports of their clients."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}

    def protocol(self, kind: type[HttpToolsProtocol]) -> type[HttpToolsProtocol]:
        """The same protocol, which tells."""
        lines = self.lines

        class Telling(kind):  # type: ignore[misc, valid-type]
            def __init__(self, *given: Any, **named: Any) -> None:
                # pytest listens to loggers that go nowhere, too: the server would have to tell of each request.
                logging.getLogger("uvicorn.access").handlers.clear()
                super().__init__(*given, **named)

            def connection_made(self, transport: Any) -> None:
                super().connection_made(transport)
                self.line = lines[self.client[1]] = Line(self)

            def data_received(self, data: bytes) -> None:
                super().data_received(data)
                self.line.received += len(data)

            def on_message_begin(self) -> None:
                self.line.begun += 1
                super().on_message_begin()

            def on_message_complete(self) -> None:
                self.line.whole += 1
                super().on_message_complete()

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                self.line.lost, self.line.protocol = True, None

            def _tell(self, answer: bytes) -> None:
                self.line.straight += 1
                super()._tell(answer)

            def _wait(self, later: Any) -> None:
                self.line.straight += 1
                super()._wait(later)

        return Telling


@dataclass
class Told:
    """What a client heard on one connection: the answers, whether the server closed it, how many came straight."""

    answers: bytes
    closed: bool
    straight: int = field(compare=False)


class Talk:
    """The client's end of a connection."""

    def __init__(self, sock: socket.socket, line: Line) -> None:
        """`line` is the server's end."""
        self.line = line
        self._sock = sock
        self._sent = 0
        self.heard = b""
        self.closed = False

    async def send(self, packet: bytes, *, taken: bool = True) -> None:
        """Send, and wait until the server has taken all of it."""
        await asyncio.get_running_loop().sock_sendall(self._sock, packet)
        self._sent += len(packet)
        if taken:
            await until(lambda: self.line.received >= self._sent or self.line.lost)

    async def hear(self, responses: int = 1) -> bytes:
        """The next so many whole answers, or what comes until the server closes."""
        before = self.heard
        async with asyncio.timeout(10):
            while not self.closed and _whole(self.heard[len(before) :]) < responses:
                await self.read()
        return self.heard[len(before) :]

    async def ask(self, request: bytes) -> bytes:
        """Send one request, and hear its answer."""
        await self.send(request)
        return await self.hear()

    async def end(self) -> Told:
        """Send nothing more, and hear what else was said."""
        straight, closed = self.line.straight, self.line.closing
        if not closed:
            self._sock.shutdown(socket.SHUT_WR)
        while not self.closed:
            await self.read()
        self.hang_up()
        await until(lambda: self.line.lost)
        return Told(masked(self.heard), closed, straight)

    def hang_up(self) -> None:
        """Wait for nothing more."""
        self._sock.close()

    async def read(self) -> None:
        """Hear what comes next, whatever it is."""
        try:
            said = await asyncio.get_running_loop().sock_recv(self._sock, 262_144)
        except ConnectionError:
            said = b""
        self.heard += said
        self.closed = self.closed or not said


def _whole(answers: bytes) -> int:
    """How many answers are whole; those that have to be counted tell their length or come in chunks."""
    count = 0
    while b"\r\n\r\n" in answers:
        head, _, answers = answers.partition(b"\r\n\r\n")
        if b"\r\ntransfer-encoding: chunked" in head:
            if b"0\r\n\r\n" not in answers:
                break
            answers = answers.partition(b"0\r\n\r\n")[2]
        elif not head.startswith(b"HTTP/1.1 100 "):
            found = re.search(rb"\r\ncontent-length: (\d+)", head)
            length = int(found[1]) if found else 0
            if len(answers) < length:
                break
            answers = answers[length:]
        else:
            continue
        count += 1
    return count


@dataclass
class Side:
    """One of the servers."""

    app: Application
    server: uvicorn.Server
    port: int
    watch: Watch

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    async def call(self, source: str = "127.0.0.1", receives: int = 0) -> Talk:
        """A new connection; what is remembered of credentials is believed from now on, for a while."""
        await self.parts.watch.look()
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((source, 0))
        if receives:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        port = sock.getsockname()[1]
        await until(lambda: port in self.watch.lines)
        return Talk(sock, self.watch.lines[port])

    async def entries(self) -> list[dict[str, Any]]:
        """The audit log, but for ids and times."""
        await self.parts.audit.flush()
        rows = await self.parts.database.rows(select(*AuditEntry.__table__.c).order_by(AuditEntry.id))
        own = ("id", "created_at", "request_id", "duration_ms")
        return [{name: value for name, value in row._mapping.items() if name not in own} for row in rows]

    def figures(self) -> dict[str, Any]:
        """What was counted."""
        tallies = self.parts.observation.tallies
        outcomes = self.parts.observation.scraping._sources.compiled
        return {
            "answered": self.server.server_state.total_requests,
            "requests": {route: sum(known.counts) for route, known in tallies.requests.items()},
            "operations": dict(tallies.operations),
            "points": dict(tallies.points),
            "limited": dict(tallies.limited),
            "compiled": dict(outcomes.operations),
            "shadows": dict(outcomes.shadows),
        }


@dataclass
class World:
    """What is in the database."""

    file: Path
    organization: str
    client: str
    lead: str
    keys: dict[str, str]

    def post(self, body: bytes | dict[str, Any], *headers: str, key: str = "good", length: str | None = None) -> bytes:
        """A request in bytes; `headers` are further lines."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        known = [f"x-api-key: {self.keys.get(key, key)}"] if key else []
        length = f"content-length: {len(sent)}" if length is None else length
        lines = ["POST /graphql HTTP/1.1", "Host: graph.test", "Content-Type: application/json", *known, *headers]
        return "\r\n".join([*lines, *([length] if length else []), "", ""]).encode("latin-1") + sent

    def get(self, target: str, *headers: str, key: str = "good", method: str = "GET") -> bytes:
        """A request without a body."""
        known = [f"x-api-key: {self.keys.get(key, key)}"] if key else []
        lines = [f"{method} {target} HTTP/1.1", "Host: graph.test", *known, *headers, "", ""]
        return "\r\n".join(lines).encode("latin-1")


async def world(template: Path, folder: Path) -> World:
    """A database with an organization, a lead and clients."""
    file = Path(shutil.copy(template, folder / "world.db"))
    engines = open_engines(sqlite_url(file), pool_size=1, pool_timeout=5, busy_timeout=5)
    database = Database(engines, SetClock(PRINTED), VAULT, bulk=500, poll_seconds=1)
    try:
        organization = await make_organization(database)
        client = await make_client(database, organization, tier="Free")
        reader = await make_client(database, organization, scopes=["accounts:read"])
        poor = await make_client(database, organization, tier="Basic")
        elsewhere = await make_client(database, organization, allowed_ips=["198.51.100.0/24"])
        keys = {
            name: await make_credential(database, organization, of)
            for name, of in {"good": client, "narrow": reader, "poor": poor, "elsewhere": elsewhere}.items()
        }
        return World(file, organization, client, await make_lead(database, organization), keys)
    finally:
        await engines.dispose()


@asynccontextmanager
async def serving(
    world: World,
    folder: Path,
    kind: type[HttpToolsProtocol] = StraightProtocol,
    served: Mapping[str, Any] | None = None,
    **given: Any,
) -> AsyncIterator[Side]:
    """A server with the options of the process itself, on a database of its own; its clock is set by hand."""
    file = shutil.copy(world.file, folder / f"{kind.__name__}.db")
    settings = load(env_file=None, database_url=sqlite_url(Path(file)), data_dir=folder, **given)
    app, watch = create_app(settings, clock=SetClock(PRINTED)), Watch()
    chosen = {**options(settings), "http": watch.protocol(kind), **(served or {})}
    config = uvicorn.Config(app, **chosen)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", 0))
    # asyncio sees to it only where the socket names its protocol.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Without the server's main loop, whose clock of 0.1 s would be most of a test's time.
    await server.startup(sockets=[listener])
    await server.on_tick(0)
    try:
        yield Side(app, server, listener.getsockname()[1], watch)
    finally:
        await server.shutdown(sockets=[listener])
        listener.close()


@dataclass
class Both:
    """The two servers."""

    known: Side
    plain: Side
    world: World

    async def told(self, *packets: bytes) -> Told:
        """What both answer to the same packets, which is the same; whatever is whole is answered before the next."""
        heard = [await _told(side, packets) for side in (self.known, self.plain)]
        assert heard[0] == heard[1]
        return heard[0]

    async def hurried(self, count: int, packets: Sequence[bytes], gaps: Sequence[int]) -> Told:
        """The same of so many whole requests, whose packets follow each other after so many turns of the event loop."""
        heard = []
        for side in (self.known, self.plain):
            talk = await side.call()
            for packet, gap in zip(packets, gaps, strict=False):
                await talk.send(packet, taken=False)
                for _ in range(gap):
                    await asyncio.sleep(0)
            await talk.hear(count)
            heard.append(await talk.end())
        assert heard[0] == heard[1]
        return heard[0]

    async def agree(self) -> None:
        """Both have counted the same, and have the same in their audit logs."""
        figures, entries = [], []
        for side in (self.known, self.plain):
            await until(lambda side=side: not side.server.server_state.tasks)  # type: ignore[misc]
            figures.append(side.figures())
            entries.append(await side.entries())
        assert figures[0] == figures[1]
        assert entries[0] == entries[1]


async def _told(side: Side, packets: Sequence[bytes]) -> Told:
    talk = await side.call()
    for packet in packets:
        await talk.send(packet)
        await until(lambda: talk.line.idle)
        if talk.line.closing:
            break
    return await talk.end()


@asynccontextmanager
async def both(world: World, folder: Path, **given: Any) -> AsyncIterator[Both]:
    """Both servers, with these settings."""
    async with serving(world, folder, **given) as known, serving(world, folder, HttpToolsProtocol, **given) as plain:
        pair = Both(known, plain, world)
        yield pair
        await pair.agree()


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """What is in the database of every server."""
    return asyncio.run(world(sqlite_template, tmp_path_factory.mktemp("world")))

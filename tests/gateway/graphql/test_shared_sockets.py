"""Shared streams at both doors: whole frames past the ASGI server, clients that do not read, cursors too old."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from graphql import is_abstract_type

from domain.viewer import Viewer
from gateway.connections import ConnectionKind, Connections
from gateway.database import Database
from gateway.graphql.door import Door
from gateway.graphql.frames import EXTENSION, text_frame
from gateway.graphql.http import GraphQLEndpoint
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.websocket import GraphQLWebSocket
from gateway.guard import Guard
from gateway.server import Sockets
from resolvers.cursors import place
from schema.engine.forms import Answer, Own, Service
from schema.graph import graphql_schema, plans
from tests.factories.happenings import forget
from tests.factories.leads import make_lead
from tests.gateway.graphql.serving import Live, Talk, serving
from tests.gateway.graphql.test_sse import events_in
from tests.gateway.graphql.test_streams import EVENTS, PATIENCE, Hearers
from tests.gateway.graphql.world import nothing_trusted
from tests.gateway.test_event_feed import tell
from tests.waiting import until

SSE = {"Accept": "text/event-stream"}


class Doors:
    """Both doors of a real graph behind a real server."""

    def __init__(self, live: Live, connections: Connections) -> None:
        self.live = live
        self.connections = connections


@asynccontextmanager
async def doors_of(database: Database, viewer: Viewer, protocol: Any = Sockets, **limits: Any) -> AsyncIterator[Doors]:
    bounds = GraphQLLimits(**limits)
    hearers, connections = Hearers(database, viewer, bounds), Connections(database.clock)

    async def authenticate(_: Mapping[str, str], __: str | None) -> Viewer:
        return viewer

    shared = Door(hearers.pipeline, authenticate, Guard(database.clock), connections, bounds, nothing_trusted())
    door: Any = SimpleNamespace(http=GraphQLEndpoint(shared), websocket=GraphQLWebSocket(shared, lambda call: None))
    async with serving(door, ws=protocol) as live:
        yield Doors(live, connections)


@pytest.fixture
async def lead(embedded: Database, organization: str) -> str:
    return await make_lead(embedded, organization)


@pytest.fixture
def database(embedded: Database) -> Database:
    """Doors do not care for the kind of database: one is enough."""
    return embedded


@pytest.mark.parametrize("protocol", [Sockets, "websockets-sansio"], ids=["frames", "messages"])
async def test_events_of_every_size_arrive_whole_and_in_order(
    database: Database, viewer: Viewer, lead: str, protocol: Any
) -> None:
    sizes = [0, 40, 200, 40_000, 70_000, 1]
    async with doors_of(database, viewer, protocol) as doors, doors.live.talk() as one, doors.live.talk() as two:
        for talk, own in ((one, "1"), (two, 'other "id"')):
            await talk.subscribe(EVENTS, own, variables={"after": place(0)})
        for size in sizes:
            await tell(database, viewer, lead, name="x" * size)
        for talk, own in ((one, "1"), (two, 'other "id"')):
            heard = [await talk.receive() for _ in sizes]
            assert {message["id"] for message in heard} == {own}
            told = [message["payload"]["data"]["events"] for message in heard]
            assert [each["sequence"] for each in told] == [1, 2, 3, 4, 5, 6]
            assert [len(each["data"]["name"]) for each in told] == [size + 2 for size in sizes]
        listed = doors.connections.all()
        assert [(each.kind, each.operations, each.sent, each.waiting) for each in listed] == [
            (ConnectionKind.GRAPHQL_WEBSOCKET, 1, 6, 0)
        ] * 2
    assert doors.connections.sent[ConnectionKind.GRAPHQL_WEBSOCKET] == 12


def test_a_frame_tells_its_length_as_the_protocol_wants_it() -> None:
    assert text_frame(b"x" * 125)[:2] == b"\x81\x7d"
    assert text_frame(b"x" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert text_frame(b"x" * 65_536)[:10] == b"\x81\x7f" + (65_536).to_bytes(8, "big")


async def test_who_unsubscribes_hears_no_more_and_may_use_the_id_again(
    database: Database, viewer: Viewer, lead: str
) -> None:
    async with doors_of(database, viewer) as doors, doors.live.talk() as talk:
        await talk.subscribe(EVENTS, variables={"after": place(0)})
        await tell(database, viewer, lead)
        assert (await talk.receive())["payload"]["data"]["events"]["sequence"] == 1
        await talk.send(type="complete", id="1")
        await talk.subscribe("subscription { told: events { sequence } }")
        await until(lambda: doors.connections.all()[0].operations == 1)
        while True:
            await tell(database, viewer, lead)
            with_time = asyncio.create_task(talk.receive())
            done, _ = await asyncio.wait({with_time}, timeout=0.2)
            if done:
                assert list(with_time.result()["payload"]["data"]) == ["told"]
                break
            with_time.cancel()


class Stuck:
    """The server's side of a socket whose client subscribes, takes two messages, and nothing from then on."""

    def __init__(self) -> None:
        subscribe = {"id": "1", "type": "subscribe", "payload": {"query": EVENTS, "variables": {"after": place(0)}}}
        said = [{"type": "connection_init"}, subscribe]
        frames = [{"type": "websocket.receive", "text": json.dumps(each)} for each in said]
        self._frames = [{"type": "websocket.connect"}, *frames]
        self.took = 0
        self.hung_up = asyncio.Event()
        line = {"write": lambda frame: False, "abort": self.hung_up.set}
        self.scope = {
            "type": "websocket",
            "headers": [],
            "subprotocols": ["graphql-transport-ws"],
            "extensions": {EXTENSION: line},
        }

    async def receive(self) -> Any:
        if not self._frames:
            await self.hung_up.wait()
            return {"type": "websocket.disconnect", "code": 1006}
        return self._frames.pop(0)

    async def send(self, message: Any) -> None:
        if self.took == 2:
            await self.hung_up.wait()
        self.took += "next" in message.get("text", "")


@pytest.mark.parametrize("limits", [{"waiting_messages": 20}, {"send_timeout_seconds": 0.01}], ids=["behind", "late"])
async def test_an_event_stream_that_does_not_read_is_cut_off_and_counted(
    database: Database, viewer: Viewer, lead: str, limits: dict[str, Any]
) -> None:
    stuck, asked = asyncio.Event(), [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        return asked.pop() if asked else await stuck.wait()

    async def send(message: Any) -> None:
        if b"event: next" in message.get("body", b""):
            await stuck.wait()

    query = urlencode({"query": EVENTS, "variables": json.dumps({"after": place(0)})}).encode()
    scope = {"type": "http", "method": "GET", "path": "/graphql", "query_string": query}
    async with doors_of(database, viewer, **limits) as doors:
        headers = [(b"accept", b"text/event-stream")]
        serving = asyncio.create_task(doors.live.door.http({**scope, "headers": headers}, receive, send))
        await until(doors.connections.all)
        async with asyncio.timeout(PATIENCE):
            while not serving.done():
                await tell(database, viewer, lead, 10)
        await serving
        assert doors.connections.cut_off[ConnectionKind.GRAPHQL_SSE] == 1


async def test_a_socket_that_does_not_read_is_cut_off_and_the_others_hear_everything(
    database: Database, viewer: Viewer, lead: str
) -> None:
    limits = {"waiting_messages": 20, "send_timeout_seconds": 60.0}
    stuck, slow = Stuck(), ConnectionKind.GRAPHQL_WEBSOCKET
    async with doors_of(database, viewer, **limits) as doors, doors.live.talk() as good:
        serving = asyncio.create_task(doors.live.door.websocket(stuck.scope, stuck.receive, stuck.send))
        await good.subscribe(EVENTS, variables={"after": place(0)})
        await until(lambda: [each.operations for each in doors.connections.all()] == [1, 1])
        for number in range(1, 101):
            await tell(database, viewer, lead)
            assert (await good.receive())["payload"]["data"]["events"]["sequence"] == number
            if number <= 2:
                await until(lambda number=number: stuck.took == number)
            assert max(each.waiting for each in doors.connections.all()) <= 21
        async with asyncio.timeout(PATIENCE):
            await serving
        assert stuck.hung_up.is_set()
        assert doors.connections.cut_off[slow] == 1
        assert [each.sent for each in doors.connections.all()] == [100]


async def test_a_cursor_that_is_forgotten_is_told_at_both_doors(
    database: Database, viewer: Viewer, organization: str, lead: str
) -> None:
    await tell(database, viewer, lead, 5)
    await forget(database, organization, 3)
    async with doors_of(database, viewer) as doors:
        async with doors.live.talk() as talk:
            await talk.subscribe(EVENTS, variables={"after": place(1)})
            message = await talk.receive()
            assert (message["type"], message["id"]) == ("error", "1")
            assert message["payload"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
            await talk.subscribe(EVENTS, variables={"after": message["payload"][0]["extensions"]["oldestCursor"]})
            assert (await talk.receive())["payload"]["data"]["events"]["sequence"] == 4
        asked = {"query": "subscription{events{sequence}}"}
        headers = {**SSE, "Last-Event-ID": place(1)}
        response = await doors.live.client.get("/graphql", params=asked, headers=headers)
        (name, cursor, data), end = events_in(response.text)
        # An EventSource that comes back by itself goes on after the newest event, as it was told.
        assert (name, cursor) == ("next", place(5))
        assert data["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"
        assert end[0] == "complete"


async def test_an_event_source_is_told_when_to_come_back_and_resumes(
    database: Database, viewer: Viewer, lead: str
) -> None:
    await tell(database, viewer, lead, 2)
    asked = {"query": "subscription{events{cursor sequence}}"}
    async with doors_of(database, viewer) as doors:
        headers = {**SSE, "Last-Event-ID": place(0)}
        async with doors.live.client.stream("GET", "/graphql", params=asked, headers=headers) as response:
            assert response.headers["x-accel-buffering"] == "no"
            assert "no-cache" in response.headers["cache-control"]
            lines = response.aiter_lines()
            begin = [await anext(lines) for _ in range(3)]
            assert begin[:2] == [":", ""]
            assert 1_000 <= int(begin[2].removeprefix("retry: ")) < 2_000
            ids = [line async for line in _until(lines, 2)]
            (connection,) = doors.connections.all()
            assert (connection.kind, connection.operations) == (ConnectionKind.GRAPHQL_SSE, 1)
            doors.live.door.http.drain()
            rest = [line async for line in lines]
        assert ids == [f"id: {place(1)}", f"id: {place(2)}"]
        assert next(line for line in rest if line.startswith(("event", "retry"))).startswith("retry: ")
        assert doors.connections.all() == ()


async def _until(lines: AsyncIterator[str], ids: int) -> AsyncIterator[str]:
    async for line in lines:
        if line.startswith("id: "):
            yield line
            ids -= 1
            if ids == 0:
                return


async def test_draining_asks_every_socket_to_come_back(database: Database, viewer: Viewer, lead: str) -> None:
    async with doors_of(database, viewer) as doors:
        talks = [await Talk(await doors.live.socket()).init() for _ in range(3)]
        for talk in talks:
            await talk.subscribe(EVENTS, variables={"after": place(0)})
        await tell(database, viewer, lead)
        await doors.live.door.websocket.drain()
        for talk in talks:
            assert await talk.closed() == (1001, "The server is stopping; reconnect")
        assert doors.connections.all() == ()


def test_nothing_a_subscription_reaches_depends_on_more_than_what_viewers_share() -> None:
    """A field that tells of the viewer itself, or counts what it has left, must not be shared: none is in reach."""
    seen: set[str] = set()
    pending = ["Event"]
    while pending:
        kind: Any = graphql_schema.get_type(pending.pop())
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if is_abstract_type(kind):
            pending += [each.name for each in graphql_schema.get_possible_types(kind)]
        for field in plans.types[kind.name].fields.values() if kind.name in plans.types else ():
            assert not isinstance(field.form, Own | Service | Answer), f"{kind.name}.{field.name}"
            pending += [field.target] if field.target else []
    assert {"Lead", "Note", "User", "ApiClient"} <= seen

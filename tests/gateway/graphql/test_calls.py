"""What the log of calls learns of operations: their names, how they ended, what they cost; never what was sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from domain.audit import Door as AuditDoor
from domain.audit import Outcome
from gateway.calls import CallRecord
from gateway.middleware import Recorded, RequestIds
from tests.gateway.graphql.serving import Live, Talk
from tests.gateway.graphql.test_sse import EVENTS
from tests.gateway.graphql.world import VIEWER, Door, World, door_of

KEY = {"X-API-Key": "good"}


@dataclass
class Kept:
    """A door behind what records its calls."""

    door: Door
    calls: list[CallRecord] = field(default_factory=list)

    async def __call__(self, query: str, accept: str = "application/json", **more: Any) -> CallRecord:
        headers = {"Accept": accept, **KEY, **more.pop("headers", {})}
        async with self.client() as client:
            await client.post("/graphql", json={"query": query, **more}, headers=headers)
        (call,) = self.calls
        self.calls.clear()
        return call

    def client(self) -> httpx.AsyncClient:
        app = RequestIds(Recorded(self.door.http, self.calls.append))
        return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("192.0.2.7", 5)), base_url="http://door")


@pytest.fixture
def kept(door: Door) -> Kept:
    return Kept(door)


@pytest.mark.parametrize(
    ("query", "name", "operation"),
    [
        ("{ hello }", None, "query { hello }"),
        ("query Greet { hello aliased: colour(colour: RED) hello }", None, "query Greet { hello, colour }"),
        ("query A { hello } mutation B { touch }", "B", "mutation B { touch }"),
        ("{ ...F } fragment F on Query { who hello }", None, "query { who, hello }"),
        (f"query {'x' * 65} {{ hello }}", None, "query { hello }"),
        ("query tgcu_dGhpcyBpcyBhIGtleQ { hello }", None, "query { hello }"),
        ('query Q { hello(name: "a secret") }', None, "query Q { hello }"),
        ("query Introspect { __schema { queryType { name } } }", None, "query Introspect { __schema }"),
    ],
)
async def test_an_operation_is_known_by_its_name_and_fields(
    kept: Kept, query: str, name: str | None, operation: str
) -> None:
    call = await kept(query, operationName=name)
    assert (call.door, call.operation, call.status, call.address) == (AuditDoor.GRAPHQL, operation, 200, "192.0.2.7")
    assert (call.viewer, call.outcome, call.code) == (VIEWER, Outcome.DONE, None)


async def test_many_fields_are_counted_not_listed(kept: Kept) -> None:
    names = "hello who number colour(colour: RED) echo fault(say: 1)".replace(" fault(say: 1)", "")
    call = await kept(f"{{ {names} deliberate bug refused denied strict tooMany {{ points }} }}")
    expected = "query { hello, who, number, colour, echo, deliberate, bug, refused, denied, strict, 1 more }"
    assert call.operation == expected


@pytest.mark.parametrize(
    ("query", "outcome", "code", "status", "operation"),
    [
        ("{", "REFUSED", "GRAPHQL_PARSE_FAILED", 200, "POST /graphql"),
        ("{ missing }", "REFUSED", "GRAPHQL_VALIDATION_FAILED", 200, "POST /graphql"),
        ("{ leads(first: 500) { totalCount } }", "REFUSED", "PAGE_LIMIT_EXCEEDED", 200, "query { leads }"),
        ("{ denied }", "REFUSED", "FORBIDDEN", 200, "query { denied }"),
        ("{ bug }", "FAILED", "INTERNAL_ERROR", 200, "query { bug }"),
        ("{ denied bug }", "FAILED", "INTERNAL_ERROR", 200, "query { denied, bug }"),
        ("subscription { plain }", "REFUSED", "SUBSCRIPTION_NEEDS_STREAM", 400, "subscription { plain }"),
    ],
)
async def test_how_an_operation_ended(
    kept: Kept, query: str, outcome: str, code: str, status: int, operation: str
) -> None:
    call = await kept(query)
    assert (call.outcome, call.code, call.status, call.operation) == (outcome, code, status, operation)


async def test_what_a_payload_refuses_is_refused(world: World) -> None:
    door = door_of(world)

    def refusing(*arguments: Any, **named: Any) -> Any:
        context = World.make_context(world, *arguments, **named)
        context.refused.append("UNKNOWN_SOURCE")
        return context

    door.http.door.pipeline._make_context = refusing
    call = await Kept(door)("mutation { touch }")
    assert (call.outcome, call.code, call.cost) == (Outcome.REFUSED, "UNKNOWN_SOURCE", 10)


async def test_a_refused_credential_and_an_unreadable_request(kept: Kept) -> None:
    wrong = await kept("{ hello }", headers={"X-API-Key": "wrong"})
    assert (wrong.viewer, wrong.code, wrong.status, wrong.operation) == (None, "UNAUTHENTICATED", 401, "POST /graphql")
    unread = await kept("")
    assert (unread.viewer, unread.code, unread.status) == (VIEWER, "BAD_REQUEST", 400)
    unspoken = await kept("{ hello }", "text/plain")
    assert (unspoken.code, unspoken.status, unspoken.operation) == ("NOT_ACCEPTABLE", 406, "POST /graphql")
    async with kept.client() as client:
        await client.request("SECRET-IN-METHOD", "/graphql")
    assert [call.operation for call in kept.calls] == ["OTHER /graphql"]


async def test_a_preflight_is_no_call(kept: Kept) -> None:
    async with kept.client() as client:
        await client.options("/graphql")
    assert [call.door for call in kept.calls] == [None]


async def test_a_client_that_leaves_is_known_to_have_left(kept: Kept) -> None:
    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        pytest.fail("nobody is there")

    headers = [(b"content-type", b"application/json"), (b"x-api-key", b"good")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await RequestIds(Recorded(kept.door.http, kept.calls.append))(scope, receive, send)
    (call,) = kept.calls
    assert (call.status, call.code, call.outcome) == (None, "NOT_ANSWERED", Outcome.REFUSED)


async def test_a_bug_on_the_way_out_is_a_failure() -> None:
    calls: list[CallRecord] = []

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no")

    app = RequestIds(Recorded(broken, calls.append))
    with pytest.raises(RuntimeError, match="no"):
        await app({"type": "http", "headers": []}, None, None)  # type: ignore[arg-type]
    assert (calls[0].outcome, calls[0].status, calls[0].code) == (Outcome.FAILED, 500, "INTERNAL_ERROR")


async def test_an_event_stream_is_recorded_when_it_is_opened(kept: Kept) -> None:
    app = RequestIds(Recorded(kept.door.http, kept.calls.append))
    asked, gone = [{"type": "http.request", "body": b"", "more_body": False}], asyncio.Event()

    async def receive() -> Any:
        if not asked:
            await gone.wait()
            return {"type": "http.disconnect"}
        return asked.pop()

    async def send(_message: Any) -> None:
        return None

    headers = [(b"accept", EVENTS.encode()), (b"x-api-key", b"good")]
    scope = {"type": "http", "method": "GET", "path": "/graphql", "headers": headers}
    stream = asyncio.create_task(app({**scope, "query_string": b"query=subscription{forever{number}}"}, receive, send))
    await kept.door.world.started.wait()
    assert [(call.operation, call.outcome) for call in kept.calls] == [("subscription { forever }", Outcome.DONE)]
    gone.set()
    await stream
    assert len(kept.calls) == 1


async def test_every_operation_of_a_socket_is_a_call(live: Live) -> None:
    calls = live.door.world.calls
    async with live.talk(KEY) as talk:
        await talk.subscribe("query Greet { hello }", "1")
        assert [(await talk.receive())["type"] for _ in range(2)] == ["next", "complete"]
        await talk.subscribe("{ missing }", "2")
        await talk.receive()
        await talk.subscribe("subscription { forever { number } }", "3")
        await talk.receive()
        told = [(call.operation, call.code, call.outcome) for call in calls]
        assert told == [
            ("connection_init", None, Outcome.DONE),
            ("query Greet { hello }", None, Outcome.DONE),
            ("subscribe", "GRAPHQL_VALIDATION_FAILED", Outcome.REFUSED),
            ("subscription { forever }", None, Outcome.DONE),
        ]
        await talk.subscribe("{ slow }", "4")
        live.door.world.started.clear()
        await live.door.world.started.wait()
        await talk.send(type="complete", id="4")
        await talk.send(type="ping")
        await talk.receive()
    assert calls[-1].code == "NOT_ANSWERED"
    assert {call.door for call in calls} == {AuditDoor.GRAPHQL}
    assert {call.viewer for call in calls} == {VIEWER}
    assert {call.address for call in calls} == {"127.0.0.1"}
    assert len({call.request_id for call in calls}) == len(calls) == 5


async def test_a_socket_that_is_not_opened_is_a_call_too(live: Live) -> None:
    async with live.socket() as connection:
        talk = Talk(connection)
        await talk.send(type="connection_init", payload={"X-API-Key": "wrong"})
        await talk.closed()
    (call,) = live.door.world.calls
    assert (call.operation, call.code, call.viewer) == ("connection_init", "UNAUTHENTICATED", None)

"""Streams that are open when access changes: how sockets and event streams end, and what goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.permissions import Permission
from tests.gateway.graphql.serving import Live, Talk
from tests.gateway.graphql.test_sse import EVENTS, events_in
from tests.gateway.graphql.world import VIEWER, World

FOREVER = "subscription { forever { number } }"
KEY = {"X-API-Key": "good"}


def revoke(live: Live) -> None:
    """Have the key refused from now on, and say so."""
    live.door.world.viewers.pop("good")
    live.door.guard.heard(frozenset({VIEWER.client_id}))


def promote(live: Live) -> None:
    """Have the key stand for more than before, and say so."""
    more = replace(VIEWER, permissions=VIEWER.permissions | {Permission.WRITE_LEADS})
    live.door.world.viewers["good"] = more
    live.door.guard.heard(frozenset({"user_1"}))


async def test_a_socket_whose_key_is_revoked_is_closed_with_4401_and_the_reason(live: Live) -> None:
    async with live.talk(KEY) as talk:
        await talk.subscribe(FOREVER)
        await talk.receive()
        revoke(live)
        assert await talk.closed() == (4401, "The API key is not valid.")
    assert live.door.world.closed == 1


async def test_a_socket_whose_rights_change_is_asked_to_come_back(live: Live) -> None:
    async with live.talk(KEY) as talk:
        promote(live)
        code, reason = await talk.closed()
    assert (code, reason) == (1012, "What you may do has changed; open the stream again.")
    async with live.talk(KEY) as again:
        await again.subscribe("{ who }")
        assert (await again.receive())["payload"]["data"] == {"who": "Ann"}


async def test_nothing_follows_and_what_runs_is_cancelled(live: Live) -> None:
    async with live.talk(KEY) as talk:
        await talk.subscribe("{ slow }", "slow")
        await live.door.world.started.wait()
        revoke(live)
        assert (await talk.closed())[0] == 4401
        with pytest.raises(Exception, match="4401"):
            await talk.connection.recv()
    assert live.door.world.ended.is_set()


async def test_other_sockets_stay(live: Live) -> None:
    live.door.world.viewers["Bearer other"] = replace(VIEWER, client_id="client_2", user_id="user_2")
    async with live.talk() as anonymous, live.talk({"Authorization": "Bearer other"}) as other:
        revoke(live)
        for talk in (anonymous, other):
            await talk.subscribe("{ hello }")
            assert (await talk.receive())["payload"]["data"] == {"hello": "hello world"}


async def test_a_socket_ends_with_its_token(live: Live) -> None:
    world = live.door.world
    world.viewers["good"] = replace(VIEWER, expires_at=world.clock.at + timedelta(seconds=1))
    async with live.talk(KEY) as talk:
        await talk.subscribe("{ hello }")
        assert (await talk.receive())["type"] == "next"
        world.viewers.pop("good")
        world.clock.advance(seconds=1)
        assert (await talk.closed())[0] == 4401


async def test_a_key_that_is_revoked_during_the_handshake_opens_nothing_for_long(world: World, live: Live) -> None:
    looked, go_on = asyncio.Event(), asyncio.Event()
    known = world.authenticate

    async def slowly(headers: Any, address: str | None) -> Any:
        viewer = await known(headers, address)
        if not looked.is_set():
            looked.set()
            await go_on.wait()
        return viewer

    object.__setattr__(live.door.websocket._door, "authenticate", slowly)
    async with live.socket() as connection:
        talk = Talk(connection)
        await talk.send(type="connection_init", payload=KEY)
        await looked.wait()
        revoke(live)
        go_on.set()
        assert (await talk.closed())[0] == 4401


@asynccontextmanager
async def streaming(live: Live, query: str = FOREVER, **headers: str) -> AsyncIterator[httpx.Response]:
    """An event stream that has begun."""
    request = {"json": {"query": query}, "headers": {"Accept": EVENTS, **headers}}
    async with live.client.stream("POST", "/graphql", **request) as response:  # type: ignore[arg-type]
        await live.door.world.started.wait()
        yield response


async def rest_of(response: httpx.Response) -> list[tuple[str, str | None, Any]]:
    """What a stream says until it ends."""
    async with asyncio.timeout(5):
        return events_in("".join([chunk async for chunk in response.aiter_text()]))


async def test_an_event_stream_whose_key_is_revoked_tells_why_and_completes(live: Live) -> None:
    async with streaming(live, **KEY) as response:
        revoke(live)
        first, (name, _, data), end = await rest_of(response)
    assert first[2] == {"data": {"forever": {"number": 1}}}
    assert (name, end) == ("next", ("complete", None, None))
    assert "data" not in data
    assert data["errors"][0]["message"] == "The API key is not valid."
    assert data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert live.door.world.closed == 1


async def test_an_event_stream_whose_rights_change_says_so(live: Live) -> None:
    async with streaming(live, **KEY) as response:
        promote(live)
        told = await rest_of(response)
    assert told[-2][2]["errors"][0]["extensions"]["code"] == "ACCESS_CHANGED"
    assert told[-1] == ("complete", None, None)


async def test_an_event_stream_of_nobody_stays(live: Live) -> None:
    async with streaming(live) as response:
        revoke(live)
        live.door.world.gate.set()
        numbers = []
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                numbers.append(json.loads(line[6:])["data"]["forever"]["number"])
            if len(numbers) == 3:
                break
    assert numbers == [1, 2, 3]


async def test_a_client_that_does_not_read_loses_its_stream_all_the_same(world: World, live: Live) -> None:
    world.gate.set()
    asked = [{"type": "http.request", "body": b"", "more_body": False}]
    stuck, writing = asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        if not asked:
            await stuck.wait()
        return asked.pop()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if b"event: next" in message.get("body", b""):
            writing.set()
            await stuck.wait()

    scope = {"type": "http", "method": "GET", "path": "/graphql"}
    headers = [(b"accept", EVENTS.encode()), (b"x-api-key", b"good")]
    query = b"query=subscription{forever{number}}"
    serving = asyncio.create_task(live.door.http({**scope, "headers": headers, "query_string": query}, receive, send))
    await writing.wait()
    revoke(live)
    async with asyncio.timeout(1):
        await serving
    assert world.opened == world.closed == 1
    assert all(message.get("more_body", True) for message in sent)


async def test_a_client_that_does_not_read_loses_its_socket_all_the_same(world: World, live: Live) -> None:
    frames = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": json.dumps({"type": "connection_init", "payload": KEY})},
        {
            "type": "websocket.receive",
            "text": json.dumps({"type": "subscribe", "id": "1", "payload": {"query": FOREVER}}),
        },
    ]
    stuck, writing = asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        if not frames:
            await stuck.wait()
        return frames.pop(0)

    async def send(message: Any) -> None:
        if writing.is_set() or '"next"' in message.get("text", ""):
            writing.set()
            await stuck.wait()

    scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": ["graphql-transport-ws"]}
    serving = asyncio.create_task(live.door.websocket(scope, receive, send))
    await writing.wait()
    revoke(live)
    async with asyncio.timeout(1):
        await serving
    assert world.opened == world.closed == 1


@pytest.mark.parametrize(
    ("handshake", "payload"),
    [
        ({"Authorization": "Bearer good"}, {"Authorization": "Bearer other"}),
        ({"X-API-Key": "good"}, {"headers": {"x-api-key": "other"}}),
        ({}, {"x-api-key": "good", "X-Api-Key": "other"}),
        ({}, {"x-api-key": "good", "headers": {"X-API-Key": "other"}}),
        ({"X-API-Secret": "one"}, {"X-API-Key": "good", "X-API-Secret": "two"}),
    ],
)
async def test_sources_that_disagree_open_no_socket(
    live: Live, handshake: dict[str, str], payload: dict[str, Any]
) -> None:
    live.door.world.viewers |= {"other": VIEWER, "Bearer other": VIEWER}
    async with live.socket(**handshake) as connection:
        talk = Talk(connection)
        await talk.send(type="connection_init", payload=payload)
        assert await talk.closed() == (4403, "The handshake and connection_init carry different credentials.")


async def test_sources_that_agree_open_a_socket(live: Live) -> None:
    async with live.socket(**KEY) as connection:
        talk = await Talk(connection).init({**KEY, "headers": {"x-api-key": "good"}})
        await talk.subscribe("{ who }")
        assert (await talk.receive())["payload"]["data"] == {"who": "Ann"}


async def test_a_header_that_is_repeated_with_another_value_is_no_credential(live: Live) -> None:
    live.door.world.viewers["other"] = VIEWER
    headers = [("X-API-Key", "good"), ("X-API-Key", "other"), ("Content-Type", "application/json")]
    refused = await live.client.post("/graphql", content='{"query": "{ who }"}', headers=headers)
    assert refused.status_code == 401

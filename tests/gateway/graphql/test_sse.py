"""Event streams in the distinct connections mode."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.gateway.graphql.serving import Live, serving
from tests.gateway.graphql.world import Door, World, door_of

EVENTS = "text/event-stream"


def events_in(text: str) -> list[tuple[str, str | None, Any]]:
    """(event, id, data) of every event; comments are left out."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "data" not in fields:
            continue
        data = fields["data"].strip()
        place = fields.get("id")
        found.append((fields["event"].strip(), place and place.strip(), json.loads(data) if data else None))
    return found


async def test_a_subscription_is_streamed_to_its_end(door: Door) -> None:
    response = await door.post("subscription { count(to: 2) { cursor number } }", EVENTS)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{EVENTS}; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache, no-store, no-transform"
    assert response.headers["x-request-id"].startswith("req_")
    assert events_in(response.text) == [
        ("next", "c1", {"data": {"count": {"cursor": "c1", "number": 1}}}),
        ("next", "c2", {"data": {"count": {"cursor": "c2", "number": 2}}}),
        ("complete", None, None),
    ]
    assert (door.world.opened, door.world.closed) == (1, 1)


async def test_an_event_source_subscribes_by_get(door: Door) -> None:
    parameters = {"query": "subscription { count(to: 1) { number } }"}
    response = await door.client.get("/graphql", params=parameters, headers={"Accept": EVENTS})
    assert events_in(response.text)[0] == ("next", None, {"data": {"count": {"number": 1}}})


async def test_a_client_that_lists_all_types_gets_its_subscription(door: Door) -> None:
    accept = "application/graphql-response+json, application/json, text/event-stream"
    assert "event: next" in (await door.post("subscription { plain }", accept)).text
    assert (await door.post("{ hello }", accept)).json()["data"] == {"hello": "hello world"}


async def test_the_last_event_id_resumes(door: Door) -> None:
    for query in (
        "subscription { count(to: 3) { cursor } }",
        'subscription { count(to: 3, after: "c0") { cursor } }',
        "subscription ($after: String) { count(to: 3, after: $after) { cursor } }",
    ):
        resumed = await door.post(query, EVENTS, headers={"Last-Event-ID": "c2"}, variables={"after": "c0"})
        assert [place for _, place, _ in events_in(resumed.text)] == ["c3", None]
        anew = await door.post(query, EVENTS, headers={"Last-Event-ID": ""}, variables={"after": "c0"})
        assert [place for _, place, _ in events_in(anew.text)] == ["c1", "c2", "c3", None]


async def test_queries_mutations_and_faults_are_told_inside_the_stream(door: Door) -> None:
    for query, check in (
        ("{ hello }", lambda data: data["data"] == {"hello": "hello world"}),
        ("mutation { touch }", lambda data: data["data"] == {"touch": 1}),
        ("{ missing }", lambda data: data["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"),
        ("{", lambda data: data["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"),
        (
            "subscription { denied { cursor } }",
            lambda data: data["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED",
        ),
        ("subscription { bug { cursor } }", lambda data: data["errors"][0]["message"] == "Internal error"),
    ):
        response = await door.post(query, EVENTS)
        assert response.status_code == 200
        (name, _, data), end = events_in(response.text)
        assert name == "next"
        assert check(data)
        assert end == ("complete", None, None)


async def test_faults_around_the_request_keep_their_status(door: Door) -> None:
    wrong = await door.post("subscription { plain }", EVENTS, headers={"Authorization": "wrong"})
    assert wrong.status_code == 401
    malformed = await door.client.post("/graphql", json=1, headers={"Accept": EVENTS})
    assert malformed.status_code == 400
    assert malformed.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(("field", "code"), [("breaks", "INTERNAL_ERROR"), ("expires", "CONFLICT")])
async def test_a_source_that_breaks_ends_the_stream_with_an_error(door: Door, field: str, code: str) -> None:
    response = await door.post(f"subscription {{ {field} {{ number }} }}", EVENTS)
    first, (_, _, data), end = events_in(response.text)
    assert first[2] == {"data": {field: {"number": 1}}}
    assert data["errors"][0]["extensions"]["code"] == code
    assert "10.0.0.1" not in response.text
    assert end[0] == "complete"


async def test_a_bug_in_one_event_leaves_the_stream_open(door: Door) -> None:
    response = await door.post("subscription { count(to: 2) { number bug } }", EVENTS)
    first, second, _ = events_in(response.text)
    assert first[2]["data"] == {"count": {"number": 1, "bug": None}}
    assert second[2]["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"


async def test_opening_and_each_event_have_their_time(world: World) -> None:
    door = door_of(world, operation_timeout_seconds=0.01)
    opening = await door.post("subscription { slow { number } }", EVENTS)
    assert opening.status_code == 504
    response = await door.post("subscription { count(to: 1) { number slow } }", EVENTS)
    (_, _, data), _ = events_in(response.text)
    assert data["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert world.closed == 1


async def test_the_source_is_closed_when_the_client_leaves(live: Live) -> None:
    before = len(asyncio.all_tasks())
    request = {"json": {"query": "subscription { forever { number } }"}, "headers": {"Accept": EVENTS}}
    async with live.client.stream("POST", "/graphql", **request) as response:
        async for line in response.aiter_lines():
            if line.startswith("data"):
                break
    async with asyncio.timeout(10):
        await live.door.world.ended.wait()
    assert live.door.world.closed == 1
    await settled(before)


async def settled(before: int) -> None:
    """No more tasks than before; the server needs a few turns of the loop to notice."""
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - nothing signals that a task is gone
            await asyncio.sleep(0)


async def test_a_silent_stream_is_kept_alive(world: World) -> None:
    door = door_of(world, keep_alive_seconds=0.01)
    async with serving(door) as live:
        request = {"json": {"query": "subscription { forever { number } }"}, "headers": {"Accept": EVENTS}}
        async with live.client.stream("POST", "/graphql", **request) as response:
            beats = 0
            async for line in response.aiter_lines():
                beats += line == ":"
                if beats == 3:
                    break
    assert beats == 3


async def test_draining_completes_open_streams(live: Live) -> None:
    request = {"json": {"query": "subscription { forever { number } }"}, "headers": {"Accept": EVENTS}}
    async with live.client.stream("POST", "/graphql", **request) as response:
        await live.door.world.started.wait()
        live.door.http.drain()
        async with asyncio.timeout(10):
            text = "".join([chunk async for chunk in response.aiter_text()])
    assert "event: next" in text
    assert live.door.world.closed == 1


async def test_a_source_that_was_never_read_is_closed(door: Door) -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Any) -> None:
        raise OSError("gone")

    scope = {"type": "http", "method": "GET", "path": "/graphql", "headers": [(b"accept", EVENTS.encode())]}
    with pytest.raises(OSError, match="gone"):
        await door.http({**scope, "query_string": b"query=subscription{held{number}}"}, receive, send)
    assert (door.world.opened, door.world.closed) == (1, 1)


async def test_a_client_that_does_not_read_is_given_up(world: World) -> None:
    door = door_of(world, send_timeout_seconds=0.01)
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Any:
        if not asked:
            await world.gate.wait()
        return asked.pop()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if b"event: next" in message.get("body", b""):
            await world.gate.wait()

    scope = {"type": "http", "method": "GET", "path": "/graphql", "headers": [(b"accept", EVENTS.encode())]}
    await door.http({**scope, "query_string": b"query=subscription{forever{number}}"}, receive, send)
    assert world.closed == 1
    assert all(message.get("more_body", True) for message in sent)

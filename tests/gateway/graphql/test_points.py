"""Operations are paid for before they run: by their client, or by the address of whoever has none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gateway.graphql.serving import Live, Talk, serving
from tests.gateway.graphql.test_sse import EVENTS, events_in
from tests.gateway.graphql.world import VIEWER, Door, World, door_of

GRAPHQL = "application/graphql-response+json"
KEY = {"X-API-Key": "good"}
INTROSPECTION = "{ __schema { queryType { name } } }"
REFUSED = {
    "code": "RATE_LIMITED",
    "limit": 30,
    "remaining": 9,
    "resetAt": "2024-01-15T14:31:00Z",
    "retryAfter": 60,
}


@pytest.fixture
def poor(door: Door) -> Door:
    """A door whose clients have thirty points a minute, and no more."""
    door.purse.most = 30
    return door


@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_an_operation_too_dear_is_refused_with_429_and_does_not_run(poor: Door, accept: str) -> None:
    poor.purse.used["client_1"] = 21
    answer = await poor.post("mutation { touch }", accept, headers=KEY)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "60"
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    (error,) = answer.json()["errors"]
    assert error["extensions"] | {"requestId": ""} == REFUSED | {"requestId": ""}
    assert "data" not in answer.json()
    assert poor.world.touched == 0
    # What is refused is charged nowhere, so something cheaper still fits.
    assert (await poor.post("{ hello }", accept, headers=KEY)).status_code == 200


async def test_the_wait_is_what_is_left_of_the_minute(poor: Door) -> None:
    poor.purse.used["client_1"] = 21
    poor.world.clock.advance(seconds=47)
    answer = await poor.post("mutation { touch }", headers=KEY)
    assert answer.headers["retry-after"] == "13"


async def test_an_answer_tells_what_is_left(poor: Door) -> None:
    first, second = [(await poor.post("mutation { touch }", headers=KEY)).json() for _ in range(2)]
    assert first["extensions"]["cost"] == {
        "requested": 10,
        "maximum": 10_000,
        "nodes": 0,
        "limit": 30,
        "remaining": 20,
        "resetAt": "2024-01-15T14:31:00Z",
    }
    assert second["extensions"]["cost"]["remaining"] == 10


@pytest.mark.parametrize(("query", "points"), [(INTROSPECTION, 100), ("{ __typename }", 1), ("{ hello }", 1)])
async def test_everything_costs_something(door: Door, query: str, points: int) -> None:
    await door.post(query, headers=KEY)
    assert door.purse.used == {"client_1": points}


@pytest.mark.parametrize(
    "query", ["{", "{ missing }", "{ leads(first: 500) { totalCount } }", "query ($p: Point!) { x }"]
)
async def test_what_is_not_run_is_not_charged(door: Door, query: str) -> None:
    await door.post(query, headers=KEY)
    assert door.purse.used == {}


async def test_whoever_has_no_credential_pays_by_address(world: World) -> None:
    door = door_of(world, anonymous_points=150)
    assert (await door.post(INTROSPECTION)).status_code == 200
    refused = await door.post(INTROSPECTION)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["limit"] == 150
    assert (await door.post(INTROSPECTION, headers=KEY)).status_code == 200
    assert door.purse.used == {"graphql 127.0.0.1": 100, "client_1": 100}


async def test_an_event_stream_reads_the_refusal_inside(poor: Door) -> None:
    poor.purse.used["client_1"] = 30
    for query in ("{ hello }", "subscription { plain }"):
        answer = await poor.post(query, EVENTS, headers=KEY)
        (name, _, data), end = events_in(answer.text)
        assert (answer.status_code, name, end[0]) == (200, "next", "complete")
        assert data["errors"][0]["extensions"] | {"requestId": ""} == REFUSED | {"remaining": 0, "requestId": ""}


async def test_a_subscription_is_charged_when_it_is_opened(door: Door) -> None:
    await door.post("subscription { count(to: 5) { number } }", EVENTS, headers=KEY)
    assert door.purse.used == {"client_1": 1}


async def test_a_socket_reads_the_refusal_of_one_operation(world: World) -> None:
    door = door_of(world)
    door.purse.most = 30
    door.purse.used["client_1"] = 21
    async with serving(door) as live, live.talk(KEY) as talk:
        for query in ("mutation { touch }", "subscription { count(to: 1) { number } }"):
            door.purse.used["client_1"] = 21 if "mutation" in query else 30
            await talk.subscribe(query)
            message = await talk.receive()
            assert (message["type"], message["id"]) == ("error", "1")
            assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
            assert message["payload"][0]["extensions"]["retryAfter"] == 60
        door.purse.used["client_1"] = 0
        await talk.subscribe("{ hello }")
        assert (await talk.receive())["payload"]["extensions"]["cost"]["remaining"] == 29


async def test_a_socket_pays_by_the_tier_it_has_now(live: Live) -> None:
    """A change that leaves the rights as they are closes nothing, but counts from then on."""
    world, door = live.door.world, live.door
    async with live.talk(KEY) as talk:
        world.viewers["good"] = replace(VIEWER, tier="Enterprise", client_id=VIEWER.client_id)
        door.guard.heard(frozenset({VIEWER.client_id}))
        await ask(talk)
        assert world.contexts[-1]["viewer"].tier == "Enterprise"


async def ask(talk: Talk) -> None:
    # The look runs beside the socket; its end is not told, so a few operations give it its turns.
    for _ in range(5):
        await talk.subscribe("{ hello }")
        assert [(await talk.receive())["type"] for _ in range(2)] == ["next", "complete"]

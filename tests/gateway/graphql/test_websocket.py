"""The graphql-transport-ws protocol over a real server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.gateway.graphql.serving import Live, Talk, serving
from tests.gateway.graphql.test_sse import settled
from tests.gateway.graphql.world import Door, World, door_of

COUNT = "subscription ($to: Int!) { count(to: $to) { number } }"
FOREVER = "subscription { forever { number } }"


async def test_a_subscription_from_start_to_end(live: Live) -> None:
    async with live.talk() as talk:
        assert talk.connection.subprotocol == "graphql-transport-ws"
        await talk.subscribe(COUNT, variables={"to": 2})
        for number in (1, 2):
            payload = {"data": {"count": {"number": number}}}
            assert await talk.receive() == {"id": "1", "type": "next", "payload": payload}
        assert await talk.receive() == {"id": "1", "type": "complete"}
        await talk.subscribe("{ hello }")
        assert (await talk.receive())["payload"]["data"] == {"hello": "hello world"}


async def test_queries_and_mutations_have_one_result(live: Live) -> None:
    async with live.talk() as talk:
        query = "query A($n: String) { hello(name: $n) } mutation B { touch }"
        await talk.subscribe(query, "a", operationName="A", variables={"n": "Zoë"}, extensions={"x": 1})
        answer = await talk.receive()
        assert answer["payload"]["data"] == {"hello": "hello Zoë"}
        assert answer["payload"]["extensions"]["cost"]["maximum"] == 10_000
        assert await talk.receive() == {"id": "a", "type": "complete"}
        await talk.subscribe(query, "b", operationName="B", variables=None)
        assert (await talk.receive())["payload"]["data"] == {"touch": 1}


async def test_operations_run_side_by_side(live: Live) -> None:
    async with live.talk() as talk:
        await talk.subscribe(FOREVER, 'one "1"')
        assert (await talk.receive())["id"] == 'one "1"'
        await talk.subscribe("{ hello }", "two")
        assert [(await talk.receive())["id"] for _ in range(2)] == ["two", "two"]
        live.door.world.gate.set()
        assert (await talk.receive())["payload"]["data"] == {"forever": {"number": 2}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ missing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("query ($p: Point!) { add(point: $p) }", "BAD_USER_INPUT"),
        ("{ leads(first: 500) { totalCount } }", "PAGE_LIMIT_EXCEEDED"),
        ("subscription { denied { number } }", "UNAUTHENTICATED"),
        ("subscription { bug { number } }", "INTERNAL_ERROR"),
        ("subscription { plain number: plain }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_fault_of_one_operation_is_an_error_message_and_nothing_more(live: Live, query: str, code: str) -> None:
    async with live.talk() as talk:
        for _ in range(2):
            await talk.subscribe(query)
            message = await talk.receive()
            assert (message["id"], message["type"]) == ("1", "error")
            assert message["payload"][0]["extensions"]["code"] == code
            assert message["payload"][0]["extensions"]["requestId"].startswith("req_")
        await talk.subscribe("{ hello }")
        assert (await talk.receive())["type"] == "next"


async def test_errors_of_fields_come_with_the_result(live: Live) -> None:
    async with live.talk() as talk:
        await talk.subscribe("{ hello bug }")
        message = await talk.receive()
        assert message["type"] == "next"
        assert message["payload"]["errors"][0]["message"] == "Internal error"


@pytest.mark.parametrize(("field", "code"), [("breaks", "INTERNAL_ERROR"), ("expires", "CONFLICT")])
async def test_a_source_that_breaks_ends_with_an_error_message(live: Live, field: str, code: str) -> None:
    async with live.talk() as talk:
        await talk.subscribe(f"subscription {{ {field} {{ number }} }}")
        assert (await talk.receive())["type"] == "next"
        message = await talk.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == code
        await talk.send(type="ping")
        assert await talk.receive() == {"type": "pong"}


@pytest.mark.parametrize("protocols", [("graphql-ws",), ("other", "graphql-transport-ws2")])
async def test_other_protocols_are_closed_with_4406(live: Live, protocols: tuple[str, ...]) -> None:
    async with live.socket(*protocols) as connection:
        code, reason = await Talk(connection).closed()
    assert code == 4406
    assert "graphql-transport-ws" in reason


async def test_our_protocol_is_chosen_among_others(live: Live) -> None:
    async with live.socket("graphql-ws", "graphql-transport-ws") as connection:
        assert connection.subprotocol == "graphql-transport-ws"


async def test_init_has_to_come_in_time(world: World) -> None:
    async with serving(door_of(world, connection_init_timeout_seconds=0.01)) as live, live.socket() as connection:
        assert await Talk(connection).closed() == (4408, "Connection initialisation timeout")


async def test_a_second_init_is_closed_with_4429(live: Live) -> None:
    async with live.talk() as talk:
        await talk.send(type="connection_init")
        assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_subscribing_before_init_is_closed_with_4401(live: Live) -> None:
    async with live.socket() as connection:
        talk = Talk(connection)
        await talk.subscribe("{ hello }")
        code, reason = await talk.closed()
        assert code == 4401
        assert reason.startswith("Unauthorized")


async def test_pings_are_answered_also_before_init(live: Live) -> None:
    async with live.socket() as connection:
        talk = Talk(connection)
        await talk.send(type="ping")
        assert await talk.receive() == {"type": "pong"}
        await talk.send(type="ping", payload={"at": [1, "ü"]})
        assert await talk.receive() == {"type": "pong", "payload": {"at": [1, "ü"]}}
        await talk.send(type="ping", payload=None)
        await talk.send(type="pong", payload={})
        assert await talk.receive() == {"type": "pong"}


async def test_the_server_pings(world: World) -> None:
    async with serving(door_of(world, keep_alive_seconds=0.01)) as live, live.talk() as talk:
        assert await talk.receive() == {"type": "ping"}
        await talk.send(type="pong")
        assert await talk.receive() == {"type": "ping"}


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer good"},
        {"authorization": "Bearer good"},
        {"x-api-key": "good"},
        {"X-API-Key": "good"},
        {"headers": {"Authorization": "Bearer good"}},
        {"authorization": "Bearer good", "headers": {"Authorization": "Bearer good", "other": 1}},
    ],
)
async def test_the_payload_of_init_carries_the_credential(live: Live, payload: dict[str, Any]) -> None:
    async with live.talk(payload) as talk:
        await talk.subscribe("{ who }")
        assert (await talk.receive())["payload"]["data"] == {"who": "Ann"}


async def test_the_handshake_may_carry_the_credential(live: Live) -> None:
    async with live.socket(Authorization="Bearer good") as connection:
        talk = await Talk(connection).init()
        await talk.subscribe("{ who }")
        assert (await talk.receive())["payload"]["data"] == {"who": "Ann"}


@pytest.mark.parametrize(
    ("payload", "code", "says"),
    [
        ({"authorization": "Bearer wrong"}, 4403, "The API key is not valid."),
        ({"authorization": 1}, 4400, "must be a string"),
        ({"headers": {"X-Api-Key": None}}, 4400, "must be a string"),
        ({"authorization": "Bearer busy"}, 1013, "Too many requests."),
        ({"authorization": "Bearer bug"}, 1011, "Internal error"),
    ],
)
async def test_a_wrong_credential_closes_the_socket(live: Live, payload: dict[str, Any], code: int, says: str) -> None:
    async with live.socket() as connection:
        talk = Talk(connection)
        await talk.send(type="connection_init", payload=payload)
        closed, reason = await talk.closed()
        assert closed == code
        assert says in reason


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        ("", "not JSON"),
        ("x", "not JSON"),
        ("NaN", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"type": "ping", "payload": {"a": ' + "[" * 300 + "]" * 300 + "}}", "not JSON"),
        ('{"type": "subscribe", "id": "\\ud800"}', "not JSON"),
        ("1", "a JSON object"),
        ("null", "a JSON object"),
        ("[]", "a JSON object"),
        ('"ping"', "a JSON object"),
        ("{}", "`type` must be a string"),
        ('{"type": 1}', "`type` must be a string"),
        ('{"type": "start"}', "unknown type 'start'"),
        ('{"type": "' + "ü" * 500 + '"}', "unknown type"),
        ('{"type": "next", "id": "1"}', "unknown type 'next'"),
        ('{"type": "connection_ack"}', "unknown type"),
        ('{"type": "connection_init", "payload": []}', "`payload` of connection_init must be an object"),
        ('{"type": "ping", "payload": 1}', "`payload` of ping must be an object"),
        ('{"type": "pong", "payload": "x"}', "`payload` of pong must be an object"),
        ('{"type": "subscribe", "payload": {"query": "{ hello }"}}', "`id` is required"),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{ hello }"}}', "`id` must be"),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{ hello }"}}', "`id` must be"),
        ('{"type": "subscribe", "id": "' + "x" * 129 + '", "payload": {"query": "{ hello }"}}', "longer than 128"),
        ('{"type": "complete"}', "`id` is required"),
        ('{"type": "complete", "id": {}}', "`id` must be"),
        ('{"type": "subscribe", "id": "1"}', "`payload` must be a JSON object"),
        ('{"type": "subscribe", "id": "1", "payload": []}', "`payload` must be one JSON object"),
        ('{"type": "subscribe", "id": "1", "payload": {}}', "`query` is required"),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 1}}', "`query` must be a string"),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": 1}}', "`variables` must be"),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}', "`operationName`"),
        (b"{}", "text frame"),
        (b"\xff", "text frame"),
    ],
)
async def test_an_invalid_message_is_closed_with_4400_and_its_fault(
    world: World, frame: str | bytes, says: str
) -> None:
    server = Scripted('{"type": "connection_init"}', frame)
    await server.serve(door_of(world))
    assert server.sent[-1]["code"] == 4400
    assert server.sent[-1]["reason"].startswith("Invalid message: ")
    assert says in server.sent[-1]["reason"]
    assert len(server.sent[-1]["reason"].encode()) <= 123


async def test_a_message_too_large_is_closed_with_1009(world: World) -> None:
    async with serving(door_of(world, message_bytes=1_000)) as live:
        for text in ("x" * 1_001, "ü" * 501):
            async with live.talk() as talk:
                await talk.connection.send(text)
                assert (await talk.closed())[0] == 1009
        async with live.talk() as talk:
            await talk.connection.send(json.dumps({"type": "ping", "x": "ü" * 300}, ensure_ascii=False))
            assert await talk.receive() == {"type": "pong"}


async def test_an_id_in_use_is_closed_with_4409(live: Live) -> None:
    async with live.talk() as talk:
        await talk.subscribe(FOREVER, "same")
        await talk.receive()
        await talk.subscribe("{ hello }", "same")
        assert await talk.closed() == (4409, "Subscriber for same already exists")
    assert live.door.world.closed == 1


async def test_completing_closes_the_source_and_frees_the_id(live: Live) -> None:
    async with live.talk() as talk:
        await talk.subscribe(FOREVER)
        await talk.receive()
        await talk.send(type="complete", id="1")
        async with asyncio.timeout(10):
            await live.door.world.ended.wait()
        await talk.subscribe("{ hello }")
        assert (await talk.receive())["payload"]["data"] == {"hello": "hello world"}
    assert (live.door.world.opened, live.door.world.closed) == (1, 1)


async def test_a_source_that_is_no_generator_is_closed_once(live: Live) -> None:
    before = len(asyncio.all_tasks())
    async with live.talk() as talk:
        await talk.subscribe("subscription { held { number } }")
        await live.door.world.started.wait()
    await settled(before)
    assert (live.door.world.opened, live.door.world.closed) == (1, 1)


async def test_completing_a_query_withholds_its_result(live: Live) -> None:
    async with live.talk() as talk:
        await talk.subscribe("{ slow }")
        await live.door.world.started.wait()
        await talk.send(type="complete", id="1")
        await live.door.world.ended.wait()
        await talk.send(type="ping")
        assert await talk.receive() == {"type": "pong"}


async def test_completing_what_is_not_there_is_ignored(live: Live) -> None:
    async with live.talk() as talk:
        await talk.send(type="complete", id="never")
        await talk.send(type="ping")
        assert await talk.receive() == {"type": "pong"}


async def test_too_many_operations_are_refused_one_by_one(world: World) -> None:
    async with serving(door_of(world, operations_per_socket=2)) as live, live.talk() as talk:
        for name in ("1", "2"):
            await talk.subscribe(FOREVER, name)
            await talk.receive()
        await talk.subscribe(FOREVER, "3")
        message = await talk.receive()
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "OPERATION_LIMIT_EXCEEDED"
        await talk.send(type="complete", id="1")
        await talk.subscribe("{ hello }", "3")
        assert (await talk.receive())["type"] == "next"


@pytest.mark.parametrize("politely", [True, False])
async def test_everything_ends_when_the_client_leaves(live: Live, politely: bool) -> None:
    before = len(asyncio.all_tasks())
    connection = await live.socket()
    talk = await Talk(connection).init()
    for number in range(10):
        await talk.subscribe(FOREVER, str(number))
        await talk.receive()
    await talk.subscribe("{ slow }", "slow")
    await talk.send(type="ping")
    await talk.receive()
    if politely:
        await connection.close()
    else:
        connection.transport.abort()
        await connection.wait_closed()
    await settled(before)
    assert (live.door.world.opened, live.door.world.closed) == (10, 10)


async def test_leaving_in_the_middle_of_everything_leaves_nothing(live: Live) -> None:
    before = len(asyncio.all_tasks())
    for _ in range(20):
        connection = await live.socket()
        talk = await Talk(connection).init()
        await asyncio.gather(*(talk.subscribe(COUNT, str(n), variables={"to": 1_000}) for n in range(5)))
        connection.transport.abort()
        await connection.wait_closed()
    await settled(before)
    assert live.door.world.opened == live.door.world.closed


async def test_draining_closes_sockets_and_their_operations(live: Live) -> None:
    async with live.talk() as one, live.talk() as two:
        await one.subscribe(FOREVER)
        await one.receive()
        await live.door.websocket.drain()
        assert live.door.world.closed == 1
        assert (await one.closed())[0] == 1001
        assert (await two.closed())[0] == 1001
        async with live.socket() as late:
            assert (await Talk(late).closed())[0] == 1001


async def test_time_per_operation(world: World) -> None:
    async with serving(door_of(world, operation_timeout_seconds=0.01)) as live, live.talk() as talk:
        await talk.subscribe("{ slow }")
        message = await talk.receive()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "TIMEOUT"


class Scripted:
    """An ASGI server that delivers some frames and never reads a result."""

    def __init__(self, *frames: str | bytes) -> None:
        self.frames: list[dict[str, Any]] = [{"type": "websocket.connect"}]
        self.frames += [{"type": "websocket.receive", _kind(frame): frame} for frame in frames]
        self.sent: list[Any] = []
        self.stuck = asyncio.Event()

    async def receive(self) -> Any:
        if not self.frames:
            await self.stuck.wait()
        return self.frames.pop(0)

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.send" and '"next"' in message["text"]:
            await self.stuck.wait()

    async def serve(self, door: Door) -> None:
        scope = {"type": "websocket", "path": "/", "headers": [], "subprotocols": ["graphql-transport-ws"]}
        async with asyncio.timeout(10):
            await door.websocket(scope, self.receive, self.send)
        assert self.sent[-1]["type"] == "websocket.close"


def _kind(frame: str | bytes) -> str:
    return "text" if isinstance(frame, str) else "bytes"


async def test_a_client_that_does_not_read_is_cut_off(world: World) -> None:
    subscribe = {"type": "subscribe", "payload": {"query": FOREVER}}
    both = [json.dumps({**subscribe, "id": name}) for name in ("1", "2")]
    server = Scripted('{"type": "connection_init"}', *both)
    await server.serve(door_of(world, send_timeout_seconds=0.01))
    assert server.sent[-1]["code"] == 1013
    assert world.opened == world.closed > 0


async def test_a_subscription_that_is_cut_off_before_it_began_leaves_nothing(world: World) -> None:
    before = len(asyncio.all_tasks())
    subscribe = json.dumps({"type": "subscribe", "id": "1", "payload": {"query": FOREVER}})
    await Scripted('{"type": "connection_init"}', subscribe, "x").serve(door_of(world))
    assert world.opened == world.closed
    assert len(asyncio.all_tasks()) == before

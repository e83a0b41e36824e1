"""Connections on which somebody waits: the server for a body or a reader, the client for its answer."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway import straight
from tests.gateway.straights import LEAD, TYPENAME, Both, Side, Talk, Told, World, both, masked, place
from tests.waiting import until

__all__ = ["place"]

_CREATE = 'mutation { createLead(input: {email: "a@b.example", source: "website"}) { lead { email } } }'
_UPGRADE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: graphql-transport-ws",
)


@pytest.fixture
async def pair(place: World, tmp_path: Path) -> AsyncIterator[Both]:
    """Both servers; what they have counted and noted in the end is the same."""
    async with both(place, tmp_path, limits={"points_free": 1_000_000}) as pair:
        yield pair


@pytest.fixture
def lead(place: World) -> bytes:
    """A request that is known once it was asked twice."""
    return place.post({"query": LEAD, "variables": {"id": place.lead}})


async def _known(side: Side, *requests: bytes) -> Talk:
    """A connection on which these requests were asked until they are known, if that can be."""
    talk = await side.call()
    for _ in range(3):
        for request in requests:
            await talk.ask(request)
    return talk


async def _alike(pair: Both, talk: Callable[[Side], Awaitable[Any]]) -> Any:
    """What comes of talking with both, which is the same."""
    known, plain = [await talk(side) for side in (pair.known, pair.plain)]
    assert known == plain
    return known


async def test_a_request_is_answered_alike_wherever_it_is_cut(pair: Both, lead: bytes) -> None:
    cuts = [packet for cut in range(1, len(lead)) for packet in (lead[:cut], lead[cut:])]
    told = await pair.told(lead, lead, *cuts)
    # In pieces only from the end of the head on.
    assert told.straight == len(lead.partition(b"\r\n\r\n")[2])
    assert told.answers.count(b"HTTP/1.1 200 OK\r\n") == len(lead) + 1


async def test_many_requests_in_one_packet_are_answered_in_their_order(pair: Both, place: World) -> None:
    asked = [place.post({"query": f"{{ a{number}: __typename }}"}) for number in range(9)]
    told = await pair.told(
        asked[0], asked[1], b"".join(asked), *asked, b"".join(asked[:5]) + asked[5][:300], asked[5][300:]
    )
    found = [json.loads(part.partition(b"\r\n\r\n")[2])["data"] for part in told.answers.split(b"HTTP/1.1 200 OK")[1:]]
    assert [next(iter(data)) for data in found] == [f"a{number}" for number in (0, 1, *range(9), *range(9), *range(6))]
    assert told.straight == 9


async def test_a_body_that_stays_away_is_waited_for_as_ever(
    pair: Both, lead: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(straight, "_PATIENCE_SECONDS", 0.02)

    async def talk(side: Side) -> tuple[Told, int]:
        talk = await _known(side, lead)
        await talk.send(lead[:-9])
        await until(lambda: talk.line.begun > talk.line.whole, pause=0.001)
        known = talk.line.straight
        heard = await talk.ask(lead[-9:])
        assert talk.line.straight == known
        # And from then on as before.
        await talk.ask(lead)
        return await talk.end(), len(heard)

    told, _ = await _alike(pair, talk)
    assert told.answers.count(b"HTTP/1.1 200 OK\r\n") == 5


async def test_a_client_that_leaves_before_its_body_has_come_is_noted_as_ever(pair: Both, lead: bytes) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, lead)
        await talk.send(lead[:-9])
        return await talk.end()

    await _alike(pair, talk)
    await until(lambda: not pair.known.server.server_state.tasks)
    assert [entry["code"] for entry in await pair.known.entries()][-1] == "NOT_ANSWERED"


async def test_a_server_that_stops_waits_for_a_body_that_has_begun_to_come(pair: Both, lead: bytes) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, lead)
        await talk.send(lead[:-9])
        talk.line.protocol.shutdown()
        await talk.send(lead[-9:])
        await talk.hear()
        return await talk.end()

    told = await _alike(pair, talk)
    assert told.closed
    assert told.answers.count(b"connection: close") == 1


async def test_a_server_that_stops_hangs_up_where_nothing_is_under_way(pair: Both, lead: bytes) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, lead)
        talk.line.protocol.shutdown()
        await until(lambda: talk.line.lost, pause=0.01, seconds=1)
        return await talk.end()

    assert (await _alike(pair, talk)).closed


async def test_a_server_that_stops_answers_what_was_sent_and_not_read_yet(pair: Both, lead: bytes) -> None:
    talk = await _known(pair.known, lead)
    await talk.send(lead, taken=False)
    talk.line.protocol.shutdown()
    answer = await talk.hear()
    told = await talk.end()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"\r\nconnection: close\r\n") == 1
    assert told.closed
    # The other server is asked as often.
    plain = await _known(pair.plain, lead)
    await plain.ask(lead)
    await plain.end()


class Held:
    """Lets operations of both servers begin, and not go on before they are told to."""

    def __init__(self, pair: Both, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = asyncio.Event()
        self.begun = 0
        for side in (pair.known, pair.plain):
            pipeline = side.parts.endpoint.door.pipeline
            monkeypatch.setattr(pipeline, "execute", self._holding(pipeline.execute))

    def _holding(self, execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def held(*given: Any) -> Any:
            self.begun += 1
            await self.free.wait()
            return await execute(*given)

        return held

    async def until_begun(self, talk: Talk, request: bytes) -> None:
        """Send a request, and wait until its operation has begun."""
        self.free.clear()
        before = self.begun
        await talk.send(request)
        await until(lambda: self.begun > before)


@pytest.fixture
def create(place: World) -> bytes:
    """A request that is known once it was asked twice, and has to be waited for."""
    return place.post({"query": _CREATE})


async def test_what_comes_while_an_answer_is_waited_for_is_answered_after_it(
    pair: Both, lead: bytes, create: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, lead, create)
        held = Held(pair, monkeypatch)
        await held.until_begun(talk, create)
        await talk.send(lead + create[:50])
        # Of what is behind it nothing more is read for now.
        await talk.send(create[50:] + lead, taken=False)
        held.free.set()
        await talk.hear(4)
        return await talk.end()

    told = await _alike(pair, talk)
    assert told.answers.count(b'{"createLead"') == told.answers.count(b'{"lead":{"id"') == 5


@pytest.mark.parametrize("stopped", ["by shutdown", "by a deadline"])
async def test_a_server_that_stops_answers_what_is_under_way(
    pair: Both, create: bytes, stopped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, create)
        held = Held(pair, monkeypatch)
        await held.until_begun(talk, create)
        talk.line.protocol.shutdown()
        if stopped == "by a deadline":
            # As uvicorn does when its patience is over.
            for task in side.server.server_state.tasks:
                task.cancel()
        held.free.set()
        await talk.hear()
        return await talk.end()

    told = await _alike(pair, talk)
    assert told.closed
    assert told.answers.count(b"connection: close") == 1
    assert told.answers.count(b"HTTP/1.1 500 ") == (stopped == "by a deadline")


async def test_a_client_that_leaves_before_its_answer_is_noted_as_ever(
    pair: Both, create: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def talk(side: Side) -> Told:
        talk = await _known(side, create)
        held = Held(pair, monkeypatch)
        await held.until_begun(talk, create)
        told = await talk.end()
        held.free.set()
        return told

    await _alike(pair, talk)


async def test_an_idle_connection_is_closed_in_its_time_and_not_before(pair: Both, lead: bytes, place: World) -> None:
    async def talk(side: Side) -> tuple[Told, bool]:
        talk = await _known(side, lead)
        late = await side.call()
        for each in (talk, late):
            each.line.protocol.timeout_keep_alive = 0.1
        await talk.ask(place.post({"query": TYPENAME}, key="wrong"))
        for _ in range(4):
            await asyncio.sleep(0.06)
            for each in (talk, late):
                await each.ask(lead)
        began = asyncio.get_running_loop().time()
        await until(lambda: talk.line.lost and late.line.lost, pause=0.005, seconds=2)
        took = asyncio.get_running_loop().time() - began
        await late.end()
        return await talk.end(), 0.08 < took < 0.5

    told, in_time = await _alike(pair, talk)
    assert told.closed
    assert in_time


async def test_a_body_that_is_awaited_keeps_its_connection_open(
    pair: Both, lead: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(straight, "_PATIENCE_SECONDS", 0.15)

    async def talk(side: Side) -> Told:
        talk = await _known(side, lead)
        talk.line.protocol.timeout_keep_alive = 0.05
        await talk.ask(lead)
        await talk.send(lead[:-9])
        await asyncio.sleep(0.1)
        await talk.ask(lead[-9:])
        return await talk.end()

    assert (await _alike(pair, talk)).answers.count(b"HTTP/1.1 200 OK\r\n") == 5


async def test_whoever_reads_slowly_is_waited_for_and_gets_all_of_it(pair: Both, place: World) -> None:
    name = "a" * 4000
    many = place.post({"query": f"{{ {name}: __typename {name}b: __typename }}"})

    async def talk(side: Side) -> tuple[Told, int]:
        for listener in side.server.servers:
            for each in listener.sockets:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        talk = await side.call(receives=4096)
        for _ in range(3):
            await talk.ask(many)
        sent = 0
        while talk.line.protocol.flow.write_paused is False:
            await talk.send(many)
            await until(lambda: talk.line.idle)
            sent += 1
        # The next wait for the reader, and the one after it is not even read.
        await talk.send(many * 3)
        assert not talk.line.idle
        assert talk.line.protocol.transport.get_write_buffer_size() < 200_000
        await talk.hear(sent + 3)
        await talk.ask(many)
        return await talk.end(), sent

    told, sent = await _alike(pair, talk)
    assert told.answers.count(b"HTTP/1.1 200 OK\r\n") == sent + 7


async def test_a_connection_becomes_a_websocket_after_known_requests(pair: Both, lead: bytes, place: World) -> None:
    async def talk(side: Side) -> tuple[bytes, bytes]:
        talk = await _known(side, lead)
        before = len(talk.heard)
        await talk.send(place.get("/graphql", *_UPGRADE))
        handshake = await talk.hear()
        said = b'{"type":"connection_init"}'
        mask = b"\0\0\0\0"
        await talk.send(b"\x81" + bytes([0x80 | len(said)]) + mask + said, taken=False)
        while b"connection_ack" not in talk.heard[before:]:
            await talk.read()
        talk.hang_up()
        return masked(handshake), talk.heard[before + len(handshake) :]

    handshake, frame = await _alike(pair, talk)
    assert handshake.startswith(b"HTTP/1.1 101 ")
    assert b"connection_ack" in handshake + frame


async def test_a_mistake_of_ours_is_told_by_the_ordinary_way(
    pair: Both, lead: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(pair.known.parts.endpoint.door.pipeline, "at_once", fails)
    told = await pair.told(lead, lead, lead, lead)
    assert told.straight == 0
    assert told.answers.count(b"HTTP/1.1 200 OK\r\n") == 4


async def test_a_server_that_tells_of_each_request_sees_each_of_them(place: World, tmp_path: Path, lead: bytes) -> None:
    async with both(place, tmp_path, served={"limit_concurrency": 1000}) as pair:
        told = await pair.told(lead, lead, lead)
    assert told.straight == 0

"""What is remembered of heads: where their requests end, no more than there is room for, and nobody's credential."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType, FrameType
from typing import Any
from urllib.parse import quote

import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway import heads
from gateway.heads import Heads, Known, Later, body_length
from tests.gateway.straights import TYPENAME, Side, Talk, World, both, place, serving

__all__ = ["place"]

_LINES = (
    b"Host: graph.test",
    b"x-api-key: one",
    b"X-API-Key:two",
    b"Empty:",
    b"Folded: one\r\n two",
    b"Folded: one\r\n\ttwo",
    b"Content-Length: 4",
    b"content-length:4",
    b"Content-Length: 4 ",
    b"Content-Length: 04",
    b"Content-Length: +4",
    b"Content-Length: -4",
    b"Content-Length: 4, 4",
    b"Content-Length: 4 4",
    b"Content-Length: 0x4",
    b"Content-Length: 4_0",
    b"Content-Length: \xb2",
    b"Content-Length:",
    b"Content-Length : 4",
    b"Content-Length: 99999999999999999999",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding:",
    b"Transfer-Encoding : chunked",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: Keep-Alive, Upgrade",
    b"Connection: upgrade",
    b"Upgrade: h2c",
    b"Upgrade: websocket",
    b"Expect: 100-continue",
    b": of no name",
    b"of no value",
    b"Lonely: a\rb",
    b"Lonely: a\nb: c",
    b"Nothing: a\0b",
    b"",
)
_FIRST = (
    b"POST /graphql HTTP/1.1",
    b"GET /graphql?query=a HTTP/1.1",
    b"POST / HTTP/1.0",
    b"POST /",
    b"",
    b"CONNECT a:1",
)
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r")


class Parsed:
    """What the server's own parser finds in some bytes: how many requests, and how much of a body each has."""

    def __init__(self, data: bytes) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.heads = self.ended = 0
        self.body = b""
        self.version = ""
        self.fine = True
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.fine = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.heads:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.heads += 1
        self.version = self.version or self._parser.get_http_version()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.ended += 1


@st.composite
def _heads(draw: st.DrawFn) -> bytes:
    lines = [draw(st.sampled_from(_FIRST)), *draw(st.lists(st.sampled_from(_LINES), max_size=4))]
    return b"".join([line + draw(st.sampled_from(_ENDS)) for line in lines]) + b"\r\n"


@settings(max_examples=600)
@given(head=_heads())
@example(head=b"\r\n\r\n")
@example(head=b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
@example(head=b"\r\nPOST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n")
def test_where_a_request_ends_is_where_the_parser_of_the_server_finds_its_end(head: bytes) -> None:
    # As the server does, which looks for the first empty line, and has whatever follows in the same packet.
    head = head[: head.find(b"\r\n\r\n") + 4]
    following = b"GET / HTTP/1.1\r\n\r\n"
    found = Parsed(head + following)
    if not found.heads:
        return
    length = body_length(head, found.version, found.headers)
    if length is None:
        return
    alone = Parsed(head)
    assert (alone.fine, alone.heads, alone.ended) == (True, 1, length == 0)
    body = b"x" * length
    if length:
        assert Parsed(head + body[1:]).ended == 0
    whole = Parsed(head + body + following)
    assert (whole.fine, whole.heads, whole.ended, whole.body) == (True, 2, 2, body)


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 12\r\nConnection: Keep-Alive\r\n\r\n", 12),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0),
    ],
)
def test_plain_heads_can_be_remembered(head: bytes, length: int) -> None:
    found = Parsed(head)
    assert body_length(head, found.version, found.headers) == length


class _Silent(Known):
    def answer(self, body: bytes, before: bytes) -> bytes | Later | None:
        return None


_HEADERS = [(b"host", b"a")]


def _head(number: int, size: int = 0) -> bytes:
    return b"GET /%d%s HTTP/1.1\r\nhost: a\r\n\r\n" % (number, b"x" * size)


def _learn(kept: Heads, number: int, size: int = 0, peer: str = "") -> tuple[bytes, str]:
    key = (b"%d" % number, peer)
    kept.learn(key, _head(number, size), "1.1", _HEADERS, _Silent())
    return key


def test_the_latest_heads_are_kept_as_many_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_MOST", 3)
    kept = Heads()
    keys = [_learn(kept, number) for number in range(3)]
    assert kept.get(keys[0])
    _learn(kept, 3)
    # The first was asked for, and the second was not.
    assert [bool(kept.get(key)) for key in keys] == [True, False, True]


def test_of_long_heads_fewer_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_MOST_BYTES", 1000)
    kept = Heads()
    # Learned again by several connections, it is one head all the same.
    keys = [_learn(kept, number, 400) for number in (0, 1, 2, 2, 2)]
    assert [bool(kept.get(key)) for key in keys] == [False, True, True, True, True]
    too_long = _learn(kept, 4, 1000)
    assert kept.get(too_long) is None
    assert kept.get(_learn(kept, 5))


def test_a_head_is_known_of_the_address_it_came_from() -> None:
    kept = Heads()
    digest, _ = _learn(kept, 1, peer="192.0.2.1")
    assert kept.get((digest, "192.0.2.1"))
    assert kept.get((digest, "192.0.2.2")) is None


def test_answers_begin_with_the_headers_of_the_moment() -> None:
    kept, now = Heads(), [(b"date", b"now")]
    assert kept.before(now) == kept.before(now) == b"HTTP/1.1 200 OK\r\ndate: now\r\n"
    assert kept.beginning(429, now) == b"HTTP/1.1 429 Too Many Requests\r\ndate: now\r\n"
    assert kept.before([(b"date", b"later")]) == b"HTTP/1.1 200 OK\r\ndate: later\r\n"


def _memory(talk: Talk) -> Heads:
    found: Heads = talk.line.protocol._heads
    return found


async def _taught(side: Side, requests: list[bytes]) -> tuple[Talk, int]:
    """A connection on which these were asked, and the bytes that are kept of each that is known."""
    talk = await side.call()
    await talk.ask(requests[0])
    await talk.ask(requests[0])
    gc.collect()
    tracemalloc.start()
    try:
        for request in requests:
            await side.parts.watch.look()
            await talk.ask(request)
        kept = _memory(talk)
        await side.parts.audit.flush()
        gc.collect()
        before, count = tracemalloc.get_traced_memory()[0], len(kept._known)
        kept._known.clear()
        gc.collect()
        return talk, (before - tracemalloc.get_traced_memory()[0]) // max(1, count)
    finally:
        tracemalloc.stop()


async def test_a_head_costs_little_memory(place: World, tmp_path: Path) -> None:
    posts = [place.post({"query": TYPENAME}, f"X-Other: {number}") for number in range(60)]
    gets = [place.get(f"/graphql?query={quote(TYPENAME)}&other={number}") for number in range(60)]
    async with serving(place, tmp_path, limits={"points_free": 1_000_000}) as side:
        for requests in (posts, gets):
            talk, each = await _taught(side, requests)
            assert 100 < each < 2048
            await talk.end()


async def test_what_heads_ask_for_is_kept_within_bounds(
    place: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "_MOST_BYTES", 50_000)
    many = json.dumps({"a": [[]] * 1000}, separators=(",", ":"))
    long = [place.get(f"/graphql?query={quote(TYPENAME)}&variables={many}&other={number}") for number in range(60)]
    async with serving(place, tmp_path, limits={"points_free": 1_000_000}) as side:
        talk = await side.call()
        for request in [long[0], *long]:
            await side.parts.watch.look()
            await talk.ask(request)
        assert 5 < len(_memory(talk)._known) < 20
        await talk.end()


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Only what nobody holds is forgotten."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def _holding(secret: str) -> list[Any]:
    """Whatever holds a text or bytes with a secret in them, but what runs."""
    written = secret.encode()

    def tells(value: object) -> bool:
        return (type(value) is str and secret in value) or (type(value) is bytes and written in value)

    holders = [each for each in gc.get_objects() if not issubclass(type(each), FrameType | CoroutineType)]
    return [each for each in holders if any(tells(inner) for inner in gc.get_referents(each))]


@pytest.mark.usefixtures("uncollected")
async def test_no_credential_stays_in_memory_because_its_heads_are_known(place: World, tmp_path: Path) -> None:
    async with both(place, tmp_path, limits={"points_free": 1_000_000}) as pair:
        before = len(_holding(place.keys["good"]))
        for number in range(5):
            await pair.told(*[place.post({"query": TYPENAME}, f"X-Other: {number}")] * 4)
            known = await pair.told(*[place.get(f"/graphql?query={quote(TYPENAME)}&other={number}")] * 4)
            assert known.straight >= 2
        assert len(_holding(place.keys["good"])) == before

"""Nobody can tell by the bytes of an answer whether a request was known by its head, however it arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.straights import LEAD, TYPENAME, Both, World, both, place

__all__ = ["place"]

_CREATE = 'mutation { createLead(input: {email: "a@b.example", source: "website"}) { lead { email } } }'
_NAMED = f"/graphql?query={quote(TYPENAME)}"
_PLAIN = ("lead", "typename", "newer", "get", "get a lead", "bearer", "kept alive", "narrow", "no variable", "no JSON")
"""Requests that are known by their heads once they were asked."""


def _requests(place: World) -> dict[str, bytes]:
    """Requests of all kinds, those that HTTP refuses among them; `place.post` sends one key unless told otherwise."""
    body = {"query": LEAD, "variables": {"id": place.lead}}
    sent = json.dumps(body).encode()
    size, lead = len(sent), place.post(body)
    head, _, _ = place.post(body, length="Transfer-Encoding: chunked").partition(b"\r\n\r\n")
    in_chunks = head + b"\r\n\r\n%x\r\n%b\r\n0\r\n" % (size, sent)
    return {
        "lead": lead,
        "typename": place.post({"query": TYPENAME}),
        "newer": place.post(body, "Accept: application/graphql-response+json"),
        "get": place.get(_NAMED),
        "get a lead": place.get(f"/graphql?query={quote(LEAD)}&variables={quote(json.dumps(body['variables']))}"),
        "bearer": place.post(body, f"Authorization: Bearer {place.keys['good']}", key=""),
        "kept alive": place.post(body, "Connection: Keep-Alive"),
        "narrow": place.post(body, key="narrow"),
        "no variable": place.post({"query": LEAD}),
        "no JSON": place.post(b"x" * size),
        "mutation": place.post({"query": _CREATE}),
        "a wrong key": place.post(body, key="wrong"),
        "a key from elsewhere": place.post(body, key="elsewhere"),
        "no key": place.post(body, key=""),
        "two keys": place.post(body, "x-api-key: other"),
        "the key twice": place.post(body, f"X-API-Key: {place.keys['good']}"),
        "no document": place.post({"query": "{ leads("}),
        "other letters": lead.replace(b"Content-Type", b"cONTENT-type").replace(b"x-api-key", b"X-Api-KEY"),
        "tabs": lead.replace(b": ", b":\t"),
        "an empty header": place.post(body, "X-Other:"),
        "a header of no name": place.post(body, ": other"),
        "latin": place.post(body, "X-Other: \xe9"),
        "NUL": place.post(body, "X-Other: a\0b"),
        "a lonely CR": place.post(body, "X-Other: a\rb"),
        "a folded header": place.post(body, "X-Other: a\r\n b"),
        "a line before": b"\r\n" + lead,
        "lines before": b"\r\n\r\n" + place.get(_NAMED),
        "lines of LF": lead.replace(b"\r\n", b"\n"),
        "one line of LF": lead.replace(b"\r\nHost", b"\nHost"),
        "a last line of LF": lead.replace(b"\r\n\r\n", b"\r\n\n"),
        "chunks": in_chunks + b"\r\n",
        "chunks and a trailer": in_chunks + b"X-Other: 1\r\n\r\n",
        "chunks and a length": head + b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "no chunks": place.post(body, "Transfer-Encoding: identity"),
        "continue": place.post(body, "Expect: 100-continue"),
        "the last": place.post(body, "Connection: close"),
        "HTTP/1.0": lead.replace(b"HTTP/1.1", b"HTTP/1.0"),
        "HTTP/1.0 kept alive": place.post(body, "Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0"),
        "HTTP/1.2": lead.replace(b"HTTP/1.1", b"HTTP/1.2"),
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "HEAD": place.get(_NAMED, method="HEAD"),
        "OPTIONS": place.get("/graphql", method="OPTIONS"),
        "GET with a body": place.get(_NAMED, "Content-Length: 4") + b"GET ",
        "h2c": place.post(body, "Upgrade: h2c", "Connection: Upgrade"),
        "h2c by GET": place.get(_NAMED, "Upgrade: h2c", "Connection: Upgrade"),
        "upgrade, not meant": place.post(body, "Upgrade: websocket"),
        "another path": lead.replace(b"/graphql", b"//graphql"),
        "an address": place.get(f"http://graph.test{_NAMED}"),
        "another host": place.post(body, "Host: other.test"),
        "REST": place.get("/v1/leads"),
        "health": place.get("/healthz"),
        "a length twice": place.post(body, f"Content-Length: {size}"),
        "two lengths": place.post(body, f"Content-Length: {size - 1}"),
        "a signed length": place.post(body, length=f"Content-Length: +{size}"),
        "a negative length": place.post(body, length=f"Content-Length: -{size}"),
        "a wide length": place.post(body, length=f"Content-Length:   {size}  "),
        "a length in two": place.post(body, length=f"Content-Length: 1 {size}"),
        "a length with zeros": place.post(body, length=f"Content-Length: 000{size}"),
        "a length that is none": place.post(body, length="Content-Length: 0x10"),
        "an empty length": place.post(body, length="Content-Length:"),
        "a huge length": place.post(body, length=f"Content-Length: {10**25}"),
        "too large a length": place.post(body, length="Content-Length: 99999999"),
        "a space too much": place.post(body, length=f"Content-Length : {size}"),
        "no length": place.post(body, length=""),
        "one byte too many": place.post(body, length=f"Content-Length: {size - 1}"),
        "a length of another's": place.post(body, length=f"Content-Length: {size + len(lead)}"),
        "no body": place.post(b""),
    }


_KINDS = tuple(_requests(World(Path(), "", "", "", {"good": "of nobody"})))


class Asked:
    """Both servers, on the event loop that serves in earnest, and requests of all kinds."""

    def __init__(self, runner: asyncio.Runner, pair: Both, requests: dict[str, bytes]) -> None:
        self._runner = runner
        self._pair = pair
        self.requests = requests

    def __call__(self, names: list[str], cuts: set[int]) -> int:
        """Send these, cut there, to both, which answer alike; how many were known."""
        return self._runner.run(self._pair.told(*self._packets(names, cuts))).straight

    def hurry(self, names: list[str], cuts: set[int], gaps: list[int]) -> None:
        """Send these, of which each is answered, and wait for no answer before the last is sent."""
        self._runner.run(self._pair.hurried(len(names), self._packets(names, cuts), gaps))

    def _packets(self, names: list[str], cuts: set[int]) -> list[bytes]:
        sent = b"".join([self.requests[name] for name in names])
        ends = sorted({0, len(sent), *[cut for cut in cuts if cut < len(sent)]})
        return [sent[begin:end] for begin, end in pairwise(ends)]


@pytest.fixture(scope="module")
def asked(place: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """Both servers; what they have counted and noted in the end is the same."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        context = both(place, tmp_path_factory.mktemp("asked"), limits={"points_free": 1_000_000})
        pair = runner.run(context.__aenter__())
        yield Asked(runner, pair, _requests(place))
        runner.run(context.__aexit__(None, None, None))


@pytest.mark.parametrize("name", _KINDS)
def test_each_request_before_and_after_known_ones(asked: Asked, name: str) -> None:
    names = [name, "lead", name, "get", name, "lead"]
    ends = [len(asked.requests[each]) for each in names]
    known = asked(names, {sum(ends[:number]) for number in range(len(names))})
    if name in _PLAIN:
        assert known >= 2


_SOME = st.lists(st.one_of(st.sampled_from(_PLAIN), st.sampled_from(_KINDS)), min_size=1, max_size=6)


@settings(max_examples=120)
@given(names=_SOME, cuts=st.sets(st.integers(1, 3000), max_size=6), apart=st.booleans())
def test_any_requests_in_any_packets(asked: Asked, names: list[str], cuts: set[int], apart: bool) -> None:
    at = 0
    for name in names if apart else ():
        at += len(asked.requests[name])
        cuts = cuts | {at}
    asked(names, cuts)


_ANSWERED = (*_PLAIN, "mutation", "a wrong key", "no key", "chunks", "continue", "GET with a body", "REST")


@settings(max_examples=60)
@given(
    names=st.lists(st.sampled_from(_ANSWERED), min_size=1, max_size=6),
    cuts=st.sets(st.integers(1, 2000), max_size=8),
    gaps=st.lists(st.sampled_from([0, 0, 1, 2, 5, 20]), min_size=9, max_size=9),
)
def test_requests_that_do_not_wait_for_each_other(
    asked: Asked, names: list[str], cuts: set[int], gaps: list[int]
) -> None:
    asked.hurry(names, cuts, gaps)

"""Files fetched from addresses that clients choose: only from where they may come, within size and time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import pytest

from domain.errors import DomainError, Kind
from domain.outside import SentFile
from domain.receivers import Reach
from gateway.outgoing.http import Http
from gateway.reading.fetcher import HttpFetcher
from tests.factories.webhooks import Receiver, Told, answer, receiving

HERE = Reach((ip_network("127.0.0.0/8"),))
LARGE = b"%PDF-" + b"x" * 700_000


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def fetch(url: str, reach: Reach = HERE, seconds: float = 5) -> SentFile:
    fetcher = HttpFetcher(
        lambda: Http(reach, connections=2, idle_connections=2), reach, most_bytes=1_000_000, seconds=seconds
    )
    try:
        return await fetcher.fetch(url)
    finally:
        await fetcher.close()


def serving(*steps: tuple[int, str, bytes]) -> Any:
    """Answers by path: `/0` is the first."""

    async def respond(told: Told) -> bytes:
        status, lines, body = steps[int(told.path.lstrip("/")[0])]
        return answer(status, "".join(f"{line}\r\n" for line in lines.split("|") if line), body)

    return respond


async def test_a_file_with_its_name_and_label(receiver: Receiver) -> None:
    receiver.respond = serving((302, "Location: /1/Gesetz%20%C3%A4.pdf?x#y", b""), (200, "Content-Type: a/b", LARGE))

    file = await fetch(receiver.url("/0"))

    with file.content:
        assert file.content.read() == LARGE
    assert (file.size, file.name, file.media_type) == (len(LARGE), "Gesetz ä.pdf", "a/b")
    assert [told.path for told in receiver.told] == ["/0", "/1/Gesetz%20%C3%A4.pdf?x"]
    assert receiver.told[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("steps", "kind", "says"),
    [
        ([(404, "", b"x")], Kind.INVALID, "it was answered with 404"),
        ([(401, "", b"x")], Kind.INVALID, "it was answered with 401"),
        ([(304, "", b"")], Kind.INVALID, "it was answered with 304"),
        ([(503, "", b"x")], Kind.UNAVAILABLE, "it was answered with 503"),
        ([(429, "", b"x")], Kind.UNAVAILABLE, "it was answered with 429"),
        ([(200, "", b"x" * 1_000_001)], Kind.INVALID, "is larger than 1000000 bytes"),
        ([(200, "Content-Encoding: gzip", b"x")], Kind.INVALID, "compressed"),
        ([(302, "", b"")], Kind.INVALID, "another host"),
        ([(302, "Location: http://127.0.0.2/", b"")], Kind.INVALID, "another host"),
        ([(301, "Location: file:///etc/passwd", b"")], Kind.INVALID, "another host"),
        ([(307, "Location: ftp://127.0.0.1/x", b"")], Kind.INVALID, "must be an address such as"),
        ([(302, "Location: /0", b"")], Kind.INVALID, "more than 3 times"),
    ],
)
async def test_what_is_no_file_is_said(
    receiver: Receiver, steps: list[tuple[int, str, bytes]], kind: Kind, says: str
) -> None:
    receiver.respond = serving(*steps)
    with pytest.raises(DomainError, match=says) as refused:
        await fetch(receiver.url("/0"))
    assert refused.value.kind is kind
    assert refused.value.field == "file_url"
    assert len(receiver.told) <= 4


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://10.0.0.1/a.pdf", "must lead to a public address"),
        ("https://localhost/a.pdf", "must lead to a public address"),
        ("http://8.8.8.8/a.pdf", "must be an https address"),
        ("file:///etc/passwd", "must be an address such as https://example.com/document.pdf"),
        ("document.pdf", "must be an address such as"),
        ("https://user:word@example.com/", "must not have a user name"),
    ],
)
async def test_other_addresses_are_refused_before_anything_is_asked(url: str, says: str) -> None:
    with pytest.raises(DomainError, match=says) as refused:
        await fetch(url, Reach())
    assert (refused.value.kind, refused.value.field) == (Kind.INVALID, "file_url")


async def test_a_server_that_stops_within_a_file_has_its_time_and_no_more(receiver: Receiver) -> None:
    async def respond(told: Told) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n%PDF"

    receiver.respond = respond
    with pytest.raises(DomainError, match=r"no answer within 0\.\d+ seconds") as refused:
        await fetch(receiver.url("/"), seconds=0.3)
    assert refused.value.kind is Kind.UNAVAILABLE

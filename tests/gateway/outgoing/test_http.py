"""Requests to other people's servers: only where they may go, pinned to what was checked, bounded in time and size."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.receivers import Reach
from gateway.outgoing.answers import Answer, Failed
from gateway.outgoing.http import Http
from tests.factories.webhooks import Receiver, Told, answer, receiving

HERE = Reach((ip_network("127.0.0.0/8"),))
NOWHERE = Reach()


class Names:
    """A resolver of the test's own, which counts how often it is asked."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if not self.addresses:
            raise OSError("no such name")
        return self.addresses


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def post(
    url: str, reach: Reach = HERE, *, seconds: float = 5, most: int = 100, ca: Path | None = None, **known: Any
) -> Answer:
    http = Http(reach, connections=5, idle_connections=5, ca_file=ca, **known)
    try:
        return await http.post(url, {"X-One": "1"}, b"{}", seconds=seconds, most_bytes=most)
    finally:
        await http.close()


async def test_what_is_sent_and_answered(receiver: Receiver) -> None:
    async def respond(told: Told) -> bytes:
        return answer(201, "X-Said: yes\r\nSet-Cookie: a=b\r\n", b"made")

    receiver.respond = respond

    got = await post(receiver.url("/in/ü?q=ä b"))

    assert (got.status, got.body, got.headers["x-said"]) == (201, b"made", "yes")
    (told,) = receiver.told
    assert (told.path, told.body) == ("/in/%C3%BC?q=%C3%A4%20b", b"{}")
    assert told.headers == {"host": f"127.0.0.1:{receiver.port}", "x-one": "1", "content-length": "2"}


async def test_redirects_are_answers_and_neither_cookies_nor_proxies_are_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    async def respond(told: Told) -> bytes:
        return answer(302, f"Location: {receiver.url('/elsewhere')}\r\nSet-Cookie: a=b\r\n")

    receiver.respond = respond
    http = Http(HERE, connections=1, idle_connections=1)

    statuses = [(await http.post(receiver.url(), {}, b"", seconds=5, most_bytes=10)).status for _ in range(2)]
    await http.close()

    assert statuses == [302, 302]
    assert [told.path for told in receiver.told] == ["/", "/"]
    assert "cookie" not in receiver.told[1].headers
    assert receiver.connections == 1


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[fe80::1]",
        "[fd00::1]", "[ff02::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[::7f00:1]",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public_are_not_reached(host: str) -> None:
    with pytest.raises(Failed, match="does not lead to a public address"):
        await post(f"https://{host}/", NOWHERE)


@pytest.mark.parametrize("found", [("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("::ffff:169.254.169.254",), ("fd00::1",)])
async def test_a_name_is_as_good_as_the_worst_address_it_leads_to(found: tuple[str, ...]) -> None:
    names = Names(*found)

    with pytest.raises(Failed, match=r"inside\.example\.com does not lead to a public address"):
        await post("https://inside.example.com/", NOWHERE, resolve=names)

    assert names.asked == ["inside.example.com"]


async def test_without_tls_only_allowed_networks_are_reached() -> None:
    with pytest.raises(Failed, match="elsewhere it has to be https"):
        await post("http://open.example.com/", HERE, resolve=Names("8.8.8.8"))


async def test_a_name_that_leads_nowhere_is_named() -> None:
    with pytest.raises(Failed, match=r"The name gone\.example\.com leads nowhere"):
        await post("https://gone.example.com/", NOWHERE, resolve=Names())


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "https://", "http://127.0.0.1:99999/", "/path", "http://[::1/"])
async def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(Failed, match="The address"):
        await post(url)


async def test_the_name_is_looked_up_once_and_the_next_address_is_tried(receiver: Receiver) -> None:
    # Nobody listens at the first.
    names = Names("127.0.0.2", "127.0.0.1")

    got = await post(f"http://two.example.com:{receiver.port}/", resolve=names)

    assert (got.status, names.asked) == (200, ["two.example.com"])
    assert receiver.told[0].headers["host"] == f"two.example.com:{receiver.port}"


async def test_a_silent_address_leaves_the_next_its_time(receiver: Receiver) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.2", receiver.port))
        # Nobody takes connections from its queue, and more than one does not fit into it.
        silent.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.2", receiver.port))
        names = Names("127.0.0.2", "127.0.0.1")
        got = await post(f"http://two.example.com:{receiver.port}/", seconds=1, resolve=names)
        for each in waiting:
            each.close()

    assert got.status == 200


@pytest.mark.parametrize("name", ["xn--n3h.example.com", "xn--mnchen-3ya.example.com", "a_b.example.com"])
async def test_every_name_that_can_be_registered_is_reached(receiver: Receiver, name: str) -> None:
    names = Names("127.0.0.1")
    assert (await post(f"http://{name}:{receiver.port}/a%20b?c=%zz", resolve=names)).status == 200
    assert names.asked == [name]
    assert [told.path for told in receiver.told] == ["/a%20b?c=%zz"]


async def test_only_so_much_of_an_answer_is_read(receiver: Receiver) -> None:
    async def respond(told: Told) -> bytes:
        return answer(200, "", b"x" * 5_000_000)

    receiver.respond = respond

    assert (await post(receiver.url(), most=1000)).body == b"x" * 1000


async def test_a_server_that_says_nothing_is_given_up(receiver: Receiver) -> None:
    async def respond(told: Told) -> bytes:
        await asyncio.sleep(60)
        return b""

    receiver.respond = respond
    began = time.monotonic()

    with pytest.raises(Failed, match=r"no answer within 0\.2 seconds"):
        await post(receiver.url(), seconds=0.2)

    assert time.monotonic() - began < 2


async def test_a_connection_is_waited_for_no_longer_than_an_answer(receiver: Receiver) -> None:
    asked = asyncio.Event()

    async def respond(told: Told) -> bytes:
        asked.set()
        await asyncio.sleep(60)
        return b""

    receiver.respond = respond
    http = Http(HERE, connections=1, idle_connections=1)
    first = asyncio.create_task(http.post(receiver.url(), {}, b"", seconds=2, most_bytes=10))
    await asked.wait()

    with pytest.raises(Failed, match=r"no answer within 0\.1 seconds"):
        await http.post(receiver.url(), {}, b"", seconds=0.1, most_bytes=10)

    assert not first.done()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await http.close()


async def test_once_the_status_has_come_a_body_without_end_changes_nothing(receiver: Receiver) -> None:
    async def respond(told: Told) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"

    receiver.respond = respond

    got = await post(receiver.url(), seconds=0.2)

    assert (got.status, got.body) == (200, b"only this")


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000])
async def test_what_is_no_answer_is_a_failure(said: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        with pytest.raises(Failed, match="The connection ended without an answer"):
            await post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")


async def test_nobody_there_is_a_failure() -> None:
    with pytest.raises(Failed, match="There was no connection"):
        await post("http://127.0.0.3:1/")


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return files


async def test_tls_goes_by_the_name_though_the_connection_goes_to_the_address(tmp_path: Path) -> None:
    certificate, key = certified(tmp_path, "hook.example.com")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    named: list[str | None] = []
    context.sni_callback = lambda socket, name, _: named.append(name)

    async with receiving(context) as receiver:
        port = receiver.port
        got = await post(f"https://hook.example.com:{port}/", ca=certificate, resolve=Names("127.0.0.1"))
        with pytest.raises(Failed, match="certificate is not to be trusted"):
            await post(f"https://other.example.com:{port}/", ca=certificate, resolve=Names("127.0.0.1"))
        with pytest.raises(Failed, match="certificate is not to be trusted"):
            await post(f"https://hook.example.com:{port}/", resolve=Names("127.0.0.1"))

    assert got.status == 200
    assert named == ["hook.example.com", "other.example.com", "hook.example.com"]
    assert receiver.told[0].headers["host"] == f"hook.example.com:{port}"

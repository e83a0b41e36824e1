"""The guard that keeps tests on this machine."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.loopback import BeyondLoopback

# Addresses kept for documentation (RFC 5737, RFC 3849): nobody answers there.
OUTSIDE = ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize("host", OUTSIDE)
def test_a_connection_beyond_this_machine_fails(host: str):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as outgoing, pytest.raises(BeyondLoopback):
        outgoing.connect((host, 80))


def test_a_datagram_beyond_this_machine_fails():
    with socket.socket(type=socket.SOCK_DGRAM) as outgoing, pytest.raises(BeyondLoopback):
        outgoing.sendto(b"", (OUTSIDE[0], 9))


async def test_a_look_up_of_another_machine_fails():
    with pytest.raises(BeyondLoopback):
        await asyncio.open_connection("trigraph.example.com", 80)


async def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, writer = await asyncio.open_connection("localhost", server.getsockname()[1])
        writer.close()
        await writer.wait_closed()

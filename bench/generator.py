"""A bounded load: some connections that each ask again as soon as they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import cast

import uvloop

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(slots=True)
class Load:
    """What one load is, and what came of it."""

    port: int
    requests: Iterator[bytes]
    connections: int
    seconds: float
    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    ends: float = 0.0


class _Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, load: Load, done: asyncio.Future[None]) -> None:
        self._load = load
        self._done = done
        self._received = bytearray()
        self._sent = 0.0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport writes, but is registered as no more than a transport.
        self._transport = cast(asyncio.WriteTransport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(_HEAD_END)
        if head < 0:
            return
        if len(self._received) < head + len(_HEAD_END) + _length(bytes(self._received[:head])):
            return
        now = perf_counter()
        self._load.latencies.append(now - self._sent)
        # Statuses of three digits begin at the ninth byte of `HTTP/1.1 200`.
        if self._received[9:10] != b"2" or b'"errors":[{' in self._received:
            self._load.failures += 1
        self._received.clear()
        if now < self._load.ends:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)

    def _ask(self) -> None:
        self._sent = perf_counter()
        self._transport.write(next(self._load.requests))


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(_LENGTH) + len(_LENGTH)
    return int(lowered[start:].split(b"\r\n", 1)[0])


def run(load: Load) -> None:
    """Put the load on the server for its seconds; latencies, in seconds, are in it afterwards."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(load))


async def _run(load: Load) -> None:
    loop = asyncio.get_running_loop()
    load.ends = perf_counter() + load.seconds
    ends = []
    for _ in range(load.connections):
        done = loop.create_future()
        await loop.create_connection(partial(_Connection, load, done), "127.0.0.1", load.port)
        ends.append(done)
    await asyncio.wait_for(asyncio.gather(*ends), load.seconds + 30)

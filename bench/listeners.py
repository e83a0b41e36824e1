"""Many websockets in one process, cheap enough not to be what is measured: raw frames, counted and put in order."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from typing import cast

PROTOCOL = "graphql-transport-ws"
SUBSCRIPTION = (
    "subscription Told($after: Cursor) { events(after: $after) "
    "{ cursor sequence type occurredAt data lead { id status email } } }"
)
_HEAD_END = b"\r\n\r\n"
_SEQUENCE = b'"sequence":'
_ACK = b"connection_ack"
_PONG = b'{"type":"pong"}'
_AT_ONCE = 100
"""Handshakes under way at the same time."""


@dataclass(eq=False, slots=True)
class Room:
    """What all listeners of one measurement have in common, and what they noticed."""

    port: int
    path: str = "/graphql"
    key: str = ""
    after: str | None = None
    first: int = 1
    last: int = 0
    arrivals: dict[int, list[float]] | None = None
    received: int = 0
    finished: int = 0
    faults: list[str] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    listeners: list[Listener] = field(default_factory=list)
    reading: int = 0

    def expect(self, first: int, last: int) -> None:
        """From now on everybody who reads waits for these events."""
        self.first, self.last, self.received, self.finished = first, last, 0, 0
        self.done.clear()
        for each in self.listeners:
            each.next = first


class Listener(asyncio.Protocol):
    """One socket: its handshake, its subscription where it has a key, and the order of what it hears."""

    def __init__(self, room: Room, id: str, opened: asyncio.Future[None], *, reads: bool = True) -> None:
        self._room = room
        self._id = id
        self._opened = opened
        self._reads = reads
        self._buffer = b""
        self._upgraded = False
        self.transport: asyncio.Transport
        self.next = room.first
        self.closed: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self.transport = cast(asyncio.Transport, transport)
        nonce = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET {self._room.path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
        )
        self.transport.write(head.encode())

    def data_received(self, data: bytes) -> None:
        """Take the frames that are complete."""
        data = self._buffer + data if self._buffer else data
        start = 0
        if not self._upgraded:
            start = data.find(_HEAD_END) + len(_HEAD_END)
            if start < len(_HEAD_END):
                self._buffer = data
                return
            self._upgrade(data[:start])
        self._buffer = data[self._frames(data, start) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """A socket that ends while somebody counts on it is a fault."""
        if not self._opened.done():
            self._opened.set_exception(ConnectionError(f"closed during the handshake: {self.closed!r}"))

    def send(self, text: str) -> None:
        """One masked text frame."""
        self.transport.write(frame(text.encode()))

    def _upgrade(self, head: bytes) -> None:
        self._upgraded = True
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._room.faults.append(head.decode("latin-1")[:200])
        if self._room.key:
            self.send(json.dumps({"type": "connection_init", "payload": {"X-API-Key": self._room.key}}))
        else:
            self._ready()

    def _frames(self, data: bytes, start: int) -> int:
        """Handle every whole frame; where the rest begins."""
        end = len(data)
        while start + 2 <= end:
            length, head = data[start + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[start + 2 : start + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[start + 2 : start + 10]), 10
            if start + head + length > end:
                break
            self._frame(data[start] & 15, data[start + head : start + head + length])
            start += head + length
        return start

    def _frame(self, opcode: int, payload: bytes) -> None:
        found = payload.find(_SEQUENCE) if opcode == 1 else -1
        if found >= 0:
            self._event(payload, found + len(_SEQUENCE))
        elif opcode == 9:
            self.transport.write(frame(payload, opcode=10))
        elif opcode == 8:
            self.closed = payload
            self._room.faults.append(f"closed: {payload!r}")
            self.transport.close()
        elif _ACK in payload:
            variables = {"after": self._room.after} if self._room.after else {}
            request = {"query": SUBSCRIPTION, "variables": variables}
            self.send(json.dumps({"id": self._id, "type": "subscribe", "payload": request}))
            self._ready()
        elif b'"ping"' in payload:
            self.send(_PONG.decode())
        else:
            self._room.faults.append(payload.decode()[:300])

    def _event(self, payload: bytes, place: int) -> None:
        room = self._room
        sequence = int(payload[place : payload.find(b",", place)])
        if sequence != self.next:
            room.faults.append(f"{self._id} expected {self.next} and heard {sequence}")
        self.next = sequence + 1
        room.received += 1
        if room.arrivals is not None:
            room.arrivals.setdefault(sequence, []).append(perf_counter())
        if sequence == room.last:
            room.finished += 1
            if room.finished == room.reading:
                room.done.set()

    def _ready(self) -> None:
        if not self._reads:
            self.transport.pause_reading()
        if not self._opened.done():
            self._opened.set_result(None)


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A masked frame, a text unless said otherwise, masked with zeros: the least a client has to do."""
    size = len(payload)
    length = bytes([128 | size]) if size < 126 else bytes([128 | 126]) + size.to_bytes(2)
    return bytes([128 | opcode]) + length + b"\0\0\0\0" + payload


async def join(room: Room, count: int, *, reads: bool = True) -> list[Listener]:
    """Open sockets, all with ids of their own as client libraries make them; some may never read."""
    raise_file_limit()
    loop = asyncio.get_running_loop()
    joined: list[Listener] = []
    for begin in range(0, count, _AT_ONCE):
        openings = []
        for _ in range(min(_AT_ONCE, count - begin)):
            opened = loop.create_future()
            made = partial(Listener, room, os.urandom(16).hex(), opened, reads=reads)
            _, listener = await loop.create_connection(made, "127.0.0.1", room.port)
            joined.append(listener)
            openings.append(opened)
        await asyncio.wait_for(asyncio.gather(*openings), 30)
    room.listeners += joined
    room.reading += count if reads else 0
    return joined


def leave(listeners: list[Listener]) -> None:
    """Hang up."""
    for each in listeners:
        each.transport.abort()


def raise_file_limit() -> None:
    """As many files as this user may have open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

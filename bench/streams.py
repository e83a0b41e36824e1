"""What streams cost: a thousand subscribers beside a bare fan-out, sockets that never read, and how soon events arrive.

`python -m bench.streams` runs it all; each measurement says whether its promise was kept.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

import httpx
import uvloop
from websockets.asyncio.client import connect

from bench.databases import on_server, prepare
from bench.listeners import Room, join, leave, raise_file_limit
from bench.processes import Cores, Serving, serving
from bench.startup import SERVE
from resolvers.cursors import place

SUBSCRIBERS, EVENTS, STUCK = 1000, 100, 20
_FIRST = 50
MOST_TIMES_BARE = 1.5
MOST_GROWTH_MEBIBYTES = 50.0
MOST_P95_MS, MOST_P95_ACROSS_MS = 50.0, 250.0
_WRITES_A_SECOND, _LISTENING, _PACED = 50, 100, 250
_STUCK_EVENTS = 400
_SETTLE_SECONDS = 3.0
_PATIENCE_SECONDS = 90
_CREATE = "mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id } errors { message } } }"
_LATEST = "{ events(last: 1) { nodes { sequence cursor } } }"
# What the subscription below is told of one lead; `@` stands for the number.
_SAMPLE = (
    '{"id":"7f1c3a9e52d84c06b1f7a2e4d9035b68","type":"next","payload":{"data":{"events":{"cursor":"ZTE6MTIzNA",'
    '"sequence":@,"type":"LEAD_CREATED","occurredAt":"2026-01-31T12:00:00Z","data":{"status":"NEW","source":"website",'
    '"email":"reader1234@example.com","first_name":"Ann","last_name":"Lee"},'
    '"lead":{"id":"lead_01k00000000000000000000000","status":"NEW","email":"reader1234@example.com"}}}}}'
)
Say = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FanOut:
    """One fan-out: wall and processor time from the first write to the last message, memory per connection."""

    name: str
    messages: int
    seconds: float
    cpu_us: float
    kibibytes: float
    faults: int

    def __str__(self) -> str:
        return (
            f"{self.name:44}{self.messages:>9,} messages {self.seconds:>7.2f} s {self.cpu_us:>6.1f} µs of CPU each"
            f"{self.kibibytes:>7.1f} KiB a connection" + (f"  {self.faults} faults" if self.faults else "")
        )


class Writer:
    """Makes things happen by GraphQL, and knows when it asked for them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.asked: dict[int, float] = {}

    async def begin(self) -> int:
        """The number of a new event, after which there are only those that are written here."""
        await self.write(0)
        return await self.latest()

    async def latest(self) -> int:
        """The number of the newest event that this key is told of."""
        answer = await self._client.post("/graphql", json={"query": _LATEST})
        nodes = answer.json()["data"]["events"]["nodes"]
        return int(nodes[0]["sequence"]) if nodes else 0

    async def write(self, number: int) -> None:
        """One lead, which is one event; `number` is the sequence it will have."""
        self.asked[number] = perf_counter()
        given = {"source": "website", "email": f"reader{number}@example.com", "firstName": "Ann", "lastName": "Lee"}
        answer = (await self._client.post("/graphql", json={"query": _CREATE, "variables": {"input": given}})).json()
        if answer.get("errors") or answer["data"]["createLead"]["errors"]:
            sys.exit(f"A lead was refused: {answer}")


@asynccontextmanager
async def writing(port: int, key: str) -> AsyncIterator[Writer]:
    """A writer with a connection of its own."""
    headers = {"X-API-Key": key}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        yield Writer(client)


async def told(room: Room, server: Serving, name: str, act: Callable[[], Awaitable[None]]) -> FanOut:
    """Time from an act until every listener has heard all there is to hear."""
    messages = (room.last - room.first + 1) * room.reading
    used, began = server.cpu_seconds(), perf_counter()
    await act()
    try:
        await asyncio.wait_for(room.done.wait(), _PATIENCE_SECONDS)
    except TimeoutError:
        room.faults.append(f"only {room.received} of {messages} messages arrived")
    seconds, cpu = perf_counter() - began, server.cpu_seconds() - used
    for fault in room.faults[:3]:
        print(f"fault: {fault}", file=sys.stderr)
    return FanOut(name, room.received, seconds, cpu / max(1, messages) * 1e6, 0.0, len(room.faults))


async def ours(server: Serving, key: str) -> list[FanOut]:
    """A thousand subscribers on one server: events written one after the other, then as fast as they come."""
    found = []
    async with writing(server.port, key) as writer:
        newest = await writer.begin()
        room = Room(server.port, key=key, after=place(newest))
        # What is loaded for the first few belongs to no connection.
        joined = await join(room, _FIRST)
        room.expect(newest + 1, newest + 1)
        await told(room, server, "", partial(writer.write, newest + 1))
        newest = await writer.latest()
        room.after = place(newest)
        before = server.rss_mebibytes()
        joined += await join(room, SUBSCRIBERS - _FIRST)
        # One event for everybody first: from then on all of them are known to listen.
        room.expect(newest + 1, newest + 1)
        await told(room, server, "", partial(writer.write, newest + 1))
        held = (server.rss_mebibytes() - before) * 1024 / (SUBSCRIBERS - _FIRST)
        for name, at_once in (("one write after the other", 1), ("ten writers at once", 10)):
            newest = await writer.latest()
            room.expect(newest + 1, newest + EVENTS)
            one = await told(room, server, f"Trigraph, {name}", partial(_all, writer, newest, EVENTS, at_once))
            found.append(FanOut(one.name, one.messages, one.seconds, one.cpu_us, held, one.faults))
        leave(joined)
    return found


async def _all(writer: Writer, newest: int, count: int, at_once: int) -> None:
    numbers = iter(range(newest + 1, newest + count + 1))

    async def one() -> None:
        for number in numbers:
            await writer.write(number)

    await asyncio.gather(*(one() for _ in range(at_once)))


async def writes_alone(server: Serving, key: str) -> tuple[float, float]:
    """Seconds the same writes take when nobody listens, and seconds of processor time."""
    async with writing(server.port, key) as writer:
        # The first ones also load and compile what all others use.
        await _all(writer, await writer.begin(), EVENTS, 1)
        newest = await writer.latest()
        used, began = server.cpu_seconds(), perf_counter()
        await _all(writer, newest, EVENTS, 1)
        return perf_counter() - began, server.cpu_seconds() - used


async def bare(server: Serving) -> list[FanOut]:
    """The same bytes to as many sockets by a server that does nothing else."""
    found = []
    room = Room(server.port, path="/")
    joined = await join(room, _FIRST)
    before = server.rss_mebibytes()
    joined += await join(room, SUBSCRIBERS - _FIRST)
    held = (server.rss_mebibytes() - before) * 1024 / (SUBSCRIBERS - _FIRST)
    async with connect(f"ws://127.0.0.1:{server.port}/control", proxy=None) as control:
        for name, step in (("one message after the other", 1), ("all at once", EVENTS)):
            room.expect(1, EVENTS)

            async def act(step: int = step) -> None:
                for first in range(1, EVENTS + 1, step):
                    await control.send(f"{first} {first + step - 1}")
                    await control.recv()

            one = await told(room, server, f"bare websockets, {name}", act)
            found.append(FanOut(one.name, one.messages, one.seconds, one.cpu_us, held, one.faults))
    leave(joined)
    return found


@dataclass(frozen=True, slots=True)
class Stuck:
    """What sockets that never read do to the others, and to memory."""

    without: FanOut
    beside: FanOut
    growth_mebibytes: float

    def __str__(self) -> str:
        slower = self.beside.seconds / self.without.seconds
        return (
            f"{STUCK} sockets that never read: the others take {slower:.2f} times as long, "
            f"memory grows by {self.growth_mebibytes:.1f} MiB (at most {MOST_GROWTH_MEBIBYTES:.0f})"
        )

    @property
    def kept(self) -> bool:
        """Whether nobody missed anything and memory stayed within its bound."""
        return not self.beside.faults and self.growth_mebibytes <= MOST_GROWTH_MEBIBYTES


async def stuck(server: Serving, key: str) -> Stuck:
    """A hundred subscribers with and without sockets beside them that take nothing."""
    async with writing(server.port, key) as writer:
        newest = await writer.begin()
        room = Room(server.port, key=key, after=place(newest))
        joined = await join(room, _LISTENING)

        async def run(name: str) -> FanOut:
            newest = await writer.latest()
            room.expect(newest + 1, newest + _STUCK_EVENTS)
            return await told(room, server, name, lambda: _all(writer, newest, _STUCK_EVENTS, 4))

        without = await run("without")
        silent = Room(server.port, key=key, after=place(await writer.latest()))
        joined += await join(silent, STUCK, reads=False)
        before = server.rss_mebibytes()
        beside = await run("beside")
        growth = server.rss_mebibytes() - before
        leave(joined)
    return Stuck(without, beside, growth)


@dataclass(frozen=True, slots=True)
class Latency:
    """How soon subscribers hear of a write, from the moment it was asked for, in milliseconds."""

    name: str
    p50_ms: float
    p95_ms: float
    worst_ms: float
    most_ms: float
    faults: int

    def __str__(self) -> str:
        return (
            f"write to subscriber, {self.name}: p50 {self.p50_ms:.1f} ms, p95 {self.p95_ms:.1f} ms "
            f"(at most {self.most_ms:.0f}), worst {self.worst_ms:.1f} ms"
            + f", {self.faults} faults"
            * (self.faults > 0)
        )

    @property
    def kept(self) -> bool:
        """Whether the promise holds."""
        return not self.faults and self.p95_ms <= self.most_ms


async def latency(name: str, server: Serving, port: int, key: str, most_ms: float) -> Latency:
    """Writes at a moderate pace to one port, subscribers on the server, which may be another process."""
    async with writing(port, key) as writer:
        newest = await writer.begin()
        room = Room(server.port, key=key, after=place(newest), arrivals={})
        joined = await join(room, _LISTENING)
        room.expect(newest + 1, newest + _PACED)
        writer.asked.clear()

        async def paced() -> None:
            began = perf_counter()
            for number in range(_PACED):
                await asyncio.sleep(began + number / _WRITES_A_SECOND - perf_counter())
                await writer.write(newest + 1 + number)

        one = await told(room, server, name, paced)
        leave(joined)
    arrivals = room.arrivals or {}
    waits = sorted((at - writer.asked[number]) * 1000 for number, found in arrivals.items() for at in found)
    p50, p95 = waits[len(waits) // 2], waits[len(waits) * 95 // 100]
    return Latency(name, p50, p95, waits[-1], most_ms, one.faults)


def measure(say: Say, postgres: str | None = None) -> bool:
    """Measure everything and say it, on PostgreSQL too when there is a server; whether all promises were kept."""
    raise_file_limit()
    cores = Cores.own()
    with tempfile.TemporaryDirectory(prefix="trigraph-streams-") as temporary:
        folder = Path(temporary)
        key = prepare(folder, 100).key
        with _pinned(serving(SERVE, folder, cores.server), cores) as server:
            alone = _run(writes_alone(server, key))
            told = _run(ours(server, key))
            # A thousand farewells are work as well, and no part of what follows.
            time.sleep(_SETTLE_SECONDS)
            promises: list[Stuck | Latency] = [_run(stuck(server, key))]
            promises.append(_run(latency("one process", server, server.port, key, MOST_P95_MS)))
        with _pinned(serving(("-m", "bench.bare", _SAMPLE), folder, cores.server), cores) as server:
            floor = _run(bare(server))
        if postgres:
            promises.append(_across(folder, postgres, cores))
    for one in (*told, *floor):
        say(str(one))
    kept = _compared(told, floor, alone, say)
    for promise in promises:
        say(str(promise))
    return kept and all(promise.kept for promise in promises)


def _compared(told: list[FanOut], floor: list[FanOut], alone: tuple[float, float], say: Say) -> bool:
    """Ours beside the bare one, by processor time without the writes, whoever else is on the machine."""
    share = alone[1] / (EVENTS * SUBSCRIBERS) * 1e6
    say(f"the {EVENTS} writes alone take {alone[0]:.2f} s, {share:.1f} µs of the CPU of each of Trigraph's messages")
    kept = True
    for one, least in zip(told, floor, strict=True):
        times = (one.cpu_us - share) / least.cpu_us
        wall = one.seconds / least.seconds
        say(f"{one.name}: {times:.2f} times the bare fan-out (at most {MOST_TIMES_BARE}); with the writes {wall:.2f}")
        kept = kept and times <= MOST_TIMES_BARE and not one.faults
    return kept


def _across(folder: Path, postgres: str, cores: Cores) -> Latency:
    """Written in one process and heard in another, over PostgreSQL."""
    with on_server(postgres) as url:
        os.sched_setaffinity(0, {cores.server, cores.client})
        key = prepare(folder, 100, url).key
        given = {"TRIGRAPH_DATABASE_URL": url}
        with (
            serving(SERVE, folder / "writes", cores.server, given) as writes,
            _pinned(serving(SERVE, folder / "tells", cores.server, given), cores) as tells,
        ):
            return _run(latency("two processes", tells, writes.port, key, MOST_P95_ACROSS_MS))


@contextmanager
def _pinned(server: AbstractContextManager[Serving], cores: Cores) -> Iterator[Serving]:
    with server as serving_:
        os.sched_setaffinity(0, {cores.client})
        yield serving_


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


if __name__ == "__main__":
    # The server that the tests use, when it is named.
    raise SystemExit(not measure(print, os.environ.get("TRIGRAPH_TEST_POSTGRES_URL")))

"""`python -m bench.soak`: a server is killed in the middle of its writes, and its receivers fail half the time.

Afterwards every write that was acknowledged has to be there, and every event delivered at least once, under one id and
with its number; to the endpoint that asked for strict order, in that order. Ends with 1 when one of that is not so.

With `--reads` a server is asked for five minutes and has to keep its memory: see `bench.reading`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

from bench import reading
from bench.databases import prepare
from bench.processes import Cores, Serving, serving
from bench.startup import SERVE

WRITES, KILLED_AT = 2000, 1000
_WRITERS = 4
_PATIENCE_SECONDS = 120
_SETTINGS = {
    "TRIGRAPH_OUTGOING_ALLOWED_NETWORKS": "127.0.0.0/8",
    # Half of all attempts fail: with so many of them none of these deliveries is given up by chance.
    "TRIGRAPH_WEBHOOKS_SCHEDULE": ",".join(["0"] * 8 + ["1"] * 40),
    "TRIGRAPH_WEBHOOKS_JITTER": "0",
    "TRIGRAPH_WEBHOOKS_BREAKER_FAILURES": "40",
    "TRIGRAPH_WEBHOOKS_BREAKER_SECONDS": "1",
}
_REGISTER = """mutation ($input: CreateWebhookInput!) {
  createWebhook(input: $input) { webhook { id } errors { message } }
}"""
_CREATE = "mutation ($input: CreateLeadInput!) { createLead(input: $input) { lead { id } errors { message } } }"
_EVENTS = """query ($after: Cursor) {
  events(types: [LEAD_CREATED], first: 100, after: $after) {
    nodes { sequence lead { id } } pageInfo { hasNextPage endCursor }
  }
}"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that reached a receiver."""

    id: str
    sequence: int
    digest: bytes
    accepted: bool


@dataclass
class Receiver:
    """Takes deliveries at any path, and fails half the time; by path, what arrived in its order."""

    port: int = 0
    arrived: defaultdict[str, list[Attempt]] = field(default_factory=lambda: defaultdict(list))
    accepted: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _chance: random.Random = field(default_factory=lambda: random.Random(4))

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status of an answer, noted with what was asked."""
        accepted = self._chance.random() < 0.5
        sequence = int(headers["x-trigraph-sequence"])
        self.arrived[path].append(Attempt(headers["webhook-id"], sequence, hashlib.sha256(body).digest(), accepted))
        if accepted:
            self.accepted[path].add(sequence)
        return 200 if accepted else 500

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection until the other end closes it."""
        try:
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.partition(": ") for line in lines[1:] if line)
                headers = {name.lower(): value for name, _, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.answer(lines[0].split(" ")[1], headers, body)
                writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()


@dataclass
class Soak:
    """What was written, and what has to be true in the end."""

    key: str
    receiver: Receiver
    acknowledged: set[str] = field(default_factory=set)
    began: int = 0
    problems: list[str] = field(default_factory=list)

    async def register(self, server: Serving) -> None:
        """One endpoint that takes deliveries as they come, one that wants them in order."""
        async with self._client(server) as client:
            for path, strict in (("/plain", False), ("/strict", True)):
                url = f"http://127.0.0.1:{self.receiver.port}{path}"
                wanted = {"url": url, "events": ["LEAD_CREATED"], "dialect": "CRM_ULTRA", "strictOrder": strict}
                made = await _ask(client, _REGISTER, {"input": wanted})
                if made["createWebhook"]["errors"]:
                    sys.exit(f"No webhook could be registered: {made['createWebhook']['errors']}")

    async def write(self, server: Serving, until: int) -> None:
        """Create leads, several at once, until so many are acknowledged in all, or the server is gone."""
        async with self._client(server) as client:
            await asyncio.gather(*(self._writer(client, until) for _ in range(_WRITERS)), return_exceptions=True)

    async def _writer(self, client: httpx.AsyncClient, until: int) -> None:
        while len(self.acknowledged) < until:
            self.began += 1
            lead = {"source": "website", "email": f"lead{self.began}@example.com", "firstName": "Ada"}
            lead["customFields"] = {"10": 2.0, "9": 1e-7, "name": "Ädä"}  # type: ignore[assignment]
            made = (await _ask(client, _CREATE, {"input": lead}))["createLead"]
            self.acknowledged.add(made["lead"]["id"])

    async def events(self, server: Serving) -> dict[int, str]:
        """The leads that the log says were created since the beginning, by the events' numbers."""
        found: dict[int, str] = {}
        async with self._client(server) as client:
            after: str | None = None
            while True:
                page = (await _ask(client, _EVENTS, {"after": after}))["events"]
                found |= {node["sequence"]: node["lead"]["id"] for node in page["nodes"]}
                if not page["pageInfo"]["hasNextPage"]:
                    return found
                after = page["pageInfo"]["endCursor"]

    async def settle(self, wanted: set[int]) -> float:
        """Wait until both receivers have taken every event, though not for ever; for how many seconds."""
        began = perf_counter()
        while perf_counter() - began < _PATIENCE_SECONDS:
            if all(wanted <= self.receiver.accepted[path] for path in ("/plain", "/strict")):
                break
            await asyncio.sleep(0.1)
        return perf_counter() - began

    def judge(self, events: dict[int, str]) -> None:
        """Everything that has to be so, each broken promise in a line."""
        lost = self.acknowledged - set(events.values())
        self._check(not lost, f"{len(lost)} acknowledged writes are not there")
        for path in ("/plain", "/strict"):
            missing = set(events) - self.receiver.accepted[path]
            self._check(not missing, f"{path}: {len(missing)} events were not delivered")
            seen: defaultdict[int, set[tuple[str, bytes]]] = defaultdict(set)
            for each in self.receiver.arrived[path]:
                seen[each.sequence].add((each.id, each.digest))
            several = [sequence for sequence, known in seen.items() if len(known) > 1]
            self._check(not several, f"{path}: {len(several)} events had several ids or bodies")
            ids = {each for known in seen.values() for each, _ in known}
            self._check(len(ids) == len(seen), f"{path}: several events share an id")
        arrived = [each.sequence for each in self.receiver.arrived["/strict"]]
        self._check(arrived == sorted(arrived), "/strict: deliveries came out of order")
        self._check(self._one_after_the_other(), "/strict: an event was sent before the one before it was taken")

    def _one_after_the_other(self) -> bool:
        arrived = self.receiver.arrived["/strict"]
        return all(each.sequence == before.sequence or before.accepted for before, each in pairwise(arrived))

    def _check(self, kept: bool, problem: str) -> None:
        if not kept:
            self.problems.append(problem)

    @asynccontextmanager
    async def _client(self, server: Serving) -> AsyncIterator[httpx.AsyncClient]:
        base = f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient(base_url=base, headers={"X-API-Key": self.key}, timeout=30) as client:
            yield client


async def _ask(client: httpx.AsyncClient, query: str, variables: dict[str, Any]) -> Any:
    response = await client.post("/graphql", json={"query": query, "variables": variables})
    answer = response.json()
    if "errors" in answer:
        raise RuntimeError(answer["errors"])
    return answer["data"]


async def run(folder: Path, key: str) -> tuple[Soak, list[tuple[str, str]]]:
    """The whole soak on a prepared database; what became of it, and the lines of its table."""
    cores = Cores.own()
    soak = Soak(key, Receiver())
    listening = await asyncio.start_server(soak.receiver.serve, "127.0.0.1", 0)
    soak.receiver.port = listening.sockets[0].getsockname()[1]
    began = perf_counter()
    with serving(SERVE, folder, cores.server, _SETTINGS) as server:
        os.sched_setaffinity(0, {cores.client})
        await soak.register(server)
        writing = asyncio.create_task(soak.write(server, WRITES))
        while len(soak.acknowledged) < KILLED_AT:  # noqa: ASYNC110 - looked at, so that writing is the same as ever
            await asyncio.sleep(0.001)
        os.kill(server.pid, signal.SIGKILL)
        await writing
    killed = (len(soak.acknowledged), _attempts(soak.receiver))
    with serving(SERVE, folder, cores.server, _SETTINGS) as server:
        await soak.write(server, WRITES)
        written = perf_counter() - began
        used, attempts = server.cpu_seconds(), _attempts(soak.receiver)
        events = await soak.events(server)
        drained = await soak.settle(set(events))
        used, attempts = server.cpu_seconds() - used, _attempts(soak.receiver) - attempts
        soak.judge(events)
    listening.close()
    return soak, [
        ("acknowledged writes", f"{len(soak.acknowledged):,} in {written:.1f} s, {soak.began:,} begun"),
        ("killed after", f"{killed[0]:,} writes and {killed[1]:,} attempts"),
        ("events", f"{len(events):,}"),
        *((f"attempts at {path}", _told(soak.receiver.arrived[path])) for path in ("/plain", "/strict")),
        ("drained after the last write", f"{drained:.1f} s, {attempts / max(drained, 0.1):,.0f} attempts a second"),
        ("CPU per attempt meanwhile", f"{used / max(attempts, 1) * 1000:.2f} ms"),
    ]


def _attempts(receiver: Receiver) -> int:
    return sum(map(len, receiver.arrived.values()))


def _told(arrived: Sequence[Attempt]) -> str:
    taken = [each.sequence for each in arrived if each.accepted]
    return f"{len(arrived):,}, {len(taken):,} taken, {len(taken) - len(set(taken)):,} of them again"


def main() -> None:
    """Run and print; ends with 1 when a promise was not kept."""
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("The soak pins cores and reads /proc: it needs Linux.")
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--reads", action="store_true", help="read only, and look at memory")
    parser.add_argument("--seconds", type=float, default=300, help="how long is read")
    chosen = parser.parse_args()
    if chosen.reads:
        grown = reading.measure(chosen.seconds, print)
        print(grown)
        sys.exit(not grown.kept)
    with tempfile.TemporaryDirectory(prefix="trigraph-soak-") as temporary:
        folder = Path(temporary)
        key = prepare(folder, 100).key
        soak, lines = asyncio.run(run(folder, key))
    for name, value in lines:
        print(f"{name:32}{value}")
    for problem in soak.problems:
        print(f"BROKEN  {problem}")
    sys.exit(bool(soak.problems))


if __name__ == "__main__":
    main()

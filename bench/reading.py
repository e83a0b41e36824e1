"""Whether a server that only reads keeps its memory: everything compiled, with documents nobody has sent before.

`python -m bench.soak --reads` runs it.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import sleep

from bench.databases import prepare
from bench.generator import Load
from bench.generator import run as put
from bench.processes import Cores, Serving, serving
from bench.scenarios import Scenario, aliased, scenarios
from bench.startup import SERVE

MOST_GROWTH_MEBIBYTES = 16.0
_KEPT = 300
_SETTINGS = {"TRIGRAPH_COMPILED_KEPT": str(_KEPT), "TRIGRAPH_GRAPHQL_CACHED_DOCUMENTS": str(_KEPT)}
"""So few that what is kept is full after the warm-up, and is replaced from then on."""
_LEADS, _CONNECTIONS = 5_000, 16
_WARM_SECONDS, _PART_SECONDS = 60.0, 10.0
_NEW_EVERY = 20
"""One request in so many is a document of its own."""
_LOOKED_AT = 3
"""Readings of memory at either end, of which the median counts."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Grown:
    """How much memory a server held after its warm-up and at the end, in MiB, and what was asked in between."""

    seconds: float
    requests: int
    failures: int
    warm_mebibytes: float
    end_mebibytes: float

    def __str__(self) -> str:
        grown = self.end_mebibytes - self.warm_mebibytes
        return (
            f"{self.requests:,} reads in {self.seconds:.0f} s: memory {self.warm_mebibytes:.1f} MiB when warm, "
            f"{grown:+.1f} MiB at the end (at most {MOST_GROWTH_MEBIBYTES:.0f})"
            + (f", {self.failures} failed" if self.failures else "")
        )

    @property
    def kept(self) -> bool:
        """Whether it stayed within its bound, and everything was answered."""
        return not self.failures and self.end_mebibytes - self.warm_mebibytes <= MOST_GROWTH_MEBIBYTES


def measure(seconds: float, say: Say) -> Grown:
    """Read for so long after the warm-up, and see what the server holds."""
    cores = Cores.own()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trigraph-soak-")))
        prepared = prepare(folder, _LEADS, nested=True)
        server = stack.enter_context(serving(SERVE, folder, cores.server, _SETTINGS))
        os.sched_setaffinity(0, {cores.client})
        new = (aliased(prepared.key, lead, number) for number, lead in enumerate(itertools.cycle(prepared.leads)))
        # What is kept has to be full before anything is counted.
        _asked(server, itertools.chain(itertools.islice(new, 4 * _KEPT), _mixed(scenarios(*prepared.opens), new)))
        return _soaked(server, _mixed(scenarios(*prepared.opens), new), seconds, say)


def _soaked(server: Serving, requests: Iterator[bytes], seconds: float, say: Say) -> Grown:
    warm = _held(server)
    say(f"warm: {warm:.1f} MiB")
    count = failures = 0
    parts = max(1, round(seconds / _PART_SECONDS))
    for part in range(1, parts + 1):
        load = Load(server.port, requests, _CONNECTIONS, seconds / parts)
        put(load)
        count, failures = count + len(load.latencies), failures + load.failures
        say(f"{part * seconds / parts:5.0f} s: {server.rss_mebibytes():.1f} MiB")
    return Grown(seconds, count, failures, warm, _held(server))


def _asked(server: Serving, requests: Iterator[bytes]) -> None:
    put(Load(server.port, requests, _CONNECTIONS, _WARM_SECONDS))


def _mixed(known: Sequence[Scenario], new: Iterator[bytes]) -> Iterator[bytes]:
    """All reads in turn, and every now and then a document of its own."""
    reads = [each.requests for each in known if not each.writes]
    for number in itertools.count(1):
        yield next(new) if number % _NEW_EVERY == 0 else next(reads[number % len(reads)])


def _held(server: Serving) -> float:
    found = []
    for _ in range(_LOOKED_AT):
        found.append(server.rss_mebibytes())
        sleep(1)
    return median(found)

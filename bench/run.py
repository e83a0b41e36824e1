"""The measurements, one after the other."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.databases import prepare
from bench.generator import Load
from bench.generator import run as put
from bench.processes import Cores, Serving, serving
from bench.scenarios import Scenario, floor, scenarios
from bench.startup import SERVE

_WARM_SECONDS = 1.0
_HELLO = ("-m", "bench.hello")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked, how long, over what."""

    sizes: tuple[int, ...]
    seconds: float
    connections: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One scenario on one size of database; times in milliseconds, memory in MiB."""

    scenario: str
    leads: int | None
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    rss_mebibytes: float
    failures: int


@dataclass(frozen=True, slots=True)
class Loading:
    """How fast a database was loaded."""

    leads: int
    rows: int
    seconds: float


def measure(plan: Plan, say: Callable[[str], None]) -> tuple[list[Loading], list[Measured]]:
    """Every scenario on every size, beside the floor."""
    cores = Cores.own()
    loadings: list[Loading] = []
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as temporary:
        floor_folder = Path(temporary) / "hello"
        with serving(_HELLO, floor_folder, cores.server) as server:
            _pin(cores)
            measured.append(_one(plan, server, floor(), None))
        for leads in plan.sizes:
            say(f"loading {leads:,} leads ...")
            os.sched_setaffinity(0, {cores.server, cores.client})
            folder = Path(temporary) / str(leads)
            prepared = prepare(folder, leads)
            loadings.append(Loading(leads, prepared.loaded.rows, prepared.loaded.seconds))
            with serving(SERVE, folder, cores.server) as server:
                _pin(cores)
                for scenario in scenarios(prepared.key, prepared.leads):
                    say(f"{leads:,} leads: {scenario.name}")
                    measured.append(_one(plan, server, scenario, leads))
    return loadings, measured


def _pin(cores: Cores) -> None:
    os.sched_setaffinity(0, {cores.client})


def _one(plan: Plan, server: Serving, scenario: Scenario, leads: int | None) -> Measured:
    put(Load(server.port, scenario.requests, plan.connections, _WARM_SECONDS))
    before = server.cpu_seconds()
    load = Load(server.port, scenario.requests, plan.connections, plan.seconds)
    put(load)
    used = server.cpu_seconds() - before
    ordered = sorted(load.latencies)
    return Measured(
        scenario=scenario.name,
        leads=leads,
        requests_per_second=len(ordered) / plan.seconds,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p99_ms=ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000,
        cpu_us=used / len(ordered) * 1e6,
        rss_mebibytes=server.rss_mebibytes(),
        failures=load.failures,
    )

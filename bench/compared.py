"""Processor time of the same questions at our door, by graphql-core, by hand and elsewhere.

All doors are served on one core and asked in turn, round after round, so that whatever else the machine does meets all
of them. Figures are medians of the rounds.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import answers, mercurius
from bench.databases import cached, on_server, prepare
from bench.doors import CORE, FLOOR, HELLO, MERCURIUS, OURS, Door, Open, doors, served
from bench.generator import Load
from bench.generator import run as put
from bench.processes import Cores
from bench.scenarios import Scenario, floor, scenarios

_WARM_SECONDS, _FIRST_WARM_SECONDS = 0.3, 1.5
_ON_SERVER = ("Q1", "Q2", "Q2v", "Q3")
_HELLO = Door(HELLO, ("-m", "bench.hello"))
MOST_TIMES_FLOOR = {"Q1": 1.7, "Q2": 1.25, "Q2v": 1.25, "Q3": 1.25, "REST": 1.25, "Q4": 2.0}
MOST_TIMES_FLOOR_ON_SERVER = 1.5
MOST_SHARE_OF_CORE = 1 / 8
MOST_TIMES_MERCURIUS = {"Q1": 1.5, "Q2": 1.0, "Q2v": 1.0, "Q3": 1.0, "Q4": 1.0}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is asked, how long and how often, over what."""

    leads: int = 100_000
    seconds: float = 1.0
    rounds: int = 5
    connections: int = 16


@dataclass(frozen=True, slots=True)
class Measured:
    """One scenario at one door, medians of its rounds; times in milliseconds, memory in MiB.

    `fell_back` is the share of our own answers that were not compiled, by reason.
    """

    database: str
    key: str
    scenario: str
    door: str
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    rss_mebibytes: float
    failures: int
    fell_back: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What one scenario has to reach beside one other door, and what it does reach."""

    database: str
    key: str
    beside: str
    ratio: float
    most: float

    @property
    def kept(self) -> bool:
        """Whether it is reached."""
        return self.ratio <= self.most

    def __str__(self) -> str:
        told = f"{self.ratio:.2f} times {self.beside} (at most {self.most:.2f})"
        if self.beside == CORE:
            told = f"{1 / self.ratio:.1f} times less than {self.beside} (at least {1 / self.most:.0f})"
        return f"{self.database}: {self.key:5} {told}" + ("" if self.kept else "  NOT KEPT")


@dataclass(frozen=True, slots=True)
class Compared:
    """All figures, and what mercurius was run on."""

    plan: Plan
    measured: list[Measured]
    mercurius: str | None

    def targets(self) -> list[Target]:
        """Everything that is to be reached, as far as the doors were there."""
        return [target for one in self.measured if one.door == OURS for target in self._of(one)]

    def beside(self, one: Measured, door: str) -> Measured | None:
        """The same at another door."""
        same = (other for other in self.measured if (other.database, other.key) == (one.database, one.key))
        return next((other for other in same if other.door == door), None)

    def _of(self, one: Measured) -> Iterable[Target]:
        embedded = one.database == SQLITE
        most = {
            FLOOR: MOST_TIMES_FLOOR.get(one.key) if embedded else MOST_TIMES_FLOOR_ON_SERVER,
            CORE: MOST_SHARE_OF_CORE if embedded else None,
            MERCURIUS: MOST_TIMES_MERCURIUS.get(one.key),
        }
        for door, bound in most.items():
            other = self.beside(one, door)
            if bound and other:
                yield Target(one.database, one.key, door, one.cpu_us / other.cpu_us, bound)


SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def measure(plan: Plan, say: Say, server: str | None = None) -> Compared:
    """Everything on SQLite; the reads on PostgreSQL as well, where there is a server."""
    installed = mercurius.install(say)
    with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as temporary:
        say(f"loading {plan.leads:,} leads, if they are not kept from before ...")
        folder, prepared = cached("compared", plan.leads, lambda made: prepare(made, plan.leads, nested=True))
        asked = scenarios(*prepared.opens)
        measured = _measure(SQLITE, [*doors(installed)], [floor(), *asked], plan, folder, Path(temporary), say)
        if server:
            with on_server(server) as url:
                say(f"loading {plan.leads:,} leads on PostgreSQL ...")
                # The secret beside the database belongs to its keys.
                folder = Path(temporary) / "server"
                prepared = prepare(folder, plan.leads, url, nested=True)
                asked = [each for each in scenarios(*prepared.opens) if each.key in _ON_SERVER]
                known = doors(None, {"TRIGRAPH_DATABASE_URL": url})
                measured += _measure(POSTGRES, known, asked, plan, folder, Path(temporary), say)
    return Compared(plan, measured, installed.versions if installed else None)


def _measure(
    database: str, known: list[Door], asked: list[Scenario], plan: Plan, folder: Path, copies: Path, say: Say
) -> list[Measured]:
    found = []
    cores = Cores.own()
    with served([*known, _HELLO], folder, copies, cores.server) as opened, _pinned(cores):
        for scenario in asked:
            able = [door for door in opened if (door.name == HELLO) is (scenario.key == floor().key)]
            if scenario.key != floor().key:
                answers.check(scenario, able)
            say(f"{database}: {scenario.name}")
            found += _rounds(database, scenario, able, plan)
    return found


@contextmanager
def _pinned(cores: Cores) -> Iterator[None]:
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.client})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


@dataclass(frozen=True, slots=True)
class _Round:
    """What one door did in one round."""

    load: Load
    cpu_seconds: float


def _rounds(database: str, scenario: Scenario, able: list[Open], plan: Plan) -> list[Measured]:
    before = {door.name: door.outcomes() for door in able}
    rounds: dict[str, list[_Round]] = {door.name: [] for door in able}
    for number in range(plan.rounds):
        # Whoever is asked first is another one each time.
        for door in able[number % len(able) :] + able[: number % len(able)]:
            put(_load(door, scenario, plan, _WARM_SECONDS if number else _FIRST_WARM_SECONDS))
            used = door.server.cpu_seconds()
            load = _load(door, scenario, plan, plan.seconds)
            put(load)
            rounds[door.name].append(_Round(load, door.server.cpu_seconds() - used))
    return [_summary(database, scenario, door, plan, rounds[door.name], before[door.name]) for door in able]


def _load(door: Open, scenario: Scenario, plan: Plan, seconds: float) -> Load:
    return Load(door.server.port, scenario.requests, plan.connections, seconds)


def _summary(
    database: str, scenario: Scenario, door: Open, plan: Plan, rounds: list[_Round], before: dict[str, float]
) -> Measured:
    latencies = [sorted(each.load.latencies) for each in rounds]
    return Measured(
        database=database,
        key=scenario.key,
        scenario=scenario.name,
        door=door.name,
        requests_per_second=median(map(len, latencies)) / plan.seconds,
        p50_ms=median(each[len(each) // 2] for each in latencies) * 1000,
        p99_ms=median(each[len(each) * 99 // 100] for each in latencies) * 1000,
        cpu_us=median(each.cpu_seconds / len(each.load.latencies) for each in rounds) * 1e6,
        rss_mebibytes=door.server.rss_mebibytes(),
        failures=sum(each.load.failures for each in rounds),
        fell_back=_fell_back(before, door.outcomes()),
    )


def _fell_back(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    new = {outcome: count - before.get(outcome, 0) for outcome, count in after.items()}
    total = sum(new.values())
    return {outcome: count / total for outcome, count in new.items() if count and outcome != "compiled"}

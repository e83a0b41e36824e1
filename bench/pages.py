"""`python -m bench.pages`: how long a page of leads takes among 10,000 of them and among a million, on both databases.

The embedded databases are kept in a cache folder; making the large one takes a minute or two.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx

from bench.databases import Prepared, cached, on_server, postgres, prepare
from bench.growing import grow
from bench.processes import Cores, Serving, serving
from bench.startup import SERVE
from gateway.settings import load

SIZES = (10_000, 1_000_000)
LOADED = 10_000
PAGE, FAR = 20, 500
MOST_TIMES, SLACK_MS = 1.5, 1.0
"""How much longer a page may take in the large database, and how much is noise in any case."""
_ASKED = 40
_LEAD = "id firstName lastName email phone statusText score source createdAt updatedAt assignedTo { name }"
_QUERY = (
    "query Page($where: LeadFilter, $sort: LeadSort, $first: Int, $after: Cursor, $offset: Int) "
    "{ leads(where: $where, sort: $sort, first: $first, after: $after, offset: $offset) "
    f"{{ nodes {{ {_LEAD} }} pageInfo {{ hasNextPage endCursor }} }} }}"
)
Say = Callable[[str], None]
Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """The folder of a database, the key that opens it, and the settings that lead to it."""

    folder: Path
    key: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Flat:
    """One kind of page, its median in the smallest and in the largest database, in milliseconds."""

    database: str
    name: str
    small_ms: float
    large_ms: float

    @property
    def kept(self) -> bool:
        """Whether it takes about as long."""
        return self.large_ms <= max(self.small_ms * MOST_TIMES, self.small_ms + SLACK_MS)

    def __str__(self) -> str:
        told = f"{self.database:11}{self.name:24}{self.small_ms:8.2f} ms{self.large_ms:8.2f} ms"
        return f"{told}  {self.large_ms / self.small_ms:5.2f} times" + ("" if self.kept else "  NOT FLAT")


def measure(say: Say, sizes: tuple[int, ...] = SIZES, server: str | None = None) -> list[Flat]:
    """Every kind of page on SQLite, and on a server where there is one."""
    say(f"{'':35}{sizes[0]:>9,} {sizes[-1]:>11,} leads, median of {_ASKED} pages of {PAGE}")
    with ExitStack() as stack:
        kept: list[Made] = []
        for size in sizes:

            def make(folder: Path, size: int = size) -> Prepared:
                return _make(folder, size, f"sqlite:///{folder}/trigraph.db", say)

            folder, prepared = cached("pages", size, make)
            kept.append(Made(folder, prepared.key, {}))
        found = _measured("SQLite", kept, say)
        if server:
            temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trigraph-bench-")))
            made: list[Made] = []
            for size in sizes:
                url = stack.enter_context(on_server(server))
                key = _make(temporary / str(size), size, url, say).key
                made.append(Made(temporary / str(size), key, {"TRIGRAPH_DATABASE_URL": url}))
            found += _measured("PostgreSQL", made, say)
    return found


def _make(folder: Path, leads: int, url: str, say: Say) -> Prepared:
    began = perf_counter()
    loaded = min(leads, LOADED)
    prepared = prepare(folder, loaded, url, alone=True)
    if leads > loaded:
        asyncio.run(grow(load(env_file=None, data_dir=folder, database_url=url), loaded, leads))
    say(f"{leads:,} leads made in {perf_counter() - began:.0f} s")
    return prepared


def _measured(database: str, made: list[Made], say: Say) -> list[Flat]:
    """Small and large are served at the same time and asked in turn: whatever else the machine does meets both."""
    cores = Cores.own()
    with ExitStack() as stack:
        asking = []
        for each in made:
            server = stack.enter_context(serving(SERVE, each.folder, cores.server, each.settings))
            asking.append(stack.enter_context(_client(server, each.key)))
        stack.enter_context(_pinned(cores))
        found = []
        for name, given in _kinds(asking):
            taken = _taken(asking, given)
            found.append(Flat(database, name, taken[0], taken[-1]))
            say(str(found[-1]))
    return found


def _kinds(asking: list[httpx.Client]) -> Iterator[tuple[str, list[Variables]]]:
    """Kinds of pages, each with what is given in each database."""
    page: Variables = {"first": PAGE}
    far = [_ask(each, {"first": 1, "offset": PAGE * (FAR - 1) - 1}) for each in asking]
    one = [found["nodes"][0]["email"] for found in far]
    yield "first page", [page for _ in asking]
    yield f"page {FAR} by cursor", [page | {"after": found["pageInfo"]["endCursor"]} for found in far]
    filtered = {"status": "QUALIFIED", "source": "website"}
    yield "filtered", [page | {"where": filtered} for _ in asking]
    yield "filtered, by score", [page | {"where": filtered, "sort": {"field": "SCORE"}} for _ in asking]
    yield "searched: a surname", [page | {"where": {"search": "okafor"}} for _ in asking]
    yield "searched: one address", [page | {"where": {"search": email}} for email in one]
    yield "searched: nobody", [page | {"where": {"search": "zyxwvut"}} for _ in asking]


def _taken(asking: list[httpx.Client], given: list[Variables]) -> list[float]:
    taken: list[list[float]] = [[] for _ in asking]
    for number in range(_ASKED + 3):
        for place, client in enumerate(asking):
            began = perf_counter()
            _ask(client, given[place])
            # The first ones load and compile what all others use.
            if number >= 3:
                taken[place].append((perf_counter() - began) * 1000)
    return [median(each) for each in taken]


def _ask(client: httpx.Client, variables: Variables) -> Any:
    answer = client.post("/graphql", json={"query": _QUERY, "variables": variables}).json()
    if "errors" in answer:
        sys.exit(f"A page was not answered: {answer['errors']}")
    return answer["data"]["leads"]


@contextmanager
def _client(server: Serving, key: str) -> Iterator[httpx.Client]:
    headers = {"X-API-Key": key}
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", headers=headers, timeout=120) as client:
        yield client


@contextmanager
def _pinned(cores: Cores) -> Iterator[None]:
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.client})
    try:
        yield
    finally:
        os.sched_setaffinity(0, usable)


def main() -> None:
    """Ends with 1 when pages take longer where there is more."""
    parser = argparse.ArgumentParser(prog="bench.pages", description=__doc__)
    parser.add_argument("--leads", type=int, nargs="+", default=list(SIZES), help="sizes of database to compare")
    sizes = tuple(sorted(parser.parse_args().leads))
    sys.exit(not all(each.kept for each in measure(print, sizes, postgres())))


if __name__ == "__main__":
    main()

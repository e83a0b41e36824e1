"""What 200 researches of 50 companies at once take over HTTP, and what one alone does.

`python -m bench.research` measures; on PostgreSQL too where TRIGRAPH_TEST_POSTGRES_URL names a server.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx
from sqlalchemy import func, select

from bench.databases import on_server
from bench.processes import Cores, Serving, serving
from bench.startup import SERVE
from domain.accounts import Account
from domain.research import ResearchRun, ResearchStatus
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.storage import opened
from gateway.members import ensure_organization
from gateway.settings import load as load_settings

COMPANIES, CALLS = 50, 200
CONNECTIONS = (10, 200)
MOST_SECONDS = 25.0
"""How long the dialect's callers wait at most; see TRIGRAPH_WORK_WAIT_SECONDS."""
_PATH = "/v2/ultimate/accounts/research"
_ALONE = 20
Say = Callable[[str], None]


def measure(say: Say, server: str | None = None) -> bool:
    """Measure on the embedded database, and on a server; whether every call was answered in time, and none too much."""
    kept = True
    for connections in CONNECTIONS:
        with tempfile.TemporaryDirectory(prefix="trigraph-bench-") as folder:
            kept = _measure(say, "SQLite", Path(folder), f"sqlite:///{folder}/trigraph.db", connections) and kept
            if server:
                with on_server(server) as url:
                    kept = _measure(say, "PostgreSQL", Path(folder), url, connections) and kept
    return kept


def _measure(say: Say, name: str, folder: Path, url: str, connections: int) -> bool:
    key = asyncio.run(_prepare(folder, url))
    with serving(SERVE, folder, Cores.own().server, {"TRIGRAPH_DATABASE_URL": url}) as process:
        answers, seconds, used, longest = asyncio.run(_burst(process, key, connections))
        alone, alone_used = asyncio.run(_alone(process, key))
    accounts, runs = asyncio.run(_stored(folder, url))
    say(
        f"{name}: {CALLS} researches over {connections} connections in {seconds:.1f} s, the longest {longest:.1f} s "
        f"(at most {MOST_SECONDS:.0f}), {used * 1000 / CALLS:.1f} ms of CPU each; answers {dict(answers)}; {accounts} "
        f"companies, {runs} researches; alone {alone:.1f} ms, {alone_used:.1f} ms of CPU"
    )
    # One company more is that of the warm-up and of the calls alone.
    exact = (accounts, runs) == (COMPANIES + 1, CALLS + _ALONE + 1)
    return answers == {200: CALLS} and exact and longest <= MOST_SECONDS


async def _burst(process: Serving, key: str, connections: int) -> tuple[Counter[int], float, float, float]:
    """The statuses, how long all took, the processor time of that, and the longest answer."""
    answers: Counter[int] = Counter()
    taken = []
    waiting = iter([_company(number % COMPANIES, number // COMPANIES) for number in range(CALLS)])

    async with _client(process, key, connections) as client:
        await client.post(_PATH, json={"company": {"name": "Warm-up"}})

        async def ask() -> None:
            for company in waiting:
                began = perf_counter()
                answer = await client.post(_PATH, json={"company": company})
                taken.append(perf_counter() - began)
                answers[answer.status_code] += 1

        used, began = process.cpu_seconds(), perf_counter()
        await asyncio.gather(*(ask() for _ in range(connections)))
        return answers, perf_counter() - began, process.cpu_seconds() - used, max(taken)


async def _alone(process: Serving, key: str) -> tuple[float, float]:
    """The median of calls that nothing else runs beside, and their processor time, in milliseconds."""
    taken = []
    async with _client(process, key, 1) as client:
        used = process.cpu_seconds()
        for _ in range(_ALONE):
            began = perf_counter()
            answer = await client.post(_PATH, json={"company": {**_company(0, 0), "name": "Warm-up", "domain": None}})
            taken.append((perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"A research was not answered: {answer.text[:500]}")
        return median(taken), (process.cpu_seconds() - used) * 1000 / _ALONE


def _client(process: Serving, key: str, connections: int) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    headers = {"X-API-Key": key}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{process.port}", headers=headers, timeout=120, limits=limits)


def _company(number: int, spelling: int) -> dict[str, Any]:
    """A company as the documentation's example describes one; each is called for in several spellings."""
    name = (f"Firm {number}", f"FIRM  {number}", f"firm {number} ", f"Firm  {number}")[spelling % 4]
    return {
        "name": name,
        "domain": f"firm{number}.example" if number % 2 else None,
        "industry": "Software Development",
        "size": "200-500 employees",
        "revenue": "$10M-$50M",
        "location": "San Francisco, CA",
        "technologies": ["AWS", "React", "Node.js"],
    }


async def _prepare(folder: Path, url: str) -> str:
    settings = load_settings(env_file=None, data_dir=folder, database_url=url)
    async with opened(settings, migrating=True) as database:
        organization = (await ensure_organization(database, "Bench")).id
        # What is generated is counted, but enough for the burst and for what follows it.
        wanted = keys.Wanted("Bench", Dialect.COPYCAR, organization, tier="Ultimate", monthly_tokens=1_000_000)
        key: str = (await keys.create(database, wanted)).key
        return key


async def _stored(folder: Path, url: str) -> tuple[int, int]:
    settings = load_settings(env_file=None, data_dir=folder, database_url=url)
    async with opened(settings, migrating=False) as database:
        done = select(func.count()).select_from(ResearchRun).where(ResearchRun.status == ResearchStatus.COMPLETED)
        ((accounts,),) = await database.rows(select(func.count()).select_from(Account))
        ((runs,),) = await database.rows(done)
        return accounts, runs


if __name__ == "__main__":
    sys.exit(not measure(print, os.environ.get("TRIGRAPH_TEST_POSTGRES_URL")))

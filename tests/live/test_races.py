"""Of two hundred calls at once against a limit of a hundred exactly a hundred pass: in one process, and in four."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from tests.forks import PIPE, Forked, run
from tests.live.conftest import LiveServer, free_port
from tests.redises import RedisServer

_CALLS, _LIMIT = 200, 100
# The limit of CRM-Ultra's Professional tier, a thousand a minute, is a hundred for these servers.
_FACTOR = "0.1"
_PROCESSES = 4
_TRIGRAPH = "gateway.cli"
_KEY = ("keys", "create", "--create", "--organization", "Acme", "--user", "jane@acme.example", "--dialect", "crm_ultra")
_RACE_SECONDS = 10


async def _into_one_minute() -> None:
    """Wait for the next minute when this one is too short for a race: the windows are those of the clock."""
    left = 60 - time.time() % 60
    if left < _RACE_SECONDS:
        await asyncio.sleep(left)


async def _race(addresses: Sequence[str], key: str) -> list[httpx.Response]:
    await _into_one_minute()
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=_CALLS), timeout=_RACE_SECONDS) as client:
        calls = (
            client.get(f"{addresses[n % len(addresses)]}/v1/users/me", headers={"X-API-Key": key})
            for n in range(_CALLS)
        )
        return await asyncio.gather(*calls)


def _exactly_the_limit(answers: Sequence[httpx.Response]) -> None:
    assert Counter(each.status_code for each in answers) == {200: _LIMIT, 429: _CALLS - _LIMIT}
    # No two were counted as the same call, and all in one window.
    left = [int(each.headers["X-RateLimit-Remaining"]) for each in answers if each.status_code == 200]
    assert sorted(left) == list(range(_LIMIT))
    assert len({each.headers["X-RateLimit-Reset"] for each in answers}) == 1
    refused = [each for each in answers if each.status_code == 429]
    assert all(1 <= int(each.headers["Retry-After"]) <= 60 for each in refused)


async def test_in_one_process(own_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGRAPH_LIMITS_FACTOR", _FACTOR)
    own_server.start()

    answers = await _race([own_server.base_url], own_server.demo["keys"]["crm_ultra"])

    _exactly_the_limit(answers)


@pytest.fixture
def key(own_postgres_url: str, own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key of a database that several processes can serve; the environment names it and their Redis."""
    url = make_url(own_postgres_url).set(drivername="postgresql")
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRIGRAPH_REDIS_URL", own_redis.url)
    # On a busy machine a second is soon over, and then a process rightly counts alone, which is not asked here.
    monkeypatch.setenv("TRIGRAPH_REDIS_TIMEOUT_SECONDS", "10")
    monkeypatch.setenv("TRIGRAPH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRIGRAPH_LIMITS_FACTOR", _FACTOR)
    return run([_TRIGRAPH, *_KEY]).strip()


@dataclass(frozen=True)
class Server:
    """One of the processes."""

    address: str
    process: Forked

    def log(self) -> str:
        """End it; what it said since it started."""
        self.process.kill()
        return self.process.communicate()[1]


@pytest.fixture
def servers(key: str) -> Iterator[list[Server]]:
    """Four servers, each a process of its own."""
    with ExitStack() as stack:
        started: list[Server] = []
        for _ in range(_PROCESSES):
            port = free_port()
            environment = os.environ | {"TRIGRAPH_PORT": str(port)}
            process = Forked([_TRIGRAPH, "serve"], env=environment, stderr=PIPE)
            server = Server(f"http://127.0.0.1:{port}", process)
            started.append(server)
            stack.callback(_end, process)
        for server in started:
            assert server.process.stderr
            while "startup complete" not in (line := server.process.stderr.readline()):
                assert line, "a server did not start"
        yield started


def _end(process: Forked) -> None:
    with process:
        process.kill()


@pytest.mark.postgres
@pytest.mark.redis
async def test_in_four_processes_that_share_redis(servers: list[Server], key: str, own_redis: RedisServer) -> None:
    answers = await _race([each.address for each in servers], key)

    _exactly_the_limit(answers)
    served = Counter(each.url.port for each in answers)
    assert list(served.values()) == [_CALLS // _PROCESSES] * _PROCESSES

    own_redis.kill()
    async with httpx.AsyncClient(headers={"X-API-Key": key}) as client:
        for each in servers:
            # In another minute by now, or still in the one that is used up; answered it is in any case.
            assert (await client.get(f"{each.address}/v1/users/me")).status_code in {200, 429}
    assert [each.log().count("Redis is away") for each in servers] == [1] * _PROCESSES

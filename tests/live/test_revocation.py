"""What takes access away ends whatever is open for it within a second, in every process, whoever took it."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.engine import make_url

from tests.forks import PIPE, Forked
from tests.live.conftest import LiveServer, free_port
from tests.live.doors import graphql
from tests.live.streams import opened, seconds_until_ended

log = logging.getLogger(__name__)

_TRIGRAPH = (sys.executable, "-m", "gateway.cli")
_SECOND = 1.0
_WORKERS = 2


def make_client(server: LiveServer, user: str | None = None) -> tuple[str, str]:
    """The id and the key of a new GraphQL client, which may act for a user."""
    made = graphql(
        server,
        """mutation ($input: CreateClientInput!) {
          createClient(input: $input) { client { id } apiKey errors { message } } }""",
        input={"name": "Listener", "userId": user},
    )["createClient"]
    assert made["errors"] == []
    return made["client"]["id"], made["apiKey"]


def make_user(server: LiveServer, name: str) -> str:
    """The id of a new member of staff, an analyst."""
    query = (
        "mutation ($e: String!) { inviteUser(input: {email: $e, role: ANALYST}) { user { id } errors { message } } }"
    )
    made = graphql(server, query, e=f"{name}@example.com")["inviteUser"]
    assert made["errors"] == []
    return str(made["user"]["id"])


def key_of(server: LiveServer, client: str) -> str:
    """The id of a client's key."""
    found = graphql(server, "query ($id: ID!) { client(id: $id) { keys { nodes { id } } } }", id=client)
    return str(found["client"]["keys"]["nodes"][0]["id"])


def change(server: LiveServer, mutation: str, **variables: Any) -> None:
    """Run a mutation that has to succeed."""
    declared = "".join(f"${name}: ID!" for name in variables)
    (payload,) = graphql(
        server, f"mutation ({declared}) {{ {mutation} {{ errors {{ message }} }} }}", **variables
    ).values()
    assert payload["errors"] == []


def command(server: LiveServer, *arguments: str) -> float:
    """Run a command beside the server; the moment it said that it was done."""
    environment = os.environ | {"TRIGRAPH_DATA_DIR": str(server.folder)}
    with Forked(["gateway.cli", *arguments], env=environment, stderr=PIPE) as process:
        assert process.stderr
        assert "is revoked" in process.stderr.readline()
        return time.monotonic()


Taking = Callable[[LiveServer, str, str], None]
WAYS: dict[str, tuple[Taking, int, str]] = {
    "its client is revoked": (lambda s, c, u: change(s, "revokeClient(id: $id)", id=c), 4401, "UNAUTHENTICATED"),
    "its key is revoked": (
        lambda s, c, u: change(s, "revokeKey(id: $id)", id=key_of(s, c)),
        4401,
        "UNAUTHENTICATED",
    ),
    "its key is replaced at once": (
        lambda s, c, u: change(s, "rotateKey(input: {keyId: $id, overlapSeconds: 0})", id=key_of(s, c)),
        4401,
        "UNAUTHENTICATED",
    ),
    "its user is disabled": (lambda s, c, u: change(s, "disableUser(id: $id)", id=u), 4401, "UNAUTHENTICATED"),
    "its user gets another role": (
        lambda s, c, u: change(s, "updateUser(input: {id: $id, role: SALES_REP})", id=u),
        1012,
        "ACCESS_CHANGED",
    ),
    "its client may do less": (
        lambda s, c, u: change(s, 'updateClient(input: {id: $id, scopes: ["read:leads"]})', id=c),
        1012,
        "ACCESS_CHANGED",
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_streams_end_when(server: LiveServer, way: str) -> None:
    take, close_code, error_code = WAYS[way]
    user = make_user(server, f"listener{list(WAYS).index(way)}")
    client, key = make_client(server, user)
    _, other = make_client(server)
    address = server.base_url.removeprefix("http://")
    async with opened(address, key) as streams, opened(address, other) as others:
        began = time.monotonic()
        await asyncio.to_thread(take, server, client, user)
        took = await seconds_until_ended(streams, began)
        assert not any(each.ended.is_set() for each in others)
    log.info("ended after %s s", took)
    assert [each.code for each in streams] == [close_code, error_code]
    assert max(took) < _SECOND


async def test_streams_end_when_the_command_line_revokes(server: LiveServer) -> None:
    client, key = make_client(server)
    async with opened(server.base_url.removeprefix("http://"), key) as streams:
        done = await asyncio.to_thread(command, server, "keys", "revoke", client)
        took = await seconds_until_ended(streams, done)
    log.info("ended after %s s", took)
    assert [each.code for each in streams] == [4401, "UNAUTHENTICATED"]
    assert max(took) < _SECOND


async def test_streams_end_when_their_key_runs_out(server: LiveServer) -> None:
    client, _ = make_client(server)
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    query = """mutation ($id: ID!, $at: DateTime!) {
      createKey(input: {clientId: $id, expiresAt: $at}) { apiKey errors { message } } }"""
    made = graphql(server, query, id=client, at=ends.isoformat())["createKey"]
    assert made["errors"] == []
    async with opened(server.base_url.removeprefix("http://"), made["apiKey"]) as streams:
        ends_at = time.monotonic() + (ends - datetime.now(UTC)).total_seconds()
        took = await seconds_until_ended(streams, ends_at)
    log.info("ended after %s s", took)
    assert [each.code for each in streams] == [4401, "UNAUTHENTICATED"]
    assert 0 <= min(took) <= max(took) < _SECOND


@pytest.fixture
def workers(
    own_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LiveServer, subprocess.Popen[str]]]:
    """Two processes on PostgreSQL, both of which have started, and the demo's credentials."""
    url = make_url(own_postgres_url).set(drivername="postgresql")
    port = free_port()
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRIGRAPH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRIGRAPH_PORT", str(port))
    live = LiveServer(tmp_path, port)
    live.start()
    live.stop()
    command = [*_TRIGRAPH, "serve", "--workers", str(_WORKERS)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        started = 0
        while started < _WORKERS:
            line = process.stderr.readline()
            assert line, "the workers did not start"
            started += "startup complete" in line
        yield live, process
        process.terminate()
        process.communicate(timeout=20)


def connections(process: subprocess.Popen[str]) -> list[int]:
    """How many sockets each worker has open."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    found = []
    for child in children:
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            files = [os.readlink(each) for each in Path(f"/proc/{child}/fd").iterdir() if each.exists()]
            found.append(sum(file.startswith("socket:") for file in files))
    return found


@pytest.mark.postgres
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts connections of processes in Linux's /proc")
async def test_streams_end_in_every_process(workers: tuple[LiveServer, subprocess.Popen[str]]) -> None:
    server, process = workers
    client, key = make_client(server)
    before = connections(process)
    async with opened(server.base_url.removeprefix("http://"), key, sockets=20, streams=10) as streams:
        gained = [now - then for now, then in zip(connections(process), before, strict=True)]
        assert len(gained) == _WORKERS
        assert min(gained) > 0, gained
        began = time.monotonic()
        await asyncio.to_thread(change, server, "revokeClient(id: $id)", id=client)
        by_graphql = await seconds_until_ended(streams, began)
    assert {each.code for each in streams} == {4401, "UNAUTHENTICATED"}
    assert max(by_graphql) < _SECOND
    async with httpx.AsyncClient(base_url=server.base_url, headers={"X-API-Key": key}) as late:
        assert (await late.post("/graphql", json={"query": "{ __typename }"})).status_code == 401

    client, key = make_client(server)
    async with opened(server.base_url.removeprefix("http://"), key, sockets=20, streams=10) as streams:
        done = await asyncio.to_thread(command, server, "keys", "revoke", client)
        by_command = await seconds_until_ended(streams, done)
    assert max(by_command) < _SECOND
    log.info("ended after %.3f s by GraphQL, %.3f s by the command line", max(by_graphql), max(by_command))

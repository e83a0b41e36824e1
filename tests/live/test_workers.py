"""Several processes on PostgreSQL stop at once, tell who listens to come back, and log no requests."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import websockets
from sqlalchemy.engine import make_url

from gateway.settings import load
from tests.forks import run
from tests.live.conftest import free_port

pytestmark = pytest.mark.postgres

_TRIGRAPH = (sys.executable, "-m", "gateway.cli")
_KEY = ("keys", "create", "--create", "--organization", "Acme", "--user", "jane@acme.example")
_EVENTS = "subscription { events { sequence } }"
_WORKERS = 2
# Less than the ten seconds a server that nobody told to reconnect would wait for.
_AT_ONCE_SECONDS = 8


@pytest.fixture
def key(own_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key of a database that is ready to be served; the environment names it."""
    url = make_url(own_postgres_url).set(drivername="postgresql")
    monkeypatch.setenv("TRIGRAPH_DATABASE_URL", url.render_as_string(hide_password=False))
    monkeypatch.setenv("TRIGRAPH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TRIGRAPH_PORT", str(free_port()))
    return run(["gateway.cli", *_KEY]).strip()


@pytest.fixture
def serving(key: str) -> Iterator[subprocess.Popen[str]]:
    """Two workers, both of which have started."""
    command = [*_TRIGRAPH, "serve", "--workers", str(_WORKERS)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        started = 0
        while started < _WORKERS:
            line = process.stderr.readline()
            assert line, "the workers did not start"
            started += "startup complete" in line
        yield process
        process.kill()


@asynccontextmanager
async def _socket(address: str, key: str) -> AsyncIterator[websockets.ClientConnection]:
    """A websocket that subscribes to events."""
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with websockets.connect(f"ws://{address}/graphql", subprotocols=[protocol]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"X-API-Key": key}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": _EVENTS}}))
        yield socket


async def test_workers_send_listeners_away_and_end_at_once(serving: subprocess.Popen[str], key: str) -> None:
    address = f"127.0.0.1:{load(env_file=None).port}"
    asked = {"json": {"query": _EVENTS}, "headers": {"X-API-Key": key, "Accept": "text/event-stream"}}
    async with (
        _socket(address, key) as socket,
        httpx.AsyncClient(base_url=f"http://{address}") as client,
        client.stream("POST", "/graphql", **asked) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        async with asyncio.timeout(_AT_ONCE_SECONDS):
            serving.terminate()
            await socket.wait_closed()
            await stream.aread()
        # The web server's own code for sockets it was not asked to send away would be 1012.
        assert socket.close_code == 1001

    # Every process holds the other end of standard error, so reading it to its end waits for all of them.
    _, log = await asyncio.to_thread(serving.communicate, timeout=_AT_ONCE_SECONDS)
    assert serving.returncode == 0
    assert "Traceback" not in log
    assert "uvicorn.access" not in log

"""Redis for tests: the server of the machine, and servers of one test that it may kill."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_SERVER = os.environ.get("TRIGRAPH_TEST_REDIS_URL", "redis://127.0.0.1:6379/15")
_PATIENCE_SECONDS = 10


def _absent(why: str) -> None:
    if os.environ.get("TRIGRAPH_TEST_REQUIRE_SERVICES") == "1":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def _answers(port: int, host: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis server that other tests use at the same time; mark the test `redis`."""
    host, _, port = _SERVER.partition("://")[2].rpartition("@")[2].partition("/")[0].partition(":")
    if not _answers(int(port or 6379), host):
        _absent(f"no Redis for tests at {_SERVER} (TRIGRAPH_TEST_REDIS_URL)")
    return _SERVER


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """A redis-server on a port of its own that keeps nothing."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        given = (
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self._folder),
            "--save",
            "",
            *self._options,
        )
        self._process = subprocess.Popen(["redis-server", *given], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(self.port):
            assert time.monotonic() < deadline, "redis-server did not come up"
            time.sleep(0.02)

    def say(self, *words: str) -> str:
        """Run one command; what redis-cli prints."""
        command = ["redis-cli", "-p", str(self.port), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def freeze(self) -> None:
        """Let it hold its connections without ever answering."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without notice."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def _running(folder: Path, *options: str) -> Iterator[RedisServer]:
    if not (shutil.which("redis-server") and shutil.which("redis-cli")):
        _absent("no redis-server and redis-cli to start for the test")
    server = RedisServer(folder, *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis server of one test; mark the test `redis`."""
    with _running(tmp_path) as server:
        yield server


@pytest.fixture
def redis_cluster(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis Cluster of one node, which refuses what lies on two slots; mark the test `redis`."""
    # Left to itself, the port of its gossip is 10000 above the other one, and perhaps none.
    with _running(tmp_path, "--cluster-enabled", "yes", "--cluster-port", str(_free_port())) as server:
        server.say("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while "cluster_state:ok" not in server.say("CLUSTER", "INFO"):
            assert time.monotonic() < deadline, "the cluster did not come up"
            time.sleep(0.02)
        yield server

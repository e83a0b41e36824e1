"""A real server in a process of its own, for tests that come in by its doors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.forks import Forked

_PATIENCE_SECONDS = 60


@dataclass
class LiveServer:
    """A running `trigraph serve --demo` and what it wrote into demo.json."""

    folder: Path
    port: int
    process: Forked | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def demo(self) -> dict[str, Any]:
        """What a script needs."""
        found: dict[str, Any] = json.loads((self.folder / "demo.json").read_text())
        return found

    @property
    def base_url(self) -> str:
        """Where the server answers."""
        return str(self.demo["base_url"]).rstrip("/")

    def start(self) -> None:
        """Start the process and wait until it answers."""
        own = {"TRIGRAPH_PORT": str(self.port), "TRIGRAPH_DATA_DIR": str(self.folder)}
        environment = os.environ | own | self.settings
        with (self.folder / "server.log").open("ab") as log:
            self.process = Forked(["gateway.cli", "serve", "--demo"], env=environment, stdout=log, stderr=log)
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(_PATIENCE_SECONDS)
            self.process = None

    def log(self) -> str:
        """What the process printed."""
        return (self.folder / "server.log").read_text()

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200:
                    return
            except httpx.TransportError:
                # Nothing answers yet; asking is what tells when something does.
                time.sleep(0.05)
        raise AssertionError(f"the server did not come up:\n{self.log()}")


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[LiveServer]:
    """A server with demo data that all tests of a test process share: they add to it, and take nothing away.

    Starting one takes as long as many tests, so a server of its own is for those who stop it or change how it starts.
    """
    live = LiveServer(tmp_path_factory.mktemp("live"), free_port())
    shutil.copy(sqlite_template, live.folder / "trigraph.db")
    live.start()
    yield live
    live.stop()


@pytest.fixture
def own_server(tmp_path: Path, sqlite_template: Path) -> Iterator[LiveServer]:
    """A server that the test may start and kill as it likes; it is not started."""
    live = LiveServer(tmp_path, free_port())
    shutil.copy(sqlite_template, live.folder / "trigraph.db")
    yield live
    live.stop(signal.SIGKILL)

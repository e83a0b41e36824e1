"""`trigraph serve --demo`, run as a user runs it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.forks import PIPE, Forked

Started = subprocess.Popen[str] | Forked


def _from_nothing() -> Started:
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve", "--demo"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _again() -> Started:
    return Forked(["gateway.cli", "serve", "--demo"], stdout=PIPE, stderr=PIPE)


@contextmanager
def _demo(folder: Path, start: Callable[[], Started]) -> Iterator[list[str]]:
    """The printed page of a running demo, which is then stopped by Ctrl-C and must be quiet about it."""
    process = start()
    try:
        assert process.stdout
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        _wait(json.loads((folder / "demo.json").read_text())["base_url"])
        yield lines
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


def _wait(base: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(f"{base}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            # Nothing answers yet; asking is what tells when something does.
            time.sleep(0.05)
    raise AssertionError("the demo did not come up")


@pytest.fixture
def written(folder: Path) -> Path:
    """Where the demo writes what a script needs."""
    return folder / "demo.json"


def test_demo_says_where_everything_is_and_keeps_its_keys(folder: Path, written: Path):
    with _demo(folder, _from_nothing) as lines:
        first = json.loads(written.read_text())
    with _demo(folder, _again):
        second = json.loads(written.read_text())
    mode = stat.S_IMODE(written.stat().st_mode)
    written.unlink()
    with _demo(folder, _again):
        third = json.loads(written.read_text())

    page, base = "\n".join(lines), first["base_url"]
    doors = ("/graphiql", "/graphql", "/v1", "/api/v1", "/v2/ultimate", "/account", "/healthz", "/readyz", "/metrics")
    products = ("crm-ultra", "clickup-brain", "copycar")
    about = [f"/{product}/{file}" for product in products for file in ("docs", "openapi.json")]
    assert [place for place in (*doors, *about) if f"{base}{place}" not in page] == []
    assert [key for key in first["keys"].values() if key not in page] == []
    assert sum(line.startswith("curl ") for line in lines) == 2
    assert first["graphql_url"] == f"{base}/graphql"
    assert set(first["keys"]) == {"crm_ultra", "clickup_brain", "clickup_brain_sandbox", "copycar", "graphql_admin"}
    assert set(first["oauth"]) == {"crm_ultra", "clickup_brain", "copycar", "graphql"}
    shown = [value for each in first["oauth"].values() for value in each.values()]
    assert [value for value in (*shown, *first["user"].values()) if value not in page] == []
    assert mode == 0o600
    assert [second[part] for part in ("keys", "oauth", "user")] == [first[part] for part in ("keys", "oauth", "user")]
    # Only hashes are stored: whoever loses the file gets other keys.
    assert not set(first["keys"].values()) & set(third["keys"].values())
    assert {name: each["client_id"] for name, each in third["oauth"].items()} == {
        name: each["client_id"] for name, each in first["oauth"].items()
    }

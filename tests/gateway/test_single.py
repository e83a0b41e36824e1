"""One process serves a SQLite file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.single import AlreadyServed, alone
from tests.databases import sqlite_url
from tests.gateway.cli.conftest import Trigraph, folder, trigraph

__all__ = ["folder", "trigraph"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX locks")

_HOLD = """
import sys
from gateway.single import alone
with alone(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_of_a_file_is_refused_until_the_first_lets_go(tmp_path: Path):
    url = sqlite_url(tmp_path / "new" / "trigraph.db")
    with alone(url), pytest.raises(AlreadyServed, match=r"trigraph\.db"), alone(url):
        pass
    with alone(url):
        assert (tmp_path / "new" / "trigraph.db.lock").exists()


def test_two_files_are_two_locks(tmp_path: Path):
    with alone(sqlite_url(tmp_path / "one.db")), alone(sqlite_url(tmp_path / "two.db")):
        assert {file.name for file in tmp_path.iterdir()} == {"one.db.lock", "two.db.lock"}


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///:memory:", "postgresql+asyncpg://localhost/trigraph"])
def test_what_is_no_file_is_shared(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with alone(url), alone(url):
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_holds_nothing(tmp_path: Path):
    url = sqlite_url(tmp_path / "trigraph.db")
    holder = subprocess.Popen([sys.executable, "-c", _HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyServed), alone(url):
            pass
        holder.kill()
        holder.wait(10)
        with alone(url):
            assert holder.returncode < 0


def test_serve_says_that_another_one_serves(trigraph: Trigraph, folder: Path):
    with alone(sqlite_url(folder / "trigraph.db")):
        ran = trigraph("serve")
        migrated = trigraph("migrate")

    assert (ran.code, migrated.code) == (1, 0)
    assert "Another `trigraph serve` uses" in ran.err
    assert "Traceback" not in ran.err

"""The command line, run in this process the way a shell would."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: object
    out: str
    err: str


Trigraph = Callable[..., Ran]
Typed = Callable[[str], None]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of the test; nothing else is configured."""
    for name in [name for name in os.environ if name.startswith("TRIGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIGRAPH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TRIGRAPH_PORT", "0")
    return tmp_path / "data"


@pytest.fixture
def migrated(folder: Path, sqlite_template: Path) -> Path:
    """The same folder with a database in it, which the first command would otherwise take its time to make."""
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "trigraph.db")
    return folder


@pytest.fixture
def trigraph(folder: Path, capsys: pytest.CaptureFixture[str]) -> Trigraph:
    """Runs a command: `trigraph("keys", "list")`."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        wrote = capsys.readouterr()
        return Ran(ended.value.code, wrote.out, wrote.err)

    return run


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Puts a text where the next command reads its standard input."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put

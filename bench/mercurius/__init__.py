"""mercurius with JIT on Node, installed into a cache folder the first time it is measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_INSTALL_SECONDS = 600
_SERVER = Path(__file__).with_name("server.mjs")
_COMMON = {"fastify": "5.12.8", "graphql": "16.11.0", "mercurius": "16.10.1"}
_SQLITE = {22: "13.2.0", 20: "12.11.1"}
"""The newest better-sqlite3 by the least major version of Node that it runs on."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the server lies with its packages, and by what it is run."""

    node: str
    script: Path
    versions: str


def install(say: Say) -> Installed | None:
    """The server, installed if it is not yet; None, with a word why, where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        say("mercurius is skipped: there is no Node with npm on this machine.")
        return None
    version = _output(node, "--version").removeprefix("v")
    major = int(version.partition(".")[0])
    sqlite = next((pin for least, pin in _SQLITE.items() if major >= least), None)
    if sqlite is None:
        say(f"mercurius is skipped: it needs Node 20 or later, and this is {version}.")
        return None
    pins = _COMMON | {"better-sqlite3": sqlite}
    folder = cache() / f"mercurius-node{major}"
    if not _packages(folder, npm, pins, say):
        return None
    script = folder / _SERVER.name
    shutil.copyfile(_SERVER, script)
    told = ", ".join(f"{name} {pin}" for name, pin in pins.items())
    found = json.loads(_output(node, "-e", _ASK_SQLITE, at=folder))
    return Installed(node, script, f"Node {version} ({told}; SQLite {found})")


_ASK_SQLITE = (
    "const D = require('better-sqlite3'); "
    "console.log(JSON.stringify(new D(':memory:').prepare('select sqlite_version()').pluck().get()))"
)


def _packages(folder: Path, npm: str, pins: dict[str, str], say: Say) -> bool:
    wanted = json.dumps({"private": True, "type": "module", "dependencies": pins}, indent=2) + "\n"
    mark = folder / "installed.json"
    if mark.exists() and mark.read_text() == wanted:
        return True
    say("Installing mercurius, once; SQLite may have to be compiled for it, which takes a minute ...")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(wanted)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--save-exact", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        say(f"mercurius is skipped: npm did not end within {_INSTALL_SECONDS} s.")
        return False
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["npm said nothing"])[-1]
        say(f"mercurius is skipped, it could not be installed: {last}")
        return False
    mark.write_text(wanted)
    return True


def cache() -> Path:
    """The folder for what takes long to make and may be lost."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "trigraph-bench"


def _output(*command: str, at: Path | None = None) -> str:
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=True).stdout.strip()

"""The doors that are asked the same: ours, ours by graphql-core alone, the floor, mercurius."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.mercurius import Installed
from bench.processes import Serving, serving
from bench.startup import SERVE
from gateway.settings import load
from gateway.sqlite import CHANGES, PRAGMAS, Memory

OURS, CORE, FLOOR, MERCURIUS, HELLO = "Trigraph", "graphql-core", "floor", "mercurius", "hello"
_FLOOR = ("-m", "bench.floor")
_COUNTED = re.compile(
    r'^trigraph_compiled_operations_total\{[^}]*outcome="(?P<outcome>[^"]*)"[^}]*\} (?P<count>\S+)$', re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Door:
    """A server under measurement, and how it is begun."""

    name: str
    arguments: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    program: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """A door that is served, and the folder of its data."""

    name: str
    server: Serving
    folder: Path

    def outcomes(self) -> dict[str, float]:
        """How our own door says that it ran operations so far, by outcome; nothing at other doors."""
        if self.name != OURS:
            return {}
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {found["outcome"]: float(found["count"]) for found in _COUNTED.finditer(text)}


def doors(mercurius: Installed | None, settings: Mapping[str, str] | None = None) -> list[Door]:
    """All of them; `settings` are those of every door, such as another database."""
    common = dict(settings or {})
    known = [
        Door(OURS, SERVE, common),
        Door(CORE, SERVE, common | {"TRIGRAPH_COMPILED_ENABLED": "false"}),
        Door(FLOOR, _FLOOR, common),
    ]
    if mercurius:
        known.append(Door(MERCURIUS, (str(mercurius.script),), common | _like_ours(), mercurius.node))
    return known


def _like_ours() -> dict[str, str]:
    """How our own connections to SQLite are set, and after how many changed rows their log is emptied."""
    settings = load(env_file=None)
    memory = Memory(settings.sqlite_cache_mebibytes, settings.sqlite_mmap_mebibytes)
    pragmas = [*PRAGMAS, *memory.pragmas()]
    return {"BENCH_SQLITE_PRAGMAS": json.dumps(pragmas), "BENCH_SQLITE_CHANGES": str(CHANGES)}


@contextmanager
def served(known: list[Door], prepared: Path, copies: Path, core: int) -> Iterator[list[Open]]:
    """Serve all doors on one core, each with a copy of the same data, so that none reads what another one wrote."""
    with ExitStack() as stack:
        opened = []
        for door in known:
            folder = copies / f"{prepared.name}-{door.name}"
            shutil.copytree(prepared, folder)
            program = {"program": door.program} if door.program else {}
            server = stack.enter_context(serving(door.arguments, folder, core, door.settings, **program))
            opened.append(Open(door.name, server, folder))
        yield opened

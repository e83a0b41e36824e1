"""The floor: what our questions cost when somebody writes each answer by hand, in SQL, on the server Trigraph runs on.

It knows these questions only, and asks nobody for a credential: it counts no cost and keeps no audit. What it reads and
writes are the same rows, and its answers are the same JSON.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson

from bench import floor_postgres
from bench.floor_reads import Reads
from bench.floor_writes import Writes
from bench.scenarios import BY_ID, CREATE, FILTERED, LIST_PATH, NESTED, VARYING
from gateway.server import run
from gateway.settings import load
from gateway.sqlite import PRAGMAS, Memory

Variables = dict[str, Any]
Asked = Callable[[Variables], bytes]
Listed = Callable[[str, int], bytes]


class Embedded:
    """The questions on SQLite, which answers within the process."""

    def __init__(self, file: Path, memory: Memory) -> None:
        reads, writes = Reads(_opened(file, memory)), Writes(_opened(file, memory.quarter()))
        self.listed: Listed = reads.listed
        self.asked: dict[str, Asked] = {
            BY_ID: lambda given: reads.lead(given["id"]),
            FILTERED: lambda given: reads.leads("qualified", "website", 50),
            VARYING: lambda given: reads.leads(given["status"].lower(), given["source"], given["first"]),
            NESTED: lambda given: reads.accounts(),
            CREATE: lambda given: writes.create(given["input"]),
        }

    async def open(self) -> None:
        """Nothing is left to open."""

    async def answer(self, query: str, variables: Variables) -> bytes:
        """The body of an answer."""
        return self.asked[query](variables)

    async def list(self, status: str, limit: int) -> bytes:
        """The body of the list of leads."""
        return self.listed(status, limit)


def _opened(file: Path, memory: Memory) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, timeout=30)
    for pragma in (*PRAGMAS, *memory.pragmas()):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def application(answers: Embedded | floor_postgres.Answers) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The ASGI application."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await answers.open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["method"] == "POST":
            asked = orjson.loads(await _body(receive))
            body = await answers.answer(asked["query"], asked["variables"])
        elif scope["path"] == LIST_PATH:
            given = parse_qs(scope["query_string"].decode())
            body = await answers.list(given["status"][0], int(given["limit"][0]))
        else:
            body = b"{}"
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return served


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


if __name__ == "__main__":
    settings = load(env_file=None)
    embedded = settings.database_url.startswith("sqlite")
    memory = Memory(settings.sqlite_cache_mebibytes, settings.sqlite_mmap_mebibytes)
    answers = (
        Embedded(settings.data_dir / "trigraph.db", memory)
        if embedded
        else floor_postgres.Answers(settings.database_url, settings.database_pool_size)
    )
    run(application(answers), settings)

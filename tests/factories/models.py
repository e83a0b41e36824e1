"""A language model for tests: a server on the loopback that answers, or misbehaves, as the test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.writing import WriterOutcome, WriterTerms, WriterUse
from gateway.database import Database
from gateway.settings_writing import WriterSettings
from gateway.writing.opening import open_tools, writer_terms
from gateway.writing.writer import LanguageWriter
from tests.factories.webhooks import Told, _request, answer

Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


def says(value: Any, *, tokens: tuple[int, int] | None = (100, 10), headers: str = "", **choice: Any) -> Act:
    """Answer with a value, or with a text as it is."""
    content = value if isinstance(value, str) else json.dumps(value)
    body: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": content}, **choice}]}
    if tokens is not None:
        body["usage"] = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
    return raw(200, json.dumps(body).encode(), headers)


def raw(status: int, body: bytes = b"{}", headers: str = "") -> Act:
    """Answer with exactly this."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(status, headers, body))
        await writer.drain()

    return act


def trickles(pause: float = 0.02) -> Act:
    """Answer without end, a byte at a time."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Said\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(pause)

    return act


def floods() -> Act:
    """Answer without end, as fast as it is taken."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Said\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")
            await writer.drain()

    return act


def hangs_up(after: bytes = b"") -> Act:
    """Reset the connection, perhaps in the middle of an answer."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        writer.transport.abort()

    return act


def is_silent() -> Act:
    """Never answer."""

    async def act(writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    return act


def waits_for(event: asyncio.Event, then: Act) -> Act:
    """Answer once something has happened."""

    async def act(writer: asyncio.StreamWriter) -> None:
        await event.wait()
        await then(writer)

    return act


@dataclass
class Model:
    """The server: each request gets the next act, and the last of them for ever."""

    port: int = 0
    acts: list[Act] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def does(self, *acts: Act) -> None:
        self.acts = list(acts)

    @property
    def words(self) -> list[list[str]]:
        """What the messages of each request said."""
        return [[each["content"] for each in told.json["messages"]] for told in self.told]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    self.told.append(await _request(reader))
                    self.under_way += 1
                    self.most_under_way = max(self.most_under_way, self.under_way)
                    try:
                        await (self.acts.pop(0) if len(self.acts) > 1 else self.acts[0])(writer)
                    finally:
                        self.under_way -= 1
        finally:
            writer.close()


@asynccontextmanager
async def modelling() -> AsyncIterator[Model]:
    """A model on a port of its own."""
    model = Model()
    tasks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(model.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    model.port = server.sockets[0].getsockname()[1]
    try:
        yield model
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def terms_of(**settings: Any) -> WriterTerms:
    """The terms of settings."""
    known: dict[str, Any] = {"base_url": "http://127.0.0.1:9/v1", "model": "small"} | settings
    terms = writer_terms(WriterSettings(**known))
    assert terms
    return terms


def use_row(organization_id: str, at: datetime, **known: Any) -> WriterUse:
    """A use of a model that was answered, not stored yet."""
    wanted: dict[str, Any] = {"purpose": "localize", "model": "small", "outcome": WriterOutcome.ANSWERED} | known
    return WriterUse(
        id=WriterUse.new_id(),
        organization_id=organization_id,
        created_at=at,
        prompt_tokens=100,
        completion_tokens=10,
        cost_micros=120,
        estimated=False,
        milliseconds=700,
        **wanted,
    )


@asynccontextmanager
async def writing(database: Database, model: Model, **settings: Any) -> AsyncIterator[LanguageWriter]:
    """A writer that asks a model; a token costs one micro to read and two to write, unless said otherwise."""
    wanted: dict[str, Any] = {
        "base_url": model.url,
        "model": "small",
        "api_key": "sk-hushhush",
        "retry_seconds": 0.01,
        "prompt_price": 1,
        "completion_price": 2,
    } | settings
    known = WriterSettings(**wanted)
    terms = writer_terms(known)
    assert terms
    writer = LanguageWriter(database, known, terms, lambda: open_tools(known, None))
    try:
        yield writer
    finally:
        await writer.close()

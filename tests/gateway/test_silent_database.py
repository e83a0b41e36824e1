"""A database that goes silent without a word: what hears of access goes on by another connection, and nothing leaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from domain.access import AccessChange
from domain.organizations import Organization
from domain.viewer import Viewer
from gateway import engines
from gateway.access import AccessWatch
from gateway.database import Database
from gateway.guard import Guard, Lease
from schema.engine.following import Following
from tests.clocks import SetClock
from tests.conftest import opened
from tests.factories.leads import make_lead
from tests.factories.organizations import store
from tests.gateway.test_event_feed import tell
from tests.gateway.test_guard import ANN

PATIENCE = 15


class Line:
    """A line to PostgreSQL whose connections can fall silent; those that are made later work."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._writers: list[asyncio.StreamWriter] = []
        self._speaking = asyncio.Event()
        self._speaking.set()
        self._busy: set[asyncio.Task[None]] = set()
        self.url = url

    def fall_silent(self) -> None:
        """What is connected now hears and says nothing from now on."""
        self._speaking.clear()
        self._speaking = asyncio.Event()
        self._speaking.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Take connections."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = self._server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
        try:
            yield
        finally:
            server.close()
            for task in self._busy:
                task.cancel()
            await asyncio.gather(*self._busy, return_exceptions=True)
            for writer in self._writers:
                # Whatever is left to say is said to nobody.
                writer.transport.abort()
                with suppress(OSError):
                    await writer.wait_closed()
            await server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._server.host, self._server.port)
        self._writers += [writer, there[1]]
        speaking = self._speaking
        for source, target in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(self._pass_on(source, target, speaking))
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, speaking: asyncio.Event
    ) -> None:
        with suppress(OSError):
            while chunk := await source.read(65536):
                await speaking.wait()
                target.write(chunk)
        target.close()


@pytest.fixture
async def line(postgres_database_url: str) -> AsyncIterator[Line]:
    line = Line(postgres_database_url)
    async with line.open():
        yield line


@pytest.mark.postgres
async def test_changes_are_heard_by_another_connection(
    line: Line, server: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_ASIDE_SECONDS", 0.1)
    async with opened(line.url, clock) as database:
        watch, heard = AccessWatch(database, 0.01), asyncio.Event()
        watch.on_change(lambda subjects: heard.set() if subjects is None or "client_gone" in subjects else None)
        await watch.look()
        running = asyncio.create_task(watch.run())
        line.fall_silent()
        await store(server, AccessChange(id=AccessChange.new_id(), subject_id="client_gone", changed_at=clock.now()))
        async with asyncio.timeout(PATIENCE):
            await heard.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.postgres
async def test_a_stream_nobody_can_be_asked_about_ends_in_time(line: Line, clock: SetClock) -> None:
    async with opened(line.url, clock) as database:
        guard, ended = Guard(clock), asyncio.Event()

        async def again() -> Viewer | None:
            await database.rows(select(Organization.id).limit(1))
            return ANN

        await again()
        line.fall_silent()
        with guard.holding(Lease(ANN, again, lambda _: ended.set(), "req_1"), guard.changes):
            guard.heard(frozenset({ANN.client_id}))
            # The driver alone would take two more seconds to give up.
            async with asyncio.timeout(1.5):
                await ended.wait()
        await guard.stop()


async def test_nothing_is_given_out_while_nobody_can_tell_who_may_hear(database: Database, viewer: Viewer) -> None:
    certain = asyncio.Event()

    async def wait() -> None:
        await certain.wait()

    database.feeds.certain = wait
    lead = await make_lead(database, viewer.organization_id)
    await tell(database, viewer, lead)
    told: Any = aiter(Following(database, viewer.organization_id, 0, 0, lambda event: True))
    async with aclosing(told):
        first = asyncio.ensure_future(anext(told))
        assert await asyncio.wait({first}, timeout=0.2) == (set(), {first})
        certain.set()
        async with asyncio.timeout(PATIENCE):
            await first


async def test_it_can_be_told_again_after_a_look(database: Database) -> None:
    watch = AccessWatch(database, 60)
    waiting = asyncio.create_task(watch.certain())
    assert await asyncio.wait({waiting}, timeout=0.05) == (set(), {waiting})
    await watch.look()
    async with asyncio.timeout(PATIENCE):
        await waiting
        await watch.certain()

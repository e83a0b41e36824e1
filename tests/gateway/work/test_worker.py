"""The part of a process that works: launched beside the doors, stopped without losing what is under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from domain.values import new_id
from gateway.database import Database
from gateway.work import slots as slots_module
from gateway.work import worker as worker_module
from gateway.work.leftovers import left_behind
from gateway.work.queue import Job
from gateway.work.slots import claimed
from gateway.work.sweeper import Sweeper
from gateway.work.worker import Worker
from tests import waiting
from tests.databases import on_server

# DBOS has threads of its own.
until = partial(waiting.until, seconds=20, pause=0.01)


class Once:
    """A queue of one row, which is taken up once; its job ends when it is let go."""

    name: str
    at_once = 1

    def __init__(self) -> None:
        self.taken = self.ended = False
        self.runs: list[Job] = []
        self.running = asyncio.Event()
        self.free = asyncio.Event()
        self.due_at: datetime | None = None

    async def take(self, most: int) -> Sequence[Job]:
        jobs = [] if self.taken else [Job("org_1", new_id("row"), 1)]
        self.taken = True
        return jobs

    async def next_due(self) -> datetime | None:
        return self.due_at

    async def run(self, job: Job) -> None:
        self.runs.append(job)
        self.running.set()
        await self.free.wait()
        self.ended = True


_started: list[Worker] = []


@pytest.fixture(autouse=True)
async def alone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A queue of its own for each test, as durable work on a server outlives tests; what it started ends with it.

    No doors open here that would need a quiet second.
    """
    monkeypatch.setattr(Once, "name", new_id("queue"), raising=False)
    monkeypatch.setattr(worker_module, "QUIET_SECONDS", 0.01)
    yield
    # Also when the test has failed: another one would wait for the place for ever.
    while _started:
        await _started.pop().stop()


def working(database: Database, folder: Path, queue: Once, stop_seconds: float) -> Worker:
    """A worker at work."""
    worker = Worker(database, folder, stop_seconds=stop_seconds, poll_seconds=0.02)
    _started.append(worker)
    worker.start(Sweeper([queue], worker, database.clock, poll_seconds=60))
    return worker


async def test_what_is_under_way_is_waited_for_when_the_process_stops(database: Database, tmp_path: Path) -> None:
    queue = Once()
    worker = working(database, tmp_path, queue, stop_seconds=20)
    worker.want()
    await asyncio.wait_for(queue.running.wait(), 20)
    assert worker.launched
    stopping = asyncio.create_task(worker.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    queue.free.set()
    await stopping
    assert (queue.ended, worker.launched) == (True, False)


async def test_what_takes_too_long_begins_again_at_the_next_start(database: Database, tmp_path: Path) -> None:
    first, second = Once(), Once()
    worker = working(database, tmp_path, first, stop_seconds=0.01)
    worker.want()
    await asyncio.wait_for(first.running.wait(), 20)
    await worker.stop()
    assert not first.ended

    second.taken = True
    # Nobody says that there is work: what was left is enough.
    worker = working(database, tmp_path, second, stop_seconds=20)
    await asyncio.wait_for(second.running.wait(), 20)
    second.free.set()
    await worker.stop()
    assert second.runs == first.runs


async def test_it_is_launched_by_the_first_that_falls_due(embedded: Database, tmp_path: Path) -> None:
    queue = Once()
    worker = working(embedded, tmp_path, queue, stop_seconds=0)
    await until(lambda: worker.ready)
    queue.due_at = embedded.clock.now() + timedelta(hours=1)
    await asyncio.sleep(0.1)
    assert (worker.ready, worker.launched) == (True, False)
    queue.due_at = embedded.clock.now()
    await until(lambda: worker.launched)
    await worker.stop()
    assert not worker.ready


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_what_was_left_behind_is_seen_without_loading_what_knows(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "work.db"
    if content is not None:
        file.write_bytes(content)
    assert left_behind(file) is (content is not None)


async def test_a_worker_that_is_stopped_before_it_was_launched_ends(embedded: Database, tmp_path: Path) -> None:
    for wanted in (False, True):
        worker = working(embedded, tmp_path, Once(), stop_seconds=0)
        if wanted:
            worker.want()
        await asyncio.sleep(0)
        await asyncio.wait_for(worker.stop(), 20)
        assert not worker.launched


async def test_no_system_database_means_that_nothing_is_taken_up_until_there_is_one(
    embedded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_SECONDS", 0.05)
    queue, folder = Once(), tmp_path / "folder"
    folder.touch()
    worker = working(embedded, folder, queue, stop_seconds=0)
    worker.want()
    await asyncio.sleep(0.3)
    assert (worker.launched, queue.taken) == (False, False)
    folder.unlink()
    await asyncio.wait_for(queue.running.wait(), 20)
    await worker.stop()


async def test_a_damaged_file_of_work_is_set_aside(embedded: Database, tmp_path: Path) -> None:
    (tmp_path / worker_module.FILE).write_bytes(bytes(range(256)) * 64)
    queue = Once()
    worker = working(embedded, tmp_path, queue, stop_seconds=20)
    worker.want()
    await asyncio.wait_for(queue.running.wait(), 20)
    queue.free.set()
    await worker.stop()
    assert (tmp_path / f"{worker_module.FILE}.damaged").read_bytes() == bytes(range(256)) * 64


async def test_work_begins_anew_when_its_file_is_damaged_meanwhile(
    embedded: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "_PAUSE_SECONDS", 0.05)
    queue = Once()
    queue.free.set()
    worker = Worker(embedded, tmp_path, stop_seconds=20, poll_seconds=0.02)
    _started.append(worker)
    sweeper = Sweeper([queue], worker, embedded.clock, poll_seconds=60)
    worker.start(sweeper)
    worker.want()
    await until(lambda: len(queue.runs) == 1)

    for name in (worker_module.FILE, f"{worker_module.FILE}-wal"):
        (tmp_path / name).write_bytes(b"x" * (tmp_path / name).stat().st_size)

    def begun_anew() -> bool:
        # A job may still pass on pages that were read before; the one that meets the damage waits for its lease.
        queue.taken = False
        sweeper.stir()
        return (tmp_path / f"{worker_module.FILE}.damaged").exists() and worker.launched

    await until(begun_anew)
    before = len(queue.runs)
    queue.taken = False
    sweeper.stir()
    await until(lambda: len(queue.runs) > before)
    await worker.stop()
    assert not worker.launched


@pytest.mark.postgres
async def test_processes_have_places_of_their_own_and_a_free_one_is_taken_again(server: Database) -> None:
    url = server.engines.writing.url
    async with claimed(url) as first, claimed(url) as second:
        assert first.name != second.name
    async with claimed(url) as third:
        assert third.name == first.name


@pytest.mark.postgres
async def test_a_process_whose_place_was_lost_begins_anew(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slots_module, "_LOOK_SECONDS", 0.02)
    monkeypatch.setattr(worker_module, "_PAUSE_SECONDS", 0.02)
    queue = Once()
    worker = working(server, tmp_path, queue, stop_seconds=0)
    worker.want()
    await asyncio.wait_for(queue.running.wait(), 20)

    holders = "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database WHERE datname = "
    await on_server(f"{holders} '{server.engines.writing.url.database}' AND locktype = 'advisory' AND objsubid = 2")

    # What was under way is begun again under the name that the process gets then.
    await until(lambda: len(queue.runs) == 2)
    assert queue.runs[0] == queue.runs[1]
    queue.free.set()
    await worker.stop()
    assert queue.ended

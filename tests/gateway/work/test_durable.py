"""Durable work itself: a name is begun once, jobs run in the loop of the process, and what is left begins again."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.errors import DomainError
from gateway.work.durable import Durable, system_database
from gateway.work.queue import Job
from tests.waiting import until

_asking: ContextVar[str] = ContextVar("asking", default="nobody")
JOB = Job("org_1", "row_1", 1)


class Runs:
    """What ran, where, and on whose behalf; jobs of the queue `stuck` do not end."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Job]] = []
        self.threads: set[int] = set()
        self.contexts: set[str] = set()
        self.tasks: list[asyncio.Task[None]] = []
        self.ran = asyncio.Event()

    async def __call__(self, queue: str, job: Job) -> None:
        self.seen.append((queue, job))
        self.threads.add(threading.get_ident())
        self.contexts.add(_asking.get())
        task = asyncio.current_task()
        assert task is not None
        self.tasks.append(task)
        self.ran.set()
        if queue == "stuck":
            await asyncio.Event().wait()

    async def leave(self) -> None:
        """End what runs, as a process that stops does."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return system_database("sqlite+aiosqlite:///trigraph.db", str(tmp_path / "work.db"))


@asynccontextmanager
async def launched(url: str, runs: Runs, executor: str = "work-0") -> AsyncIterator[Durable]:
    durable = Durable(url, executor, runs)
    await durable.start()
    try:
        yield durable
    finally:
        await runs.leave()
        await durable.stop()


async def test_a_name_is_begun_once_and_runs_here(url: str) -> None:
    runs = Runs()
    token = _asking.set("somebody")
    async with launched(url, runs) as durable:
        assert await durable.begin("rows", JOB) is True
        await asyncio.wait_for(runs.ran.wait(), 10)
        assert await durable.begin("rows", JOB) is False
        assert await durable.begin("rows", Job("org_1", "row_1", 2)) is True
        await until(lambda: len(runs.seen) == 2, pause=0.01)
        assert runs.threads == {threading.get_ident()}
        assert runs.contexts == {"nobody"}

        assert await durable.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
        assert await durable.forget(datetime.now(UTC) + timedelta(hours=1)) == 2
    _asking.reset(token)
    # The process's own threads work on after it.
    assert await asyncio.to_thread(lambda: 1) == 1


async def test_what_was_left_begins_again_for_the_same_executor_alone(url: str) -> None:
    left = Runs()
    async with launched(url, left) as durable:
        await durable.begin("stuck", JOB)
        await asyncio.wait_for(left.ran.wait(), 10)

    other = Runs()
    async with launched(url, other, "work-1"):
        # DBOS looks once a second for what is to begin again.
        await asyncio.sleep(1.5)
        assert other.seen == []

    same = Runs()
    async with launched(url, same):
        await asyncio.wait_for(same.ran.wait(), 10)
        assert same.seen == [("stuck", JOB)]
        assert same.threads == {threading.get_ident()}


async def test_a_system_database_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    runs = Runs()
    with pytest.raises(DomainError, match="durable work cannot begin"):
        async with launched(f"sqlite:///{tmp_path}/missing/work.db", runs):
            pass
    # And it is in nobody's way.
    async with launched(system_database("sqlite:///x", str(tmp_path / "work.db")), runs) as durable:
        assert await durable.begin("rows", JOB)


async def test_one_that_waits_for_another_can_give_up(url: str) -> None:
    async with launched(url, Runs()):
        loops = _loops()
        second = asyncio.create_task(Durable(url, "work-1", Runs()).start())
        await asyncio.sleep(0.1)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        # Nothing was opened for it that nobody closes.
        assert _loops() <= loops


def test_postgresql_is_reached_by_its_other_driver() -> None:
    url = "postgresql+asyncpg://ada:se%40cret@db.example.com:5433/trigraph?ssl=require&prepared_statement_cache_size=0"
    assert system_database(url, "unused") == (
        "postgresql+psycopg://ada:se%40cret@db.example.com:5433/trigraph?sslmode=require"
    )


def _loops() -> set[asyncio.AbstractEventLoop]:
    # By their types: there are objects about that do not let anybody ask for their class.
    return {each for each in gc.get_objects() if issubclass(type(each), asyncio.AbstractEventLoop)}

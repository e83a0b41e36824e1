"""Due work is taken up at once, in the room there is, each queue by itself; a failing database pauses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from domain.errors import unavailable
from gateway.work import sweeper as sweeper_module
from gateway.work.queue import Job
from gateway.work.sweeper import Sweeper
from tests.clocks import SetClock
from tests.waiting import until


class Rows:
    """A queue whose rows are numbers; `hold` keeps its jobs from ending."""

    def __init__(self, name: str, at_once: int, clock: SetClock) -> None:
        self.name = name
        self.at_once = at_once
        self.waiting: list[int] = []
        self.later: datetime | None = None
        self.ran: list[str] = []
        self.running = self.most = self.looks = 0
        self.broken = False
        self.free = asyncio.Event()
        self.free.set()
        self._clock = clock

    async def take(self, most: int) -> Sequence[Job]:
        self.looks += 1
        if self.broken:
            raise unavailable("It is away.")
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return [Job("org", str(each), 1) for each in taken]

    async def next_due(self) -> datetime | None:
        return self._clock.now() if self.waiting else self.later

    async def run(self, job: Job) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.free.wait()
            if job.id == "13":
                raise ValueError(job.id)
            self.ran.append(job.id)
        finally:
            self.running -= 1


class Tasks:
    """Hands jobs over to tasks of the loop, as durable work does in a better way."""

    def __init__(self) -> None:
        self.sweeper: Sweeper | None = None
        self.known: set[str] = set()
        self.tasks: set[asyncio.Task[None]] = set()

    async def begin(self, queue: str, job: Job) -> bool:
        assert self.sweeper is not None
        if job.id in self.known:
            return False
        self.known.add(job.id)
        self.tasks.add(asyncio.create_task(self.sweeper.run(queue, job)))
        return True


@asynccontextmanager
async def sweeping(clock: SetClock, *queues: Rows, poll_seconds: float = 60) -> AsyncIterator[Sweeper]:
    """A sweeper at work."""
    tasks = Tasks()
    tasks.sweeper = sweeper = Sweeper(queues, tasks, clock, poll_seconds)
    sweep = asyncio.create_task(sweeper.sweep())
    try:
        yield sweeper
    finally:
        sweep.cancel()
        await asyncio.gather(sweep, return_exceptions=True)
        await sweeper.abandon()


async def test_no_more_is_under_way_than_there_is_room_for(clock: SetClock) -> None:
    rows = Rows("rows", 3, clock)
    rows.waiting = list(range(10))
    rows.free.clear()
    async with sweeping(clock, rows) as sweeper:
        await until(lambda: rows.running == 3)
        await asyncio.sleep(0.01)
        assert (rows.running, len(rows.waiting), sweeper.tallies["rows"].under_way) == (3, 7, 3)

        rows.free.set()
        await until(lambda: len(rows.ran) == 10)

    assert (rows.most, sorted(map(int, rows.ran))) == (3, list(range(10)))
    assert (sweeper.tallies["rows"].handed_over, sweeper.tallies["rows"].done) == (10, 10)


async def test_a_queue_that_is_full_holds_up_no_other(clock: SetClock) -> None:
    stuck, swift = Rows("stuck", 1, clock), Rows("swift", 1, clock)
    stuck.waiting, stuck.later = [1, 2], None
    stuck.free.clear()
    async with sweeping(clock, stuck, swift) as sweeper:
        await until(lambda: stuck.running == 1)
        swift.waiting = [3, 4, 5]
        sweeper.stir("swift")
        await until(lambda: len(swift.ran) == 3)
        assert stuck.running == 1


async def test_what_nobody_told_of_is_found_when_its_time_comes_or_by_a_poll(clock: SetClock) -> None:
    soon, unknown = Rows("soon", 1, clock), Rows("unknown", 1, clock)
    soon.later = clock.now() + timedelta(seconds=0.1)
    async with sweeping(clock, soon, unknown, poll_seconds=0.3):
        await until(lambda: soon.looks == 1 and unknown.looks == 1)
        soon.waiting, unknown.waiting = [1], [2]
        await until(lambda: bool(soon.ran))
        assert not unknown.ran
        await until(lambda: bool(unknown.ran))


async def test_a_database_that_is_away_only_pauses_it(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper_module, "_FIRST_PAUSE_SECONDS", 0.01)
    rows = Rows("rows", 1, clock)
    rows.broken, rows.waiting = True, [1]
    async with sweeping(clock, rows):
        await until(lambda: rows.looks == 3)
        rows.broken = False
        await until(lambda: rows.ran == ["1"])


async def test_a_job_that_fails_is_counted_and_told_and_gives_its_place_back(clock: SetClock) -> None:
    rows = Rows("rows", 1, clock)
    rows.waiting = [13, 14]
    with capture_logs() as told:
        async with sweeping(clock, rows) as sweeper:
            await until(lambda: rows.ran == ["14"])
            assert (sweeper.tallies["rows"].failed, sweeper.tallies["rows"].under_way) == (1, 0)
    assert [(each["event"], each["id"]) for each in told] == [("work failed", "13")]


async def test_a_job_that_was_begun_before_takes_no_room(clock: SetClock) -> None:
    rows = Rows("rows", 1, clock)
    rows.waiting = [1, 1, 2]
    async with sweeping(clock, rows) as sweeper:
        await until(lambda: rows.ran == ["1", "2"])
        assert sweeper.tallies["rows"].handed_over == 2


async def test_stopping_waits_a_little_and_leaves_the_rest(clock: SetClock) -> None:
    rows = Rows("rows", 2, clock)
    rows.waiting = [1, 2]
    rows.free.clear()
    async with sweeping(clock, rows) as sweeper:
        await until(lambda: rows.running == 2)
        await sweeper.settle(0.01)
        assert rows.running == 2
        await sweeper.abandon()
        assert (rows.running, rows.ran) == (0, [])
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await sweeper.settle(60)
                return
        pytest.fail("nothing is under way, and it was waited for")

"""Work that a request began runs after its commit, in its queue's places; it is waited for, though not for long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from domain.errors import not_found
from domain.viewer import Viewer
from gateway.database import Database
from gateway.settings_work import WorkSettings
from gateway.work.beginner import Beginner
from gateway.work.queue import Job
from gateway.work.sweeper import Sweeper
from resolvers.unit import Claim, Keys, Unit
from tests.factories.leads import make_lead
from tests.waiting import until


class Held:
    """A queue whose jobs end when they are let go."""

    name, at_once = "held", 2

    def __init__(self) -> None:
        self.running: list[Job] = []
        self.ended: list[str] = []
        self.free = asyncio.Event()

    async def take(self, most: int) -> Sequence[Job]:
        return ()

    async def next_due(self) -> datetime | None:
        return None

    async def run(self, job: Job) -> None:
        self.running.append(job)
        await self.free.wait()
        self.ended.append(job.id)


async def test_a_request_waits_for_what_it_began(database: Database, viewer: Viewer) -> None:
    lead, queue = await make_lead(database, viewer.organization_id), Held()
    sweeper = Sweeper([queue], _Nowhere(), database.clock, 60)
    beginner = Beginner(sweeper, WorkSettings(wait_seconds=60, stop_seconds=0))
    database.begin = beginner.begin

    async def asks(*ids: str, wait: bool = True, refused: bool = False) -> None:
        async def work(unit: Unit) -> Keys:
            for each in ids:
                unit.begin("held", each, 1, wait=wait)
            if refused:
                raise not_found("Lead", lead, "id")
            return {}

        await database.transact(viewer, work)

    request = asyncio.create_task(asks("a", "b", "c"))
    await until(lambda: len(queue.running) == 2)
    assert queue.running[0] == Job(viewer.organization_id, "a", 1)
    assert sweeper.tallies["held"].under_way == 2
    queue.free.set()
    await request
    assert sorted(queue.ended) == ["a", "b", "c"]

    queue.free.clear()
    await asks("d", wait=False)
    hurried = Beginner(sweeper, WorkSettings(wait_seconds=0.01, stop_seconds=0))
    database.begin = hurried.begin
    await asks("e")
    await asyncio.gather(asks("f", refused=True), return_exceptions=True)
    assert [job.id for job in queue.running[3:]] == ["d", "e"]
    assert len(queue.ended) == 3
    await beginner.stop()
    await hurried.stop()
    assert not hurried.under_way
    assert len(queue.ended) == 3


async def test_a_request_that_comes_again_waits_for_what_the_first_one_began(
    database: Database, viewer: Viewer
) -> None:
    queue, claim = Held(), Claim("key-1", "fingerprint-1")
    beginner = Beginner(Sweeper([queue], _Nowhere(), database.clock, 60), WorkSettings(wait_seconds=60, stop_seconds=0))
    database.begin, database.rejoin = beginner.begin, beginner.rejoin

    async def ask() -> tuple[Keys, list[str]]:
        async def work(unit: Unit) -> Keys:
            unit.begin("held", "a", 1)
            return {"run": "a", "account": None}

        keys = await database.transact(viewer, work, claim, "research")
        return keys, list(queue.ended)

    first = asyncio.create_task(ask())
    await until(lambda: len(queue.running) == 1)
    others = asyncio.gather(ask(), ask())
    done, _ = await asyncio.wait([others], timeout=0.1)
    assert not done
    queue.free.set()
    assert await first == ({"run": "a", "account": None}, ["a"])
    assert await others == [await first] * 2
    # What is over is not waited for.
    assert await ask() == await first


class _Nowhere:
    async def begin(self, queue: str, job: Job) -> bool:
        return False

"""Work whose process ends again and again, or for good, comes to an end of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.errors import Code, DomainError
from domain.event_log import Event
from domain.events import EventType
from domain.jobs import Job, JobStatus
from domain.viewer import Viewer
from gateway.database import Database
from gateway.jobs.lost import end_lost_imports
from gateway.operators import run
from resolvers import job_imports
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock


async def test_an_import_ends_when_its_process_is_gone(
    database: Database, organization: str, viewer: Viewer, clock: SetClock
) -> None:
    begun = clock.now()
    killed, slow = [(await run(database, organization, job_imports.begin, 30, 2))["batch"] for _ in range(2)]

    async def stored(id: str, rows: int) -> None:
        async def work(unit: Unit) -> Keys:
            await job_imports.advance(unit, id, rows, 0)
            return {}

        await database.transact(viewer, work)

    async def state(id: str) -> Any:
        row = await database.rows(select(Job.status, Job.done, Job.failed, Job.finished_at).where(Job.id == id))
        return tuple(row[0])

    await stored(killed, 10)
    for _ in range(3):
        clock.advance(minutes=10)
        await stored(slow, 1)
        await end_lost_imports(database)
    assert await state(killed) == (JobStatus.COMPLETED, 10, 20, begun + timedelta(minutes=20))
    assert await state(slow) == (JobStatus.PROCESSING, 3, 2, None)

    # It was not killed after all, but a computer that slept.
    with pytest.raises(DomainError) as refused:
        await stored(killed, 10)
    assert refused.value.code is Code.CONFLICT
    for each in (killed, slow):
        await run(database, organization, job_imports.finish, each)
    assert (await state(killed))[:3] == (JobStatus.COMPLETED, 10, 20)
    assert (await state(slow))[:3] == (JobStatus.COMPLETED, 3, 27)
    ended = select(Event.subject_id).where(Event.subject_id.in_([killed, slow]), Event.type == EventType.JOB_FINISHED)
    assert sorted(await database.rows(ended)) == sorted([(killed,), (slow,)])

"""Imports as jobs: whoever watches the graph sees how far one is. Only the process itself calls these."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from domain.errors import conflict
from domain.events import EventType
from domain.jobs import Job, JobKind, JobStatus
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit

HELD = timedelta(minutes=15)
"""How long an import may be silent: far longer than it works on one piece."""


async def begin(unit: Unit, total: int, rejected: int) -> Keys:
    """Note that an import of so many rows has begun, some of which cannot be read."""
    job = Job(
        id=Job.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        kind=JobKind.IMPORT,
        status=JobStatus.PROCESSING,
        total=total,
        done=0,
        failed=rejected,
        held_until=unit.now + HELD,
    )
    unit.add(job)
    unit.record(EventType.JOB_STARTED, job, job.facts())
    return {"batch": job.id}


async def advance(unit: Unit, job_id: str, done: int, failed: int) -> None:
    """Count rows in the transaction that stores them.

    Raises:
        DomainError: CONFLICT when the import was given up meanwhile.
    """
    job = await unit.load(Job, job_id)
    if job.status is not JobStatus.PROCESSING:
        raise conflict("The import was given up, because nothing was heard of it for too long; begin it again.")
    job.done += done
    job.failed += failed
    job.held_until = unit.now + HELD


async def finish(unit: Unit, job_id: str) -> Keys:
    """Note that nothing more comes: rows that were not reached count as failed."""
    job = await unit.load(Job, job_id)
    if job.status is JobStatus.PROCESSING:
        _end(unit, job)
    return {"batch": job.id}


def given_up(now: datetime) -> Statement:
    """Imports whose processes are gone: organization and id."""
    return select(Job.organization_id, Job.id).where(Job.held_until < now).order_by(Job.held_until)


async def give_up(unit: Unit, job_id: str) -> Keys:
    """End an import whose process is gone, unless something was heard of it meanwhile."""
    job = await unit.load(Job, job_id)
    if job.held_until is not None and job.held_until < unit.now:
        _end(unit, job)
    return {"batch": job.id}


def _end(unit: Unit, job: Job) -> None:
    job.failed = job.total - job.done
    job.finish(unit.now)
    unit.record(EventType.JOB_FINISHED, job, job.facts())

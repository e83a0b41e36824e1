"""Imports as jobs: whoever watches the graph sees how far one is. Only the process itself calls these."""

from __future__ import annotations

from domain.events import EventType
from domain.jobs import Job, JobKind, JobStatus
from resolvers.unit import Keys, Unit


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
    )
    unit.add(job)
    unit.record(EventType.JOB_STARTED, job, job.facts())
    return {"batch": job.id}


async def advance(unit: Unit, job_id: str, done: int, failed: int) -> None:
    """Count rows in the transaction that stores them."""
    job = await unit.load(Job, job_id)
    job.done += done
    job.failed += failed


async def finish(unit: Unit, job_id: str) -> Keys:
    """Note that nothing more comes: rows that were not reached count as failed."""
    job = await unit.load(Job, job_id)
    job.failed = job.total - job.done
    job.finish(unit.now)
    unit.record(EventType.JOB_FINISHED, job, job.facts())
    return {"batch": job.id}

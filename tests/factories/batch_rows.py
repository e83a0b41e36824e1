"""Rows of batches for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.jobs import EntryStatus, Job, JobEntry, JobKind, JobStatus


def batch_rows(organization: str, at: datetime, client: str, user: str, document: str) -> list[Any]:
    """A batch that is over, of one entry that made a document; its types are called otherwise in the graph."""
    job = Job(
        id=Job.new_id(),
        organization_id=organization,
        created_at=at,
        kind=JobKind.DOCUMENT_BATCH,
        status=JobStatus.COMPLETED,
        total=1,
        done=1,
        failed=0,
        client_id=client,
        user_id=user,
        scopes=["read", "write"],
        finished_at=at,
    )
    entry = JobEntry(
        id=JobEntry.new_id(),
        organization_id=organization,
        created_at=at,
        job_id=job.id,
        position=0,
        request={"url": "https://example.com/a.pdf", "jurisdiction": "EU", "documentType": "POLICY"},
        status=EntryStatus.DONE,
        subject_id=document,
        attempts=1,
    )
    return [job, entry]

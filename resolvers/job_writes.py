"""Asking for batches: documents that are worked on later one by one, feedback that is taken in at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import insert, select, update

from domain.compliance import DocumentType
from domain.errors import Code, DomainError, Problem, conflict, invalid, refuse, required
from domain.events import EventType
from domain.jobs import EntryStatus, Job, JobEntry, JobKind, JobStatus
from domain.permissions import Permission
from domain.receivers import receiver_url
from domain.values import ABSENT, Absent, present
from resolvers import compliance_uploads, feedback_writes
from resolvers.compliance_uploads import DocumentMetadata, DocumentUpload
from resolvers.desk import Desk
from resolvers.feedback_fields import FeedbackDraft
from resolvers.feedback_writes import AnalyzedFeedback
from resolvers.unit import Keys, Unit, requires

T = TypeVar("T")

_SAMPLE = "https://example.com/batch-complete"
_RETRIED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntry:
    """A document to be fetched and read."""

    url: str
    jurisdiction: str
    document_type: DocumentType
    title: str | Absent | None = ABSENT
    metadata: DocumentMetadata | Absent | None = ABSENT

    @property
    def upload(self) -> DocumentUpload:
        """The same as a document that is sent alone."""
        return DocumentUpload(
            jurisdiction=self.jurisdiction,
            document_type=self.document_type,
            title=self.title,
            url=self.url,
            metadata=self.metadata,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentBatch:
    """Documents to be worked on; the results are sent to the callback's address."""

    documents: list[DocumentEntry]
    callback_url: str | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """A batch whose every entry can be worked on: what each is asked for by."""

    requests: list[dict[str, Any]]
    callback_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackBatch:
    """Feedback to be taken in together."""

    items: list[FeedbackDraft]


@dataclass(frozen=True, slots=True)
class AnalyzedBatch:
    """Feedback that is checked and analysed."""

    items: list[AnalyzedFeedback]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRetry:
    """Entries of a batch that failed and are to be worked on once more: these, or all of them."""

    batch_id: str
    entry_ids: list[str] | Absent | None = ABSENT


async def check_documents(desk: Desk, batch: DocumentBatch) -> CheckedBatch:
    """Check a batch before anything is stored.

    Raises:
        DomainError: every problem of every entry at once, its field such as `documents.3.url`.
    """
    terms = desk.outside.batches
    _check_size("documents", batch.documents, terms.documents)
    problems: list[Problem] = []

    def check(take: Callable[[], T], before: str = "") -> T | None:
        try:
            return take()
        except DomainError as error:
            problems.extend(Problem(each.code, each.message, f"{before}{each.field}") for each in error.problems)
            return None

    for place, entry in enumerate(batch.documents):
        under = f"documents.{place}."
        check(lambda entry=entry: desk.outside.fetcher.check("url", entry.url), under)  # type: ignore[misc]
        check(lambda entry=entry: compliance_uploads.checked(entry.upload), under)  # type: ignore[misc]
    url = present(batch.callback_url, None)
    if url is not None:
        # What it carries is what these would show.
        desk.viewer.require(Permission.READ_JOBS)
        desk.viewer.require(Permission.READ_COMPLIANCE)
        check(lambda: receiver_url("callbackUrl", url, terms.reach, _SAMPLE))
    if problems:
        raise DomainError(problems)
    return CheckedBatch([_request(each) for each in batch.documents], url)


async def analyze_feedback(desk: Desk, batch: FeedbackBatch) -> AnalyzedBatch:
    """Check and analyse a batch, all of it in one call of the analyst.

    Raises:
        DomainError: every problem of every item at once, its field such as `items.3.content`.
    """
    _check_size("items", batch.items, desk.outside.batches.feedback)
    return AnalyzedBatch(await feedback_writes.prepare(desk, batch.items, "items"))


@requires(Permission.WRITE_COMPLIANCE)
async def create_documents(unit: Unit, batch: CheckedBatch) -> Keys:
    """Have documents fetched, read and kept, each for itself: one that cannot be read does not hold up the others."""
    job = _job(unit, JobKind.DOCUMENT_BATCH, len(batch.requests))
    job.callback_url = batch.callback_url
    unit.add(job)
    await unit.flush()
    rows = [
        {
            "id": JobEntry.new_id(),
            "organization_id": job.organization_id,
            "created_at": unit.now,
            "job_id": job.id,
            "position": position,
            "request": request,
            "status": EntryStatus.PENDING,
            "due_at": unit.now,
            "attempts": 0,
            "taken": 0,
            "lost": 0,
        }
        for position, request in enumerate(batch.requests)
    ]
    await unit.session.execute(insert(JobEntry), rows)
    unit.record(EventType.JOB_STARTED, job, job.facts())
    unit.stir()
    return {"batch": job.id}


@requires(Permission.WRITE_FEEDBACK)
async def create_feedback(unit: Unit, batch: AnalyzedBatch) -> Keys:
    """Take in feedback, all of it or, when one piece cannot be taken, none; it is analysed at once (CB-35)."""
    job = _job(unit, JobKind.FEEDBACK_BATCH, len(batch.items))
    job.done = job.total
    job.finish(unit.now)
    unit.add(job)
    await unit.flush()
    await feedback_writes.store_many(unit, batch.items, job.id)
    unit.record(EventType.JOB_FINISHED, job, job.facts())
    return {"batch": job.id}


@requires(Permission.WRITE_COMPLIANCE)
async def retry(unit: Unit, wanted: BatchRetry) -> Keys:
    """Have entries of a batch that failed worked on once more; when all is over, its results are sent again."""
    job = await unit.load(Job, wanted.batch_id, "batchId")
    if job.kind is not JobKind.DOCUMENT_BATCH:
        raise conflict("Only batches of documents have entries that can be worked on once more.", "batchId")
    chosen = await _failed(unit, job, present(wanted.entry_ids, None))
    if not chosen:
        raise conflict("No entry of the batch has failed.", "batchId")
    again = update(JobEntry).where(JobEntry.id.in_(chosen)).execution_options(synchronize_session=False)
    blank = {"code": None, "field": None, "problem": None}
    await unit.session.execute(again.values(status=EntryStatus.PENDING, due_at=unit.now, attempts=0, lost=0, **blank))
    job.again(len(chosen))
    unit.record(EventType.JOB_STARTED, job, job.facts())
    unit.stir()
    return {"batch": job.id, "retried": len(chosen)}


async def _failed(unit: Unit, job: Job, wanted: list[str] | None) -> list[str]:
    """The entries that failed, of those that are wanted.

    Raises:
        DomainError: INVALID for one that is not of the batch, or has not failed.
    """
    if wanted is not None and len(wanted) > _RETRIED:
        raise invalid("entryIds", f"entryIds must be at most {_RETRIED}; without them all are worked on.")
    own = select(JobEntry.id).where(JobEntry.job_id == job.id, JobEntry.status == EntryStatus.FAILED)
    failed = set(await unit.session.scalars(own))
    if wanted is None:
        return sorted(failed)
    for place, each in enumerate(wanted):
        if each not in failed:
            raise refuse(Code.UNKNOWN_REFERENCE, f"{each} is no entry of the batch that failed.", f"entryIds.{place}")
    return sorted(set(wanted))


def _check_size(field: str, sent: Sequence[object], most: int) -> None:
    if not sent:
        raise required(field, f"{field} must name at least one.")
    if len(sent) > most:
        raise invalid(field, f"{field} must be at most {most}, not {len(sent)}.")


def _job(unit: Unit, kind: JobKind, total: int) -> Job:
    return Job(
        id=Job.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        kind=kind,
        status=JobStatus.PROCESSING,
        total=total,
        done=0,
        failed=0,
        client_id=unit.viewer.client_id or None,
        user_id=unit.viewer.user_id,
        grant_id=unit.viewer.grant_id,
        scopes=list(unit.viewer.scopes),
    )


def _request(entry: DocumentEntry) -> dict[str, Any]:
    """What is kept of an entry until it is worked on."""
    said = present(entry.metadata, None) or DocumentMetadata()
    known = {
        "url": entry.url,
        "jurisdiction": entry.jurisdiction,
        "documentType": entry.document_type.value,
        "title": present(entry.title, None),
        "source": present(said.source, None),
        "category": present(said.category, None),
        "version": present(said.version, None),
        "date": said.date.isoformat() if not isinstance(said.date, Absent) and said.date else None,
    }
    return {name: value for name, value in known.items() if value is not None}

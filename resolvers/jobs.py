"""Reads of batches and imports, and of what became of each entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from domain.compliance import DocumentType
from domain.feedback import Feedback
from domain.jobs import EntryStatus, Job, JobEntry, JobKind, JobStatus
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import clients, compliance_documents, users
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFilter:
    """Which batches are wanted; `mine` are those of the calling client, bounds are inclusive."""

    kind: JobKind | None = None
    status: JobStatus | None = None
    mine: bool | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@reads(Job, Permission.READ_JOBS)
def visible(viewer: Viewer) -> Statement:
    """Batches of the organization."""
    return visible_to(viewer, Job)


@reads(Job, Permission.READ_JOBS)
def search(viewer: Viewer, where: BatchFilter | None = None) -> Listing:
    """Batches, newest first."""
    wanted = where or BatchFilter()
    statement = visible_to(viewer, Job).where(*_conditions(viewer, wanted))
    # Totals are remembered by user, but clients of one user have batches of their own; and old ones go in silence.
    return Listing(statement, newest_first(Job), told=False)


@reads(JobEntry, Permission.READ_JOBS)
def visible_entries(viewer: Viewer) -> Statement:
    """Entries of batches."""
    return visible_to(viewer, JobEntry)


@reads(JobEntry, Permission.READ_JOBS)
def search_entries(viewer: Viewer, status: EntryStatus | None = None) -> Listing:
    """Entries in the order of the request; no event tells of each, so their total is counted each time."""
    statement = visible_to(viewer, JobEntry)
    if status:
        statement = statement.where(JobEntry.status == status)
    return Listing(statement, Order(JobEntry.position, descending=False), told=False)


@reads(Feedback, Permission.READ_FEEDBACK)
def search_feedback(viewer: Viewer) -> Listing:
    """The feedback of a batch in the order of the request."""
    return Listing(visible_to(viewer, Feedback), Order(Feedback.position, descending=False))


def pending(total: int, done: int, failed: int) -> int:
    """How many entries are not over."""
    return total - done - failed


def asked(request: dict[str, Any], name: str) -> str | None:
    """What an entry was asked for by."""
    value = request.get(name)
    return None if value is None else str(value)


def url_of(request: dict[str, Any]) -> str | None:
    """Where the document of an entry is fetched from."""
    return asked(request, "url")


def jurisdiction_of(request: dict[str, Any]) -> str | None:
    """As law of which jurisdiction the document of an entry is read."""
    return asked(request, "jurisdiction")


def document_type_of(request: dict[str, Any]) -> DocumentType | None:
    """As which kind of text the document of an entry is read."""
    value = asked(request, "documentType")
    return None if value is None else DocumentType(value)


def _conditions(viewer: Viewer, where: BatchFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.kind:
        conditions.append(Job.kind == where.kind)
    if where.status:
        conditions.append(Job.status == where.status)
    if where.mine is not None:
        own = and_(Job.client_id == viewer.client_id, or_(Job.user_id.is_(None), Job.user_id == viewer.user_id))
        conditions.append(own if where.mine else or_(Job.client_id.is_(None), ~own))
    if where.created_from is not None:
        conditions.append(Job.created_at >= start_of(where.created_from))
    if where.created_to is not None:
        conditions.append(Job.created_at <= end_of(where.created_to))
    return conditions


client = ToOne(clients.visible, Job.client_id)
user = ToOne(users.visible, Job.user_id)
entries = ToMany(search_entries, JobEntry.job_id)
of_entry = ToOne(visible, JobEntry.job_id)
document = ToOne(compliance_documents.visible, JobEntry.subject_id)
feedback = ToMany(search_feedback, Feedback.batch_id)
of_feedback = ToOne(visible, Feedback.batch_id)

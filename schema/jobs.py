"""Batches and imports: what was asked for, how far it is, what became of each entry."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from domain.jobs import EntryStatus as _EntryStatus
from resolvers import jobs
from schema.clients import ApiClient
from schema.compliance import ComplianceDocument
from schema.engine.forms import collection, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.enums import DocumentType, EntryStatus, JobKind, JobStatus
from schema.feedback import Feedback
from schema.nodes import Connection, ErrorCode, Node
from schema.users import User


@mirrors(jobs.BatchFilter)
class BatchFilter:
    """Which batches are wanted; bounds are inclusive."""

    kind: JobKind | None = UNSET
    status: JobStatus | None = UNSET
    mine: bool | None = strawberry.field(default=UNSET, description="Whether the calling client asked for them.")
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@strawberry.type(description="Telling the client that its batch is over.")
class BatchCallback:
    """Telling the client that its batch is over."""

    url: str
    attempts: int = strawberry.field(description="Tries since the batch was over.")
    due_at: datetime | None = strawberry.field(description="When it is tried next.")
    delivered_at: datetime | None
    last_status: int | None = strawberry.field(description="What the last answer's status was, if there was one.")
    failure: str | None = strawberry.field(description="Why the last try failed.")


_CALLBACK = {
    "url": "callback_url",
    "attempts": "callback_attempts",
    "due_at": "callback_due_at",
    "delivered_at": "called_back_at",
    "last_status": "callback_status",
    "failure": "callback_failure",
}


def _callback(*values: Any) -> BatchCallback | None:
    known = dict(zip(_CALLBACK, values, strict=True))
    return BatchCallback(**known) if known["url"] else None


@strawberry.type(description="Work that was asked for at once and is done piece by piece: a batch or an import.")
class Batch(Node, read=jobs.visible):
    """Work that was asked for at once and is done piece by piece: a batch or an import."""

    kind: JobKind
    status: JobStatus = strawberry.field(description="It has failed when nothing of it could be done.")
    total: int
    done: int
    failed: int
    pending: int = derived(jobs.pending, "total", "done", "failed", description="What is not over yet.")
    callback_url: str | None
    callback: BatchCallback | None = derived(
        _callback, *_CALLBACK.values(), description="Where its results are sent, if so."
    )
    created_at: datetime
    finished_at: datetime | None
    client: ApiClient | None = link(jobs.client, "Who asked for it.")
    user: User | None = link(jobs.user, "The member of staff who asked for it, or for whom the client acted.")
    entries: Connection["BatchEntry"] = collection(
        jobs.entries,
        "What is worked on one by one, in the order of the request; feedback is taken in at once and has none.",
        status=_EntryStatus,
    )
    feedback: Connection[Feedback] = collection(jobs.feedback, "The feedback it took in, in the order of the request.")


@strawberry.type(description="One piece of a batch.")
class BatchEntry(Node, read=jobs.visible_entries):
    """One piece of a batch."""

    position: int = strawberry.field(description="Its place in the request, from 0.")
    status: EntryStatus
    url: str | None = derived(jobs.url_of, "request")
    jurisdiction: str | None = derived(jobs.jurisdiction_of, "request")
    document_type: DocumentType | None = derived(jobs.document_type_of, "request")
    attempts: int = strawberry.field(description="Tries that are over.")
    due_at: datetime | None = strawberry.field(description="When it is worked on next, or its work is given up.")
    code: ErrorCode | None = strawberry.field(description="Why it failed, or has to wait.")  # type: ignore[valid-type]
    field: str | None = strawberry.field(description="What of the request that lies in.")
    problem: str | None = strawberry.field(description="The same in words.")
    document: ComplianceDocument | None = link(jobs.document, "What was made of it.")
    created_at: datetime


@strawberry.type
class BatchQueries:
    """Reads of batches."""

    batch: Batch | None = one(jobs.visible, "A batch.")
    batches: Connection[Batch] = connection(jobs.search, "Batches, newest first.", where=BatchFilter)

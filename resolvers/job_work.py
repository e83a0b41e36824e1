"""Working on batches: what is due, what became of it, and telling who asked. Only the process itself calls these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.clients import ApiClient
from domain.compliance import DocumentType
from domain.credentials import Credential, CredentialKind
from domain.errors import Problem
from domain.events import EventType
from domain.grants import Grant
from domain.jobs import Answered, EntryStatus, Job, JobEntry
from domain.users import User
from resolvers import compliance_documents, leases
from resolvers.compliance_documents import ProcessedDocument
from resolvers.compliance_uploads import DocumentMetadata, DocumentUpload
from resolvers.leases import Taken
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit
from resolvers.webhook_viewers import WHO, Standing


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in work."""

    id: str
    job_id: str
    lost: int
    request: dict[str, Any]

    @property
    def upload(self) -> DocumentUpload:
        """The document it asks for."""
        asked, published = self.request, self.request.get("date")
        return DocumentUpload(
            jurisdiction=asked["jurisdiction"],
            document_type=DocumentType(asked["documentType"]),
            title=asked.get("title"),
            url=asked["url"],
            metadata=DocumentMetadata(
                source=asked.get("source"),
                date=date.fromisoformat(published) if published else None,
                category=asked.get("category"),
                version=asked.get("version"),
            ),
        )


@dataclass(frozen=True, slots=True)
class Callback:
    """A batch that is over, and where its results are sent. `finished_at` tells one end from another, after a retry."""

    id: str
    organization_id: str
    url: str
    finished_at: datetime
    attempts: int


async def take_entries(
    session: AsyncSession, now: datetime, lease: timedelta, most: int, served: Mapping[str, int]
) -> Sequence[Taken]:
    """Take up entries that are due, by turns of organizations: `served` says when each had its last one.

    A long batch of one organization does not hold up the short one of another.
    """
    waiting = select(JobEntry.organization_id, func.count(), func.min(JobEntry.due_at)).where(JobEntry.due_at <= now)
    rows = list(await session.execute(waiting.group_by(JobEntry.organization_id)))
    rows.sort(key=lambda row: (served.get(row[0], 0), row[2]))
    shares = dict.fromkeys((row[0] for row in rows), 0)
    while most > 0 and (hungry := [row[0] for row in rows if shares[row[0]] < row[1]]):
        for organization_id in hungry[:most]:
            shares[organization_id] += 1
        most -= len(hungry)
    taken: list[Taken] = []
    for organization_id, share in shares.items():
        taken += await _take_of(session, organization_id, share, now, lease) if share else ()
    return taken


async def _take_of(
    session: AsyncSession, organization_id: str, most: int, now: datetime, lease: timedelta
) -> Sequence[Taken]:
    due = (
        select(JobEntry.id)
        .where(JobEntry.organization_id == organization_id, JobEntry.due_at <= now)
        .order_by(JobEntry.due_at, JobEntry.created_at, JobEntry.position)
        .limit(most)
    )
    return await leases.take(session, JobEntry, due, due_at=now + lease, lost=JobEntry.lost + 1)


async def take_callbacks(session: AsyncSession, now: datetime, lease: timedelta, most: int) -> Sequence[Taken]:
    """Take up batches whose clients have to be told, the oldest first."""
    due = select(Job.id).where(Job.callback_due_at <= now).order_by(Job.callback_due_at).limit(most)
    return await leases.take(session, Job, due, callback_due_at=now + lease)


def next_entry_due() -> Statement:
    """When the next entry is due, or the lease of one is over."""
    return select(JobEntry.due_at).where(JobEntry.due_at.is_not(None)).order_by(JobEntry.due_at).limit(1)


def next_callback_due() -> Statement:
    """When the next client has to be told, or the lease of telling one is over."""
    waiting = select(Job.callback_due_at).where(Job.callback_due_at.is_not(None))
    return waiting.order_by(Job.callback_due_at).limit(1)


def entry(id: str, attempt: int) -> Statement:
    """The entry of an attempt that is not over: a row for `Entry`."""
    mine = (JobEntry.id == id, JobEntry.taken == attempt, JobEntry.status == EntryStatus.PENDING)
    return select(JobEntry.id, JobEntry.job_id, JobEntry.lost, JobEntry.request).where(*mine)


def callback(id: str, attempt: int) -> Statement:
    """The batch of an attempt at telling that is not over: a row for `Callback`."""
    mine = (Job.id == id, Job.taken == attempt, Job.callback_due_at.is_not(None))
    columns = (Job.id, Job.organization_id, Job.callback_url, Job.finished_at, Job.callback_attempts)
    return select(*columns).where(*mine)


def standing(job_id: str) -> Statement:
    """What a batch hangs on: a row for `standing_of`."""
    return (
        select(Job.id, Job.organization_id, Job.scopes, Job.grant_id, *WHO)
        .outerjoin(ApiClient, ApiClient.id == Job.client_id)
        .outerjoin(Grant, Grant.id == Job.grant_id)
        .outerjoin(User, User.id == func.coalesce(Job.user_id, ApiClient.user_id))
        .where(Job.id == job_id)
    )


def standing_of(row: Sequence[Any]) -> Standing | None:
    """As whom a batch is worked on; None when neither its client nor its user is there any more.

    A person on the server's own pages has no client: the user alone answers for the batch then.
    """
    client_id, user_id = row[6], row[15]
    if client_id is None and user_id is None:
        return None
    # Nothing but the user's own role bounds what the scopes say then.
    alone: list[Any] = ["", "", row[1], None, "none", row[2] or [], False, None, None]
    return Standing(*(row if client_id else [*row[:6], *alone, *row[15:]]))


def secrets(client_id: str, now: datetime) -> Statement:
    """The sealed secrets of a client that are in force, the newest first."""
    theirs = (
        Credential.client_id == client_id,
        Credential.kind == CredentialKind.SECRET,
        Credential.sealed.is_not(None),
    )
    live = (Credential.revoked_at.is_(None), Credential.expires_at.is_(None) | (Credential.expires_at > now))
    return select(Credential.sealed).where(*theirs, *live).order_by(Credential.created_at.desc(), Credential.id.desc())


async def keep_document(unit: Unit, id: str, attempt: int, document: ProcessedDocument) -> Keys:
    """Keep the document of an entry, in the transaction that notes it: killed before or after, it is made once."""
    found = await _mine(unit, id, attempt)
    if found is None:
        return {}
    job = await unit.load(Job, found.job_id)
    made = await compliance_documents.store(unit, document)
    found.made(made["compliance_document"])
    _count(unit, job, done=True)
    return made


async def note_stopped(
    unit: Unit, id: str, attempt: int, problem: Problem, schedule: Sequence[float], final: bool
) -> Keys:
    """Note why an entry could not be done; it is tried again unless that was the last time."""
    found = await _mine(unit, id, attempt)
    if found is None:
        return {}
    if found.stopped(problem, unit.now, schedule, final):
        unit.stir()
    else:
        _count(unit, await unit.load(Job, found.job_id), done=False)
    return {}


async def note_told(
    unit: Unit, id: str, attempt: int, answered: Answered, schedule: Sequence[float], jitter: float
) -> Keys:
    """Note what became of telling a client that its batch is over."""
    job = await unit.known(Job, id, lock=True)
    if job is not None and job.taken == attempt and job.callback_due_at is not None:
        job.told(answered, unit.now, schedule, jitter)
    return {}


async def forget(session: AsyncSession, before: datetime, most: int) -> bool:
    """Forget batches that were over before a moment, with their entries; whether there may be more."""
    over = (Job.finished_at < before, Job.callback_due_at.is_(None))
    ids = list(await session.scalars(select(Job.id).where(*over).order_by(Job.finished_at).limit(most)))
    if ids:
        # Asked once more: what somebody has put on its way again meanwhile stays.
        gone = delete(Job).where(Job.id.in_(ids), *over)
        await session.execute(gone.execution_options(synchronize_session=False))
    return len(ids) == most


async def _mine(unit: Unit, id: str, attempt: int) -> JobEntry | None:
    """The entry, unless the attempt is over or in other hands."""
    found = await unit.known(JobEntry, id, lock=True)
    return found if found and found.taken == attempt and found.status is EntryStatus.PENDING else None


def _count(unit: Unit, job: Job, done: bool) -> None:
    if job.count(done, unit.now):
        unit.record(EventType.JOB_FINISHED, job, job.facts())
        if job.callback_due_at:
            unit.stir()

"""Work that is asked for at once and done piece by piece: batches and imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.errors import Code, Problem
from domain.receivers import Reach


class JobKind(StrEnum):
    """What a job does."""

    DOCUMENT_BATCH = "DOCUMENT_BATCH"
    FEEDBACK_BATCH = "FEEDBACK_BATCH"
    IMPORT = "IMPORT"


class JobStatus(StrEnum):
    """Where a job stands; it has failed when nothing of it could be done."""

    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class EntryStatus(StrEnum):
    """Where one entry of a job stands."""

    PENDING = "PENDING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """What batches may be in this installation: the most entries of each kind, and where their results may be sent."""

    documents: int = 100
    feedback: int = 500
    reach: Reach = field(default_factory=Reach)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of telling a client: the status of its answer, or why there was none or it counts as refused.

    `final`: there is no further attempt. `pause_seconds` is what the client asked for.
    """

    status: int | None
    failure: str | None = None
    final: bool = False
    pause_seconds: float = 0


class Job(Owned, Entity):
    """A batch or an import of one client. `scopes` and `grant_id` are those of the credential that asked for it.

    `callback_due_at` is when its client has to be told next that it is over; None before that, and when nothing is
    left to tell. `taken` counts how often telling was taken up, so that each attempt is known by a name of its own.
    An import is worked on by one process, which says again and again that it is there: `held_until` is when it is given
    up unless something is heard of it before.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_recent", "organization_id", "created_at", "id"),
        Index("ix_job_finished", "finished_at"),
        Index(
            "ix_job_callback",
            "callback_due_at",
            sqlite_where=text("callback_due_at IS NOT NULL"),
            postgresql_where=text("callback_due_at IS NOT NULL"),
        ),
        Index(
            "ix_job_held",
            "held_until",
            sqlite_where=text("held_until IS NOT NULL"),
            postgresql_where=text("held_until IS NOT NULL"),
        ),
    )
    prefix, label = "batch", "Batch"

    kind: Mapped[JobKind]
    status: Mapped[JobStatus] = mapped_column(default=JobStatus.PROCESSING)
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id", ondelete="SET NULL"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    grant_id: Mapped[str | None]
    scopes: Mapped[list[str] | None]
    callback_url: Mapped[str | None]
    callback_due_at: Mapped[datetime | None]
    callback_attempts: Mapped[int] = mapped_column(default=0)
    callback_status: Mapped[int | None]
    callback_failure: Mapped[str | None]
    called_back_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def pending(self) -> int:
        """How many of its pieces are not over."""
        return self.total - self.done - self.failed

    def count(self, done: bool, at: datetime) -> bool:
        """Count a piece that is over; whether the whole is."""
        if done:
            self.done += 1
        else:
            self.failed += 1
        if self.pending > 0:
            return False
        self.finish(at)
        return True

    def finish(self, at: datetime) -> None:
        """Nothing is left to be done, but to tell who asked for it."""
        self.status = JobStatus.COMPLETED if self.done or not self.total else JobStatus.FAILED
        self.finished_at, self.held_until = at, None
        self.callback_due_at = at if self.callback_url else None

    def again(self, pieces: int) -> None:
        """Have pieces that failed done once more; who asked for it is told anew."""
        self.failed -= pieces
        self.status, self.finished_at = JobStatus.PROCESSING, None
        self.callback_due_at = self.callback_status = self.callback_failure = self.called_back_at = None
        self.callback_attempts = 0
        # Whoever tells of the former end at this moment has nothing to note any more.
        self.taken += 1

    def told(self, answered: Answered, at: datetime, schedule: Sequence[float], jitter: float) -> None:
        """Note an attempt at telling, and plan the next by the schedule, its pause lengthened by a fraction."""
        self.callback_attempts += 1
        self.callback_status, self.callback_failure = answered.status, answered.failure
        self.callback_due_at = None
        if answered.failure is None:
            self.called_back_at = at
        elif not answered.final and self.callback_attempts < len(schedule):
            pause = max(schedule[self.callback_attempts] * (1 + jitter), answered.pause_seconds)
            self.callback_due_at = at + timedelta(seconds=pause)

    def facts(self) -> dict[str, Any]:
        """What events tell of it."""
        counts = {"total": self.total, "done": self.done, "failed": self.failed}
        return {"id": self.id, "kind": self.kind, "status": self.status, **counts}


class JobEntry(Owned, Entity):
    """One piece of a job. `request` is what was asked for, `subject_id` what was made of it; of one that failed, or
    has to wait, `code`, `field` and `problem` say why.

    `due_at` is when it has to be worked on next, None when it is over; `taken` counts how often it was taken up, `lost`
    how often since anybody noted what became of it: more than once only when processes end.
    """

    __tablename__ = "job_entry"
    __table_args__ = (
        Index("ix_job_entry_job", "job_id", "position", "id"),
        Index("ix_job_entry_recent", "organization_id", "created_at", "id"),
        Index(
            "ix_job_entry_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        # They are taken up by turns of organizations, in the order of this index.
        Index(
            "ix_job_entry_turn",
            "organization_id",
            "due_at",
            "created_at",
            "position",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )
    prefix, label = "entry", "Entry"

    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    position: Mapped[int]
    request: Mapped[dict[str, Any]]
    status: Mapped[EntryStatus] = mapped_column(default=EntryStatus.PENDING)
    subject_id: Mapped[str | None]
    code: Mapped[Code | None]
    field: Mapped[str | None]
    problem: Mapped[str | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    lost: Mapped[int] = mapped_column(default=0)

    def made(self, subject_id: str) -> None:
        """Note what was made of it."""
        self.attempts += 1
        self.lost = 0
        self.status, self.subject_id, self.due_at = EntryStatus.DONE, subject_id, None
        self.code = self.field = self.problem = None

    def stopped(self, problem: Problem, at: datetime, schedule: Sequence[float], final: bool) -> bool:
        """Note why it could not be done, and plan the next attempt by the schedule; False when this was the last."""
        self.attempts += 1
        self.lost = 0
        self.code, self.field, self.problem = problem.code, problem.field, problem.message
        if final or self.attempts >= len(schedule):
            self.status, self.due_at = EntryStatus.FAILED, None
            return False
        self.due_at = at + timedelta(seconds=schedule[self.attempts])
        return True

"""Work that is asked for at once and done piece by piece: batches and imports."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


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


class Job(Owned, Entity):
    """A batch or an import of one client.

    `callback_due_at` is when its client has to be told next that it is over; None before that, and when nothing is
    left to tell. `taken` counts how often telling was taken up, so that each attempt is known by a name of its own.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_recent", "organization_id", "created_at", "id"),
        Index(
            "ix_job_callback",
            "callback_due_at",
            sqlite_where=text("callback_due_at IS NOT NULL"),
            postgresql_where=text("callback_due_at IS NOT NULL"),
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
    callback_url: Mapped[str | None]
    callback_due_at: Mapped[datetime | None]
    callback_attempts: Mapped[int] = mapped_column(default=0)
    callback_status: Mapped[int | None]
    callback_failure: Mapped[str | None]
    called_back_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class JobEntry(Owned, Entity):
    """One piece of a job. `request` is what was asked for, `subject_id` what was made of it.

    `due_at` is when it has to be worked on next, None when it is over; `taken` counts how often it was taken up.
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
    )
    prefix, label = "entry", "Entry"

    job_id: Mapped[str] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"))
    position: Mapped[int]
    request: Mapped[dict[str, Any]]
    status: Mapped[EntryStatus] = mapped_column(default=EntryStatus.PENDING)
    subject_id: Mapped[str | None]
    field: Mapped[str | None]
    problem: Mapped[str | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)

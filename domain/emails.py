"""E-mail to leads, and when a message is due."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class EmailStatus(StrEnum):
    """Where a message stands: waiting for its time, handed over, or given up."""

    SCHEDULED = "SCHEDULED"
    SENT = "SENT"
    FAILED = "FAILED"


class Email(Owned, Entity):
    """A message to a lead. `due_at` is when it has to be sent next; None when nothing is left to do."""

    __tablename__ = "email"
    __table_args__ = (
        Index("ix_email_lead", "lead_id", "created_at", "id"),
        Index(
            "ix_email_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )
    prefix, label = "email", "Email"

    lead_id: Mapped[str] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    status: Mapped[EmailStatus]
    to: Mapped[list[str]]
    subject: Mapped[str]
    body: Mapped[str]
    template_id: Mapped[str | None] = mapped_column(ForeignKey("email_template.id", ondelete="SET NULL"))
    scheduled_for: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]

    def sent(self, at: datetime) -> None:
        """Note that the message was handed over."""
        self.status, self.sent_at, self.due_at, self.failure = EmailStatus.SENT, at, None, None

    def failed(self, reason: str, at: datetime, attempts: int, pause_seconds: float) -> bool:
        """Note a failed attempt and plan the next after a pause that doubles each time; False when it was the last."""
        self.attempts += 1
        self.failure = reason
        if self.attempts >= attempts:
            self.status, self.due_at = EmailStatus.FAILED, None
            return False
        self.due_at = at + timedelta(seconds=pause_seconds) * 2 ** (self.attempts - 1)
        return True

"""E-mail to leads, and when a message is due."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned

_BEGINS_AS_HTML = re.compile(
    r"\s*<(?:!doctype\s+html|(?:html|head|body|div|p|h[1-6]|table|ul|ol|blockquote|section|article|header|main|center|"
    r"span|font|a|b|i|u|strong|em|img|br|hr|style)(?:\s[^<>]*|\s*/)?)>",
    re.IGNORECASE,
)


def is_html(body: str) -> bool:
    """Whether a body is HTML: it begins, after white space, with a doctype or the start tag of an element of HTML."""
    return _BEGINS_AS_HTML.match(body) is not None


class EmailStatus(StrEnum):
    """Where a message stands: waiting for its time, handed over, or given up."""

    SCHEDULED = "SCHEDULED"
    SENT = "SENT"
    FAILED = "FAILED"


class Email(Owned, Entity):
    """A message to a lead. `html` says that the body is HTML already. `due_at` is when it has to be sent next; None
    when nothing is left to do.

    `taken` counts how often it was taken up for sending and put back, which makes each attempt known by a name of its
    own: only who took it up last may say what became of it.
    """

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
    html: Mapped[bool] = mapped_column(default=False)
    template_id: Mapped[str | None] = mapped_column(ForeignKey("email_template.id", ondelete="SET NULL"))
    scheduled_for: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
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
        self.taken += 1
        self.failure = reason
        if self.attempts >= attempts:
            self.status, self.due_at = EmailStatus.FAILED, None
            return False
        self.due_at = at + timedelta(seconds=pause_seconds) * 2 ** (self.attempts - 1)
        return True


class EmailClick(Owned, Entity):
    """A link of a message that its reader has followed; `created_at` is the first time, `digest` that of the URL."""

    __tablename__ = "email_click"
    __table_args__ = (Index("ux_email_click", "email_id", "digest", unique=True),)
    prefix, label = "click", "EmailClick"

    email_id: Mapped[str] = mapped_column(ForeignKey("email.id", ondelete="CASCADE"))
    url: Mapped[str]
    digest: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime]

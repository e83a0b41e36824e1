"""E-mail to leads, and when a message is due."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.values import iso

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
    """A message to a lead, or to a contact by a campaign. `html` says that the body is HTML already. `due_at` is when
    it has to be sent next; None when nothing is left to do.

    `taken` counts how often it was taken up for sending and put back, which makes each attempt known by a name of its
    own: only who took it up last may say what became of it.
    """

    __tablename__ = "email"
    __table_args__ = (
        Index("ix_email_lead", "lead_id", "created_at", "id"),
        # Most name nobody but a lead; as nothing in an index, they do not make databases take it for useless.
        Index(
            "ix_email_contact",
            "contact_id",
            "created_at",
            "id",
            sqlite_where=text("contact_id IS NOT NULL"),
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index("ix_email_campaign", "campaign_id", "created_at", "id"),
        # What became of messages of campaigns is counted from here, and from no body.
        Index(
            "ix_email_results",
            "organization_id",
            "campaign_id",
            "item_id",
            "variant",
            "status",
            "opened_at",
            "clicked_at",
            "replied_at",
            "bounced_at",
            "deleted_at",
            "attempts",
            sqlite_where=text("campaign_id IS NOT NULL"),
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
        # A planned piece reaches a person once, whoever sends it at the same moment.
        Index("ux_email_item", "item_id", "contact_id", unique=True),
        Index(
            "ix_email_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )
    prefix, label = "email", "Email"

    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("abm_campaign.id", ondelete="SET NULL"))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_content.id", ondelete="SET NULL"))
    variant: Mapped[str | None]
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
    clicked_at: Mapped[datetime | None]
    replied_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
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

    def facts(self) -> dict[str, Any]:
        """The message as events tell it."""
        return {
            "id": self.id,
            "status": self.status,
            "to": self.to,
            "subject": self.subject,
            "sentAt": iso(self.sent_at) if self.sent_at else None,
            "opened": self.opened_at is not None,
            "openedAt": iso(self.opened_at) if self.opened_at else None,
            "leadId": self.lead_id,
        }


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

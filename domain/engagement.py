"""What people do with what they were sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.channels import Channel
from domain.entity import Entity, Owned


class EngagementType(StrEnum):
    """What somebody did; the first three are the words of CopyCar's triggers (CC-38)."""

    EMAIL_OPEN = "EMAIL_OPEN"
    LINK_CLICK = "LINK_CLICK"
    RESPONSE_RECEIVED = "RESPONSE_RECEIVED"
    MEETING_SCHEDULED = "MEETING_SCHEDULED"
    MEETING_COMPLETED = "MEETING_COMPLETED"
    CONVERSION = "CONVERSION"
    BOUNCE = "BOUNCE"
    OTHER = "OTHER"


def _hour_of(context: Any) -> datetime:
    moment: datetime = context.get_current_parameters()["occurred_at"]
    return moment.replace(minute=0, second=0, microsecond=0)


_READER_KNOWN = text("ip_address IS NOT NULL OR user_agent IS NOT NULL")


class EngagementEvent(Owned, Entity):
    """One thing somebody did. `occurred_at` is when, `created_at` when it was noted.

    `source_key` tells it from every other of the organization, so that what is told twice is noted once. `counted`
    says that it was the first of its kind for its message, or for its person where there was none. The score is a
    fraction. `hour` is the hour of `occurred_at`, by which events are counted. `user_agent` and `ip_address` are kept
    for some days only.
    """

    __tablename__ = "engagement_event"
    __table_args__ = (
        Index("ux_engagement_source", "organization_id", "source_key", unique=True),
        Index("ix_engagement_recent", "organization_id", "occurred_at", "id"),
        Index("ix_engagement_campaign", "campaign_id", "occurred_at", "id"),
        Index("ix_engagement_account", "account_id", "occurred_at", "id"),
        Index("ix_engagement_contact", "contact_id", "occurred_at", "id"),
        Index("ix_engagement_email", "email_id"),
        # What insights and reports add up is read from these, in their order, and from no row.
        Index("ix_engagement_hours", "organization_id", "account_id", "hour", "score"),
        Index(
            "ix_engagement_pieces",
            "organization_id",
            "account_id",
            "counted",
            "item_id",
            "channel",
            "type",
            "occurred_at",
            "score",
        ),
        Index("ix_engagement_channel", "organization_id", "campaign_id", "channel"),
        # Of whom it is still known by what they read, until that is forgotten.
        Index("ix_engagement_reader", "occurred_at", sqlite_where=_READER_KNOWN, postgresql_where=_READER_KNOWN),
    )
    prefix, label = "eng", "Engagement"

    type: Mapped[EngagementType]
    channel: Mapped[Channel]
    occurred_at: Mapped[datetime]
    hour: Mapped[datetime] = mapped_column(default=_hour_of)
    score: Mapped[float]
    counted: Mapped[bool]
    source_key: Mapped[str]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("abm_campaign.id", ondelete="SET NULL"))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_content.id", ondelete="SET NULL"))
    email_id: Mapped[str | None] = mapped_column(ForeignKey("email.id", ondelete="SET NULL"))
    variant: Mapped[str | None]
    url: Mapped[str | None]
    user_agent: Mapped[str | None]
    ip_address: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    country: Mapped[str | None]
    note: Mapped[str | None]

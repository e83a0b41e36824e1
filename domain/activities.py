"""The timeline of a lead."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class ActivityType(StrEnum):
    """What happened on a lead."""

    LEAD_CREATED = "LEAD_CREATED"
    STATUS_CHANGED = "STATUS_CHANGED"
    NOTE_ADDED = "NOTE_ADDED"
    TASK_CREATED = "TASK_CREATED"
    TASK_COMPLETED = "TASK_COMPLETED"
    EMAIL_SENT = "EMAIL_SENT"
    EMAIL_OPENED = "EMAIL_OPENED"
    CALL_MADE = "CALL_MADE"
    MEETING_SCHEDULED = "MEETING_SCHEDULED"
    QUOTE_GENERATED = "QUOTE_GENERATED"
    WON = "WON"
    LOST = "LOST"


RECORDABLE = frozenset({ActivityType.CALL_MADE, ActivityType.MEETING_SCHEDULED, ActivityType.QUOTE_GENERATED})
"""Activities that have no other source than somebody saying so."""


class Activity(Owned, Entity):
    """One entry of a lead's timeline."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_lead", "lead_id", "created_at", "id"),
        Index("ix_activity_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "act", "Activity"

    lead_id: Mapped[str] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    type: Mapped[ActivityType]
    description: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column("metadata")
    audience: Mapped[str | None]
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]

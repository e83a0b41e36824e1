"""The event log: one ordered sequence per organization, without gaps, in the order of commits."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity
from domain.events import EventType

_OF_FEEDBACK = text("type = 'FEEDBACK_ANALYZED'")
_OF_ENGAGEMENT = text("type = 'ENGAGEMENT_DETECTED'")


class Event(Entity):
    """One line of the log. The sequence number is the cursor (decision 0003)."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_lead", "organization_id", "lead_id", "sequence"),
        # Whose words are taken out of the log again.
        Index("ix_event_feedback", "subject_id", sqlite_where=_OF_FEEDBACK, postgresql_where=_OF_FEEDBACK),
        # Whose readers are.
        Index("ix_event_engagement", "subject_id", sqlite_where=_OF_ENGAGEMENT, postgresql_where=_OF_ENGAGEMENT),
    )
    label = "Event"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    type: Mapped[EventType]
    occurred_at: Mapped[datetime]
    actor_id: Mapped[str | None]
    client_id: Mapped[str | None]
    lead_id: Mapped[str | None]
    subject_id: Mapped[str]
    audience: Mapped[str | None]
    data: Mapped[dict[str, Any]]

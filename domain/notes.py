"""Notes on leads."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.visibility import NoteVisibility


class Note(Owned, Entity):
    """What somebody wrote down about a lead."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_lead", "lead_id", "created_at", "id"),)
    prefix, label = "note", "Note"

    lead_id: Mapped[str] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    content: Mapped[str]
    visibility: Mapped[NoteVisibility]
    audience: Mapped[str | None]
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    deleted_at: Mapped[datetime | None]

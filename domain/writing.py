"""What a language model was used for, and what it cost."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class WriterOutcome(StrEnum):
    """What became of a request to a language model."""

    ANSWERED = "ANSWERED"
    UNUSABLE = "UNUSABLE"
    UNREACHABLE = "UNREACHABLE"
    REFUSED = "REFUSED"


class WriterUse(Owned, Entity):
    """One request to a language model; of the texts nothing is kept. Cost is in millionths of a US dollar."""

    __tablename__ = "writer_use"
    __table_args__ = (Index("ix_writer_use_recent", "organization_id", "created_at", "id"),)
    prefix, label = "wuse", "Use of the writer"

    purpose: Mapped[str]
    model: Mapped[str]
    outcome: Mapped[WriterOutcome]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    milliseconds: Mapped[int]


class WriterMonth(Entity):
    """What an organization has spent on language models in a month, what is under way included."""

    __tablename__ = "writer_month"
    label = "Month of the writer"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    spent_micros: Mapped[int] = mapped_column(BigInteger, default=0)

"""What a language model was used for, what it cost, and what it may cost. Money is millionths of a US dollar."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned

MICROS = 1_000_000
"""Of one US dollar."""
COUNTED = 2**31 - 1
"""Most tokens that are noted of one use, whatever a server says."""


class WriterOutcome(StrEnum):
    """What became of a task for a language model.

    ANSWERED: the answer fits. UNUSABLE: what came does not, not even when corrected. REFUSED: the server does not take
    the request. UNREACHABLE: no answer in time. UNFINISHED: under way, or given up by who asked, or by a process that
    ended.
    """

    ANSWERED = "ANSWERED"
    UNUSABLE = "UNUSABLE"
    UNREACHABLE = "UNREACHABLE"
    REFUSED = "REFUSED"
    UNFINISHED = "UNFINISHED"


class WriterUse(Owned, Entity):
    """One task for a language model; of the texts nothing is kept.

    `estimated` says that the server did not tell what a part of it took, and the most it can have been was counted.
    """

    __tablename__ = "writer_use"
    __table_args__ = (
        Index("ix_writer_use_recent", "organization_id", "created_at", "id"),
        Index("ix_writer_use_age", "created_at"),
    )
    prefix, label = "wuse", "Use of the writer"

    purpose: Mapped[str]
    model: Mapped[str]
    outcome: Mapped[WriterOutcome]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    estimated: Mapped[bool] = mapped_column(default=False)
    milliseconds: Mapped[int]


class WriterMonth(Entity):
    """What an organization has spent on language models in a month, what is under way included."""

    __tablename__ = "writer_month"
    label = "Month of the writer"

    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[str] = mapped_column(primary_key=True)
    spent_micros: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens, read and written: the same number is millionths of a dollar for one."""

    prompt: Decimal
    completion: Decimal

    def cost(self, prompt_tokens: int, completion_tokens: int) -> int:
        """What tokens cost, rounded up."""
        return math.ceil(self.prompt * prompt_tokens + self.completion * completion_tokens)


@dataclass(frozen=True, slots=True)
class WriterTerms:
    """What language models may cost in this installation; `assumed` says that nobody has set their prices."""

    model: str
    prices: Prices
    assumed: bool
    budget_micros: int
    largest_micros: int

    def limit(self, own: int | None) -> int:
        """What an organization may spend a month, by its own budget or the installation's."""
        return min(self.budget_micros if own is None else own, self.largest_micros)


def micros(amount: Decimal | float) -> int:
    """US dollars in millionths, rounded down."""
    return int(Decimal(str(amount)) * MICROS)


def dollars(amount: int) -> float:
    """Millionths in US dollars."""
    return amount / MICROS


def most_tokens(*texts: str, messages: int = 1) -> int:
    """The most tokens that texts can be: tokenizers that know every text make at most one of each byte of UTF-8.

    What a chat's form adds to each message is less than 32 everywhere.
    """
    return sum(len(text.encode("utf-8", "replace")) for text in texts) + 32 * (messages + 1)

"""Tenants and the teams inside them."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned

DEFAULT_SOURCES = ("facebook_ads", "website")
"""The two lead sources the CRM-Ultra documentation prints (CU-19)."""


class Organization(Entity):
    """A tenant: everything else belongs to exactly one. `sandbox_of_id` marks the test data of another one (CB-45).

    `event_sequence` is the number of its newest event, `forgotten_sequence` that of the newest the log keeps no longer.
    Of language models, `writer_enabled` says whether they may be used, `writer_budget_micros` what they may cost a
    month in millionths of a US dollar; null is what the installation allows.
    """

    __tablename__ = "organization"
    __table_args__ = (Index("ux_organization_sandbox", "sandbox_of_id", unique=True),)
    prefix, label = "org", "Organization"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    approved_lead_sources: Mapped[list[str]]
    event_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    forgotten_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    sandbox_of_id: Mapped[str | None]
    writer_enabled: Mapped[bool] = mapped_column(default=True)
    writer_budget_micros: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]

    def approves(self, source: str) -> bool:
        """Whether leads may come from this source; an empty list approves every source (CU-19)."""
        return not self.approved_lead_sources or source in self.approved_lead_sources


class Team(Owned, Entity):
    """Staff who share their team notes."""

    __tablename__ = "team"
    prefix, label = "team", "Team"

    name: Mapped[str]

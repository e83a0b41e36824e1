"""Companies."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.entity import Entity, Owned


class Account(Owned, Entity):
    """A company, found again by its domain. Numbers are text, as they are known: "$25M", "350 employees" (CC-30)."""

    __tablename__ = "account"
    __table_args__ = (
        Index("ux_account_domain", "organization_id", "domain", unique=True),
        Index("ix_account_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "acc", "Account"

    name: Mapped[str]
    domain: Mapped[str | None]
    industry: Mapped[str | None]
    size: Mapped[str | None]
    revenue: Mapped[str | None]
    location: Mapped[str | None]
    founded: Mapped[str | None]
    website: Mapped[str | None]

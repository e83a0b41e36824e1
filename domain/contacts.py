"""People reachable by e-mail: the joint between accounts and leads."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class Contact(Owned, Entity):
    """A person; one per organization and lower-cased e-mail address, whose host part is `host`.

    Who unsubscribed is sent no campaign's mail.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ux_contact_email", "organization_id", "email", unique=True),
        Index("ix_contact_account", "account_id", "created_at", "id"),
        Index("ix_contact_recent", "organization_id", "created_at", "id"),
        Index("ix_contact_host", "organization_id", "host"),
    )
    prefix, label = "ctc", "Contact"

    email: Mapped[str]
    host: Mapped[str]
    name: Mapped[str | None]
    linkedin: Mapped[str | None]
    title: Mapped[str | None]
    unsubscribed_at: Mapped[datetime | None]
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    def facts(self) -> dict[str, Any]:
        """The person as events tell it."""
        return {"id": self.id, "email": self.email, "name": self.name, "accountId": self.account_id}


def key_of(email: str) -> str:
    """How an address is compared: in lower case."""
    return email.strip().lower()


def domain_of(email: str) -> str:
    """The host part of an address, which is how a contact finds its account."""
    return key_of(email).rpartition("@")[2]

"""The people of a company that a campaign is for."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class Persona(Owned, Entity):
    """Somebody who decides or influences in a company; one per company and name (CC-25).

    `influence` is a fraction, None while nobody has said it. Channels are values of `Channel`. The contact is the same
    person's, once an e-mail address is known.
    """

    __tablename__ = "persona"
    __table_args__ = (
        Index("ux_persona_name", "account_id", "name_key", unique=True),
        Index("ix_persona_account", "account_id", "created_at", "id"),
        Index("ix_persona_contact", "contact_id", "created_at", "id"),
        Index("ix_persona_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "persona", "Persona"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    name: Mapped[str]
    name_key: Mapped[str]
    title: Mapped[str | None]
    role: Mapped[str | None]
    influence: Mapped[float | None]
    pain_points: Mapped[list[str]]
    preferred_channels: Mapped[list[str]]
    preferred_timing: Mapped[str | None]
    preferred_tone: Mapped[str | None]
    updated_at: Mapped[datetime]

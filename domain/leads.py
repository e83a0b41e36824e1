"""Leads: the entity, its words, and the rules about changing one."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned


class LeadStatus(StrEnum):
    """Where a lead stands; OTHER keeps an organization's own word in the status text (CU-13)."""

    NEW = "NEW"
    QUALIFIED = "QUALIFIED"
    WON = "WON"
    LOST = "LOST"
    OTHER = "OTHER"


class InsuranceType(StrEnum):
    """What kind of insurance a lead asks for."""

    AUTO = "AUTO"
    HOME = "HOME"
    LIFE = "LIFE"
    HEALTH = "HEALTH"
    COMMERCIAL = "COMMERCIAL"
    BUNDLE = "BUNDLE"


STATUS_WORDS = {
    LeadStatus.NEW: "new",
    LeadStatus.QUALIFIED: "qualified",
    LeadStatus.WON: "WON",
    LeadStatus.LOST: "LOST",
}
"""How the known statuses are written (CU-13: as printed, which mixes cases)."""

_STATUS_OF_WORD = {word.lower(): status for status, word in STATUS_WORDS.items()}

_STATES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH "
    "OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC"
)
US_STATES = frozenset(_STATES.split())
"""The 50 states and the District of Columbia (CU-20)."""

_LIVE = text("deleted_at IS NULL")


def _live(name: str, *columns: str) -> Index:
    """An index over leads that are not deleted."""
    return Index(name, *columns, sqlite_where=_LIVE, postgresql_where=_LIVE)


class Lead(Owned, Entity):
    """Somebody who may buy."""

    __tablename__ = "lead"
    __table_args__ = (
        _live("ix_lead_recent", "organization_id", "created_at", "id"),
        _live("ix_lead_changed", "organization_id", "updated_at", "id"),
        _live("ix_lead_score", "organization_id", "score", "id"),
        _live("ix_lead_status", "organization_id", "status_key", "created_at", "id"),
        _live("ix_lead_status_score", "organization_id", "status_key", "score", "id"),
        _live("ix_lead_source", "organization_id", "source", "created_at", "id"),
        _live("ix_lead_assignee", "organization_id", "assigned_to_id", "created_at", "id"),
        _live("ix_lead_insurance", "organization_id", "insurance_type", "created_at", "id"),
        _live("ix_lead_campaign", "organization_id", "campaign_id", "created_at", "id"),
        _live("ix_lead_contact", "contact_id", "created_at", "id"),
    )
    prefix, label = "lead", "Lead"

    status: Mapped[LeadStatus]
    status_text: Mapped[str]
    status_key: Mapped[str]
    score: Mapped[int]
    score_reasons: Mapped[list[dict[str, Any]]]
    score_given: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[str | None]
    source: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    phone_digits: Mapped[str | None]
    search_text: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    insurance_type: Mapped[InsuranceType | None]
    tags: Mapped[list[str]]
    custom_fields: Mapped[dict[str, Any]]
    campaign_id: Mapped[str | None]
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    assigned_to_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime]
    converted_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    def take_status(self, status: LeadStatus, word: str, at: datetime) -> bool:
        """Change the status and what follows from it; False when it stays what it was.

        A lead is converted while its status is WON: entering sets `converted_at`, leaving clears it (CU-14, CU-34).
        """
        if self.status_text == word:
            return False
        was = self.status
        self.status, self.status_text, self.status_key = status, word, word.lower()
        if status is LeadStatus.WON:
            self.converted_at = at
        elif was is LeadStatus.WON:
            self.converted_at = None
        return True

    def index_words(self) -> None:
        """Refresh what free-text search looks at: lower-cased names and e-mail, the telephone as text and digits."""
        words = (self.full_name, self.email, self.phone)
        self.search_text = "\n".join(searchable(word) for word in words if word)
        self.phone_digits = digits_of(self.phone)

    def facts(self) -> dict[str, Any]:
        """The lead as events tell it."""
        return {
            "id": self.id,
            "status": self.status_text,
            "score": self.score,
            "source": self.source,
            "email": self.email,
            "phone": self.phone,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "insuranceType": self.insurance_type,
            "assignedTo": self.assigned_to_id,
            "campaignId": self.campaign_id,
        }

    @property
    def full_name(self) -> str | None:
        """First and last name, as far as they are known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


def status_of(word: str) -> tuple[LeadStatus, str]:
    """A status and how it is written, from any spelling: known words in any case, others kept as given."""
    known = _STATUS_OF_WORD.get(word.strip().lower())
    return (known, STATUS_WORDS[known]) if known else (LeadStatus.OTHER, word.strip())


def searchable(text: str) -> str:
    """A text as free-text search compares it: without case, and composed, so that every spelling of ü is the same."""
    return normalize("NFC", text).lower()


def digits_of(phone: str | None) -> str | None:
    """Only the digits of a telephone number, which is how numbers are compared (CU-44)."""
    return "".join(c for c in phone if c.isdigit()) if phone else None

"""Compliance: legal documents, what was found in them, what has to be done by when, and what is told of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.intelligence.law_findings import FindingKind, TimeUnit
from domain.levels import Level, RiskLevel


class DocumentType(StrEnum):
    """What kind of text a document is."""

    REGULATION = "REGULATION"
    POLICY = "POLICY"
    GUIDELINE = "GUIDELINE"


class ProcessingStatus(StrEnum):
    """Whether what was sent has been worked on."""

    PROCESSED = "PROCESSED"


class ComplianceStatus(StrEnum):
    """Where something to be done stands; it is overdue by the calendar, never by a write."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    OVERDUE = "OVERDUE"


class AlertType(StrEnum):
    """Why an alert was raised: a deadline comes near, or has passed (CB-54)."""

    DEADLINE_APPROACHING = "DEADLINE_APPROACHING"
    OVERDUE = "OVERDUE"


NEVER = date.max
"""What is due on no day is due on this one: after everything else."""

_COUNTED = ("risk_level", "status", "deleted_at")
_LIVE = text("deleted_at IS NULL")
_OPEN = text("deleted_at IS NULL AND status <> 'COMPLETED'")


def _live(name: str, *columns: str) -> Index:
    """An index over items that are not deleted."""
    return Index(name, *columns, sqlite_where=_LIVE, postgresql_where=_LIVE)


class ComplianceDocument(Owned, Entity):
    """A legal text and what was read from it.

    `content` is the text taken from the file, `digest` that of the file. Deadlines are dates in ISO form; findings with
    their quotes are rows of their own. `reasons` say why score and risk are what they are.
    """

    __tablename__ = "compliance_document"
    __table_args__ = (
        Index("ix_compliance_document_recent", "organization_id", "created_at", "id"),
        Index("ix_compliance_document_jurisdiction", "organization_id", "jurisdiction", "created_at", "id"),
    )
    prefix, label = "doc", "Document"

    title: Mapped[str | None]
    content: Mapped[str]
    file_name: Mapped[str | None]
    file_url: Mapped[str | None]
    media_type: Mapped[str | None]
    size: Mapped[int]
    pages: Mapped[int | None]
    digest: Mapped[str]
    language: Mapped[str | None]
    jurisdiction: Mapped[str]
    document_type: Mapped[DocumentType]
    source: Mapped[str | None]
    published_on: Mapped[date | None]
    category: Mapped[str | None]
    version: Mapped[str | None]
    status: Mapped[ProcessingStatus] = mapped_column(default=ProcessingStatus.PROCESSED)
    deadlines: Mapped[list[str]]
    requirements: Mapped[list[str]]
    penalties: Mapped[list[str]]
    entities: Mapped[list[str]]
    compliance_score: Mapped[float]
    risk_level: Mapped[RiskLevel]
    reasons: Mapped[list[str]]
    notes: Mapped[list[str]]
    updated_at: Mapped[datetime]

    def facts(self) -> dict[str, Any]:
        """The document as events tell it."""
        return {
            "id": self.id,
            "title": self.title,
            "jurisdiction": self.jurisdiction,
            "documentType": self.document_type,
            "riskLevel": self.risk_level,
            "complianceScore": self.compliance_score,
        }


class ComplianceFinding(Owned, Entity):
    """One thing a document says, with its quote and where that stands (see `domain.intelligence.law_findings`)."""

    __tablename__ = "compliance_finding"
    __table_args__ = (
        Index("ix_compliance_finding_document", "document_id", "start", "id"),
        Index("ix_compliance_finding_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "fnd", "Finding"

    document_id: Mapped[str] = mapped_column(ForeignKey("compliance_document.id", ondelete="CASCADE"))
    kind: Mapped[FindingKind]
    text: Mapped[str]
    quote: Mapped[str]
    start: Mapped[int]
    end: Mapped[int]
    key: Mapped[str]
    place: Mapped[str | None]
    on: Mapped[date | None]
    count: Mapped[int | None]
    unit: Mapped[TimeUnit | None]
    trigger: Mapped[str | None]
    amount: Mapped[float | None]
    currency: Mapped[str | None]
    fraction: Mapped[float | None]
    base: Mapped[str | None]
    per: Mapped[str | None]
    bound: Mapped[str | None]


class ComplianceItem(Owned, Entity):
    """Something to be done, as a document demands it or somebody has entered it.

    Of a document's item, `key` is what finds it again when the document is processed again; `written` names the fields
    people have written, which stay as they are then. Without a `deadline`, `count`, `unit` and `trigger` say what it
    runs from, if that is known; `triggered_on` is when that happened. `due` is the deadline, or the calendar's last day
    where there is none: lists are sorted by it. `status` is never OVERDUE here: that is told from the deadline when it
    is read. `dropped_at` says since when its document demands it no longer.
    """

    __tablename__ = "compliance_item"
    __table_args__ = (
        Index("ux_compliance_item_key", "document_id", "key", unique=True),
        _live("ix_compliance_item_recent", "organization_id", "created_at", "id"),
        # What is counted by the day or the jurisdiction is in these indexes, and counted from them alone.
        _live("ix_compliance_item_due", "organization_id", "due", "id", *_COUNTED),
        _live("ix_compliance_item_assignee", "organization_id", "assigned_to_id", "due", "id"),
        _live("ix_compliance_item_place", "organization_id", "jurisdiction", "due", "id", *_COUNTED),
        Index("ix_compliance_item_open", "organization_id", "due", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )
    prefix, label = "comp", "Compliance item"

    document_id: Mapped[str | None] = mapped_column(ForeignKey("compliance_document.id", ondelete="SET NULL"))
    key: Mapped[str | None]
    title: Mapped[str]
    description: Mapped[str | None]
    place: Mapped[str | None]
    jurisdiction: Mapped[str]
    deadline: Mapped[date | None]
    due: Mapped[date]
    count: Mapped[int | None]
    unit: Mapped[TimeUnit | None]
    trigger: Mapped[str | None]
    triggered_on: Mapped[date | None]
    status: Mapped[ComplianceStatus] = mapped_column(default=ComplianceStatus.PENDING)
    risk_level: Mapped[RiskLevel]
    requirements: Mapped[list[str]]
    penalties: Mapped[list[str]]
    written: Mapped[list[str]]
    assigned_to_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    completed_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    def take_deadline(self, day: date | None) -> None:
        """Have it due on a day, or on none."""
        self.deadline, self.due = day, day or NEVER

    def take_status(self, status: ComplianceStatus, at: datetime) -> bool:
        """Move to another status; False when it stands there already. It is completed while it is COMPLETED."""
        if self.status is status:
            return False
        self.status = status
        self.completed_at = at if status is ComplianceStatus.COMPLETED else None
        return True

    def facts(self) -> dict[str, Any]:
        """The item as events tell it."""
        return {
            "id": self.id,
            "title": self.title,
            "status": self.status,
            "riskLevel": self.risk_level,
            "jurisdiction": self.jurisdiction,
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "assignedTo": self.assigned_to_id,
            "documentId": self.document_id,
        }


class ComplianceAlert(Owned, Entity):
    """What was told of an item: its deadline is `days` away, or has passed. Each is told once for a deadline."""

    __tablename__ = "compliance_alert"
    __table_args__ = (
        Index("ux_compliance_alert", "item_id", "deadline", "type", "days", unique=True),
        Index("ix_compliance_alert_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "alert", "Alert"

    item_id: Mapped[str] = mapped_column(ForeignKey("compliance_item.id", ondelete="CASCADE"))
    type: Mapped[AlertType]
    severity: Mapped[RiskLevel]
    deadline: Mapped[date]
    days: Mapped[int]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))


class RegulatoryUpdate(Owned, Entity):
    """News about a rule. `update_type` is an open word, `external_id` what finds it again in a feed."""

    __tablename__ = "regulatory_update"
    __table_args__ = (
        Index("ux_regulatory_update_external", "organization_id", "source", "external_id", unique=True),
        Index("ix_regulatory_update_recent", "organization_id", "published_on", "id"),
        Index("ix_regulatory_update_entered", "organization_id", "created_at", "id"),
    )
    prefix, label = "update", "Regulatory update"

    title: Mapped[str]
    published_on: Mapped[date]
    jurisdiction: Mapped[str]
    update_type: Mapped[str]
    impact_level: Mapped[Level]
    summary: Mapped[str]
    affected_industries: Mapped[list[str]]
    deadline: Mapped[date | None]
    source: Mapped[str]
    external_id: Mapped[str | None]
    updated_at: Mapped[datetime]

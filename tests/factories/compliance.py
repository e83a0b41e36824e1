"""Documents, items, alerts and regulatory updates for tests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from domain.compliance import (
    AlertType,
    ComplianceAlert,
    ComplianceDocument,
    ComplianceFinding,
    ComplianceItem,
    ComplianceStatus,
    DocumentType,
    RegulatoryUpdate,
)
from domain.intelligence.law_findings import FindingKind
from domain.levels import Level, RiskLevel


def document_row(organization: str, at: datetime, **values: Any) -> ComplianceDocument:
    """A document that was read."""
    known: dict[str, Any] = {
        "title": "An Act",
        "content": "Companies must report by 30 June 2024.",
        "size": 38,
        "digest": "0" * 64,
        "jurisdiction": "EU",
        "document_type": DocumentType.REGULATION,
        "deadlines": ["2024-06-30"],
        "requirements": ["Companies must report"],
        "penalties": [],
        "entities": ["Company"],
        "compliance_score": 0.85,
        "risk_level": RiskLevel.MEDIUM,
        "reasons": ["1 requirement"],
        "notes": [],
        "updated_at": at,
    }
    return _owned(ComplianceDocument, organization, at, **known | values)  # type: ignore[no-any-return]


def item_row(
    organization: str, at: datetime, deadline: date | None = date(2024, 6, 30), **values: Any
) -> ComplianceItem:
    """Something to be done by a day."""
    known: dict[str, Any] = {
        "title": "Report",
        "jurisdiction": "EU",
        "status": ComplianceStatus.PENDING,
        "risk_level": RiskLevel.HIGH,
        "requirements": ["Companies must report"],
        "penalties": [],
        "written": [],
        "updated_at": at,
    }
    item: ComplianceItem = _owned(ComplianceItem, organization, at, **known | values)
    item.take_deadline(deadline)
    return item


def update_row(organization: str, at: datetime, day: date, **values: Any) -> RegulatoryUpdate:
    """News about a rule."""
    known: dict[str, Any] = {
        "title": "News",
        "published_on": day,
        "jurisdiction": "US",
        "update_type": "new_regulation",
        "impact_level": Level.HIGH,
        "summary": "New requirements for financial disclosures",
        "affected_industries": ["finance", "technology"],
        "deadline": date(2024, 7, 1),
        "source": "SEC.gov",
        "updated_at": at,
    }
    return _owned(RegulatoryUpdate, organization, at, **known | values)  # type: ignore[no-any-return]


def compliance_rows(organization: str, at: datetime, user: str) -> list[Any]:
    """One of everything, each about the other."""
    document = document_row(organization, at)
    item = item_row(organization, at, document_id=document.id, key="1", assigned_to_id=user, jurisdiction="US")
    found = _owned(
        ComplianceFinding,
        organization,
        at,
        document_id=document.id,
        kind=FindingKind.DEADLINE,
        text="By 30 June 2024",
        quote="by 30 June 2024",
        start=22,
        end=37,
        key="1",
        on=date(2024, 6, 30),
    )
    alert = _owned(
        ComplianceAlert,
        organization,
        at,
        item_id=item.id,
        type=AlertType.DEADLINE_APPROACHING,
        severity=RiskLevel.HIGH,
        deadline=date(2024, 6, 30),
        days=30,
        acknowledged_at=at,
        acknowledged_by_id=user,
    )
    update = update_row(organization, at, at.date(), affected_industries=["technology"])
    return [document, found, item, alert, update]


def _owned(entity: type[Any], organization: str, at: datetime, **values: Any) -> Any:
    return entity(id=entity.new_id(), organization_id=organization, created_at=at, **values)

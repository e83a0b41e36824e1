"""Compliance in the demo: ClickUp Brain's printed records under their printed ids (X-30), and some company for them.

The printed monitoring request finds what is printed: fifteen items of the EU in 2024, three of high risk and one
overdue, of which one is active and of high risk. It is printed as pending; by today's calendar it is overdue. The
printed alert tells of a deadline that is further away than any that is told of by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
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
from domain.entity import Entity
from domain.intelligence.law_findings import FindingKind, TimeUnit
from domain.levels import Level, RiskLevel
from gateway.seeds.printed import JANE, ORGANIZATION, SAM

_PRINTED = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
_BEFORE = datetime(2024, 1, 2, 9, tzinfo=UTC)
_TEXT = (
    "GDPR compliance and Data protection are required of every Company by 31 December 2024. Data of a Customer that is "
    "not protected costs $50,000, and $100,000 if it happens again."
)
_BREACHES = """Sample Regulation on Data Breaches

Article 3
The controller shall notify the supervisory authority not later than 72 hours after having become aware of a breach.

Article 4
The controller shall keep a register of all breaches.

Article 9
Infringements shall be subject to fines up to 10 000 000 EUR.
"""
_DONE = (
    # title, deadline, risk: of the EU in 2024, completed long ago
    ("Appoint a representative in the Union", date(2024, 2, 1), RiskLevel.MEDIUM),
    ("Review the consent forms", date(2024, 2, 15), RiskLevel.HIGH),
    ("Update the privacy notice", date(2024, 3, 1), RiskLevel.MEDIUM),
    ("Sign processing agreements", date(2024, 3, 15), RiskLevel.MEDIUM),
    ("Train the call centre", date(2024, 4, 2), RiskLevel.LOW),
    ("List all processors", date(2024, 4, 30), RiskLevel.LOW),
    ("Test the notification of breaches", date(2024, 5, 15), RiskLevel.HIGH),
    ("Delete old applications", date(2024, 6, 14), RiskLevel.MEDIUM),
    ("Answer the authority's questionnaire", date(2024, 7, 31), RiskLevel.MEDIUM),
    ("Renew the cookie banner", date(2024, 8, 30), RiskLevel.LOW),
    ("Assess the new scoring model", date(2024, 9, 30), RiskLevel.MEDIUM),
    ("Publish the transparency report", date(2024, 10, 31), RiskLevel.LOW),
    ("Review transfers to third countries", date(2024, 11, 29), RiskLevel.MEDIUM),
    ("Close the yearly audit", date(2024, 12, 20), RiskLevel.LOW),
)
_OPEN = (
    # title, jurisdiction, days from now, risk, status, assignee
    ("Report on automated decisions", "EU", -9, RiskLevel.CRITICAL, ComplianceStatus.IN_PROGRESS, JANE),
    ("Renew the licence", "US-CA", -2, RiskLevel.HIGH, ComplianceStatus.PENDING, SAM),
    ("Send the yearly privacy notices", "US", 1, RiskLevel.MEDIUM, ComplianceStatus.IN_PROGRESS, SAM),
    ("Answer requests for information", "DE", 5, RiskLevel.HIGH, ComplianceStatus.PENDING, JANE),
    ("Register with the data protection authority", "FR", 12, RiskLevel.MEDIUM, ComplianceStatus.PENDING, None),
    ("File the cybersecurity certificate", "US-NY", 24, RiskLevel.HIGH, ComplianceStatus.PENDING, JANE),
    ("Review risk models", "EU", 33, RiskLevel.MEDIUM, ComplianceStatus.PENDING, None),
    ("Update the record of processing", "EU", 48, RiskLevel.LOW, ComplianceStatus.IN_PROGRESS, SAM),
    ("Publish the complaints report", "UK", 75, RiskLevel.LOW, ComplianceStatus.PENDING, None),
    ("Prepare the solvency report", "EU", 120, RiskLevel.HIGH, ComplianceStatus.PENDING, JANE),
)
_NEWS = (
    # id, title, day, jurisdiction, type, impact, industries, deadline, source
    (
        "1",
        "Climate risks in annual reports",
        date(2024, 1, 9),
        "US",
        "new_regulation",
        Level.HIGH,
        "finance, energy",
        320,
        "SEC.gov",
    ),
    (
        "2",
        "Access to personal financial data",
        date(2024, 1, 11),
        "US",
        "new_regulation",
        Level.MEDIUM,
        "finance, technology",
        None,
        "CFPB",
    ),
    (
        "3",
        "Labels for connected devices",
        date(2024, 1, 18),
        "US",
        "new_regulation",
        Level.LOW,
        "technology, manufacturing",
        None,
        "FCC",
    ),
    (
        "4",
        "Reporting of ownership begins",
        date(2024, 1, 24),
        "US",
        "new_regulation",
        Level.MEDIUM,
        "finance, legal services",
        200,
        "FinCEN",
    ),
    (
        "5",
        "Guidance on call recordings",
        date(2024, 1, 22),
        "US",
        "guidance",
        Level.LOW,
        "insurance, retail",
        None,
        "FTC",
    ),
    (
        "6",
        "Operational resilience of financial companies",
        date(2024, 2, 6),
        "EU",
        "new_regulation",
        Level.CRITICAL,
        "finance, insurance",
        345,
        "EUR-Lex",
    ),
    (
        "7",
        "Rules for artificial intelligence",
        date(2024, 3, 13),
        "EU",
        "new_regulation",
        Level.HIGH,
        "technology, healthcare",
        700,
        "EUR-Lex",
    ),
    (
        "8",
        "Higher fees of the federal register",
        date(2024, 4, 3),
        "DE",
        "amendment",
        Level.LOW,
        "insurance",
        None,
        "BaFin",
    ),
)


def law(now: datetime) -> list[Entity]:
    """Documents, items, alerts and updates; what is open is due around the moment of seeding."""
    return [*_document(), *_breaches(), *_items(now), _alert(), *_updates()]


def _owned(entity: type[Any], id: str, at: datetime, **values: Any) -> Any:
    return entity(id=id, organization_id=ORGANIZATION, created_at=at, **values)


def _text(id: str, at: datetime, content: str, **values: Any) -> ComplianceDocument:
    document: ComplianceDocument = _owned(
        ComplianceDocument,
        id,
        at,
        content=content,
        media_type="text/plain",
        size=len(content.encode()),
        digest=sha256(content.encode()).hexdigest(),
        language="en",
        updated_at=at,
        **values,
    )
    return document


def _found(document: ComplianceDocument, number: int, kind: FindingKind, text: str, quote: str, **values: Any) -> Any:
    start = document.content.index(quote)
    return _owned(
        ComplianceFinding,
        f"fnd_demo_{document.id}_{number}",
        document.created_at,
        document_id=document.id,
        kind=kind,
        text=text,
        quote=quote,
        start=start,
        end=start + len(quote),
        key=f"demo_{number}",
        **values,
    )


def _document() -> Iterator[Entity]:
    """The printed document (Document Processing)."""
    document = _text(
        "doc_123456",
        _PRINTED,
        _TEXT,
        title="document.pdf",
        file_name="document.pdf",
        jurisdiction="US",
        document_type=DocumentType.REGULATION,
        source="SEC",
        published_on=date(2024, 1, 15),
        category="financial",
        deadlines=["2024-12-31"],
        requirements=["GDPR compliance", "Data protection"],
        penalties=["$50,000", "$100,000"],
        entities=["Company", "Customer", "Data"],
        compliance_score=0.85,
        risk_level=RiskLevel.MEDIUM,
        reasons=["Two requirements, one of which says until when; two penalties of moderate amounts"],
        notes=[],
    )
    yield document
    by_day = "by 31 December 2024"
    yield _found(document, 1, FindingKind.REQUIREMENT, "GDPR compliance", "GDPR compliance", bound="company")
    yield _found(document, 2, FindingKind.REQUIREMENT, "Data protection", "Data protection", bound="company")
    yield _found(document, 3, FindingKind.DEADLINE, "By 31 December 2024", by_day, on=date(2024, 12, 31))
    yield _found(document, 4, FindingKind.PENALTY, "$50,000", "$50,000", amount=50_000.0, currency="USD")
    yield _found(document, 5, FindingKind.PENALTY, "$100,000", "$100,000", amount=100_000.0, currency="USD")
    for number, entity in enumerate(document.entities, 6):
        yield _found(document, number, FindingKind.ENTITY, entity, entity)


def _breaches() -> Iterator[Entity]:
    """A document with a deadline that runs from something, and the items it demands."""
    notice = "not later than 72 hours after having become aware of a breach"
    notify = f"The controller shall notify the supervisory authority {notice}."
    register, fine = "The controller shall keep a register of all breaches.", "fines up to 10 000 000 EUR"
    document = _text(
        "doc_demo_breaches",
        _BEFORE,
        _BREACHES,
        title="Sample Regulation on Data Breaches",
        jurisdiction="EU",
        document_type=DocumentType.REGULATION,
        source="Demo",
        category="privacy",
        deadlines=[],
        requirements=[notify, register],
        penalties=["Up to 10 000 000 EUR"],
        entities=["Controller", "Supervisory authority"],
        compliance_score=0.75,
        risk_level=RiskLevel.CRITICAL,
        reasons=["1 severe penalty, 1 short deadline", "2 requirements: 2 say who is bound, 1 says until when"],
        notes=[],
    )
    yield document
    due: dict[str, Any] = {"count": 72, "unit": TimeUnit.HOUR, "trigger": "having become aware of a breach"}
    yield _found(document, 1, FindingKind.REQUIREMENT, notify, notify, place="Article 3", bound="controller")
    yield _found(document, 2, FindingKind.DEADLINE, notice.capitalize(), notice, place="Article 3", **due)
    yield _found(document, 3, FindingKind.REQUIREMENT, register, register, place="Article 4", bound="controller")
    amount: dict[str, Any] = {"amount": 10_000_000.0, "currency": "EUR"}
    yield _found(document, 4, FindingKind.PENALTY, fine.capitalize(), fine, place="Article 9", **amount)
    demanded: dict[str, Any] = {"document_id": document.id, "jurisdiction": "EU", "penalties": document.penalties}
    yield _item(
        "comp_demo_notify",
        _BEFORE,
        None,
        notify,
        RiskLevel.CRITICAL,
        key="demo_1",
        place="Article 3",
        **due,
        **demanded,
    )
    yield _item(
        "comp_demo_register", _BEFORE, None, register, RiskLevel.MEDIUM, key="demo_2", place="Article 4", **demanded
    )


def _item(id: str, at: datetime, deadline: date | None, title: str, risk: RiskLevel, **values: Any) -> ComplianceItem:
    known: dict[str, Any] = {"requirements": [title], "penalties": [], "written": [], "updated_at": at}
    item: ComplianceItem = _owned(ComplianceItem, id, at, title=title, risk_level=risk, **known | values)
    item.take_deadline(deadline)
    return item


def _items(now: datetime) -> Iterator[ComplianceItem]:
    yield _item(
        "comp_123",
        _PRINTED,
        date(2024, 6, 30),
        "GDPR Data Processing",
        RiskLevel.HIGH,
        jurisdiction="EU",
        status=ComplianceStatus.PENDING,
        requirements=["Data protection", "Consent management"],
        penalties=["€20M or 4% of revenue"],
        assigned_to_id=JANE,
    )
    for number, (title, deadline, risk) in enumerate(_DONE):
        done = datetime(deadline.year, deadline.month, deadline.day, 16, tzinfo=UTC) - timedelta(days=3 + number)
        item = _item(f"comp_demo_done_{number:02}", _BEFORE, deadline, title, risk, jurisdiction="EU", updated_at=done)
        item.status = ComplianceStatus.PENDING
        item.take_status(ComplianceStatus.COMPLETED, done)
        yield item
    for number, (title, jurisdiction, days, risk, status, assignee) in enumerate(_OPEN):
        at = (now - timedelta(days=60 + number)).replace(hour=9, minute=0, second=0)
        due = (now + timedelta(days=days)).date()
        own: dict[str, Any] = {"jurisdiction": jurisdiction, "status": status, "assigned_to_id": assignee}
        yield _item(f"comp_demo_open_{number:02}", at, due, title, risk, **own)


def _alert() -> ComplianceAlert:
    """The printed alert (Webhook Payload Example)."""
    alert: ComplianceAlert = _owned(
        ComplianceAlert,
        "alert_789",
        _PRINTED,
        item_id="comp_123",
        type=AlertType.DEADLINE_APPROACHING,
        severity=RiskLevel.HIGH,
        deadline=date(2024, 6, 30),
        days=180,
    )
    return alert


def _updates() -> Iterator[RegulatoryUpdate]:
    yield _owned(
        RegulatoryUpdate,
        "update_456",
        _PRINTED,
        title="New SEC Disclosure Requirements",
        published_on=date(2024, 1, 15),
        jurisdiction="US",
        update_type="new_regulation",
        impact_level=Level.HIGH,
        summary="New requirements for financial disclosures",
        affected_industries=["finance", "technology"],
        deadline=date(2024, 7, 1),
        source="SEC.gov",
        updated_at=_PRINTED,
    )
    for key, title, day, jurisdiction, kind, impact, industries, days, source in _NEWS:
        at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        yield _owned(
            RegulatoryUpdate,
            f"update_demo_{key}",
            at,
            title=title,
            published_on=day,
            jurisdiction=jurisdiction,
            update_type=kind,
            impact_level=impact,
            summary=f"{title}: an invented example of the demo.",
            affected_industries=industries.split(", "),
            deadline=day + timedelta(days=days) if days else None,
            source=source,
            updated_at=at,
        )

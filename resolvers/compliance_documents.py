"""Legal documents: reading them, and keeping what was read with the items it demands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, insert

from domain.compliance import (
    ComplianceDocument,
    ComplianceFinding,
    ComplianceItem,
    DocumentType,
    ProcessingStatus,
)
from domain.events import EventType
from domain.intelligence.law_findings import Finding, FindingKind, LawFindings
from domain.jurisdictions import canonical
from domain.levels import RiskLevel
from domain.outside import ReadDocument
from domain.permissions import Permission
from domain.texts import LINE
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import compliance_demands
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.sql import contains
from resolvers.unit import Keys, Unit, requires

LISTED = 500
"""Most requirements, penalties or entities that a document lists; every one of them is a finding of its own besides."""
FOUND = 5_000
"""Most findings that are kept of a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedDocument:
    """A document that was read and analysed, and what its sender said of it.

    Jurisdiction and metadata are taken as they are: whoever makes one has checked them (`compliance_uploads.checked`).
    With the id of a known document this is what it says now, and what is None of it stays.
    """

    read: ReadDocument
    jurisdiction: str
    document_type: DocumentType
    id: str | None = None
    title: str | None = None
    file_name: str | None = None
    file_url: str | None = None
    source: str | None = None
    published_on: date | None = None
    category: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprocessed:
    """A document that is known, what its text says when it is analysed again, and what else is said of it now."""

    id: str
    findings: LawFindings
    jurisdiction: str
    document_type: DocumentType
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are wanted; bounds are inclusive."""

    jurisdiction: str | None = None
    document_type: DocumentType | None = None
    risk_level: RiskLevel | None = None
    source: str | None = None
    category: str | None = None
    published_from: date | None = None
    published_to: date | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    search: str | None = None


@reads(ComplianceDocument, Permission.READ_COMPLIANCE)
def visible(viewer: Viewer) -> Statement:
    """Documents of the organization."""
    return visible_to(viewer, ComplianceDocument)


@reads(ComplianceDocument, Permission.READ_COMPLIANCE)
def search(viewer: Viewer, where: DocumentFilter | None = None) -> Listing:
    """Documents, newest first."""
    statement = visible_to(viewer, ComplianceDocument)
    if where:
        statement = statement.where(*_conditions(where))
    return Listing(statement, newest_first(ComplianceDocument))


@reads(ComplianceFinding, Permission.READ_COMPLIANCE)
def visible_findings(viewer: Viewer) -> Statement:
    """What was found in documents."""
    return visible_to(viewer, ComplianceFinding)


@reads(ComplianceFinding, Permission.READ_COMPLIANCE)
def search_findings(viewer: Viewer, kind: FindingKind | None = None, search: str | None = None) -> Listing:
    """What was found, in the order of the text."""
    statement = visible_to(viewer, ComplianceFinding)
    if kind:
        statement = statement.where(ComplianceFinding.kind == kind)
    if search and search.strip():
        statement = statement.where(contains(search, ComplianceFinding.text, ComplianceFinding.quote))
    return Listing(statement, Order(ComplianceFinding.start, descending=False))


findings_of = ToMany(search_findings, ComplianceFinding.document_id)
of_finding = ToOne(visible, ComplianceFinding.document_id)
of_item = ToOne(visible, ComplianceItem.document_id)


@requires(Permission.WRITE_COMPLIANCE)
async def store(unit: Unit, processed: ProcessedDocument) -> Keys:
    """Keep a document that was read, what was found in it, and the items it demands."""
    read = processed.read
    content = {
        "content": read.text,
        "media_type": read.media_type,
        "size": read.size,
        "pages": read.pages,
        "digest": read.digest,
        "jurisdiction": processed.jurisdiction,
        "document_type": processed.document_type,
        "notes": list(read.notes),
    }
    said = {name: value for name in _SAID if (value := getattr(processed, name)) is not None}
    if processed.id is not None:
        document = await _again(unit, processed.id, content | said)
    else:
        document = ComplianceDocument(
            id=ComplianceDocument.new_id(),
            organization_id=unit.viewer.organization_id,
            created_at=unit.now,
            status=ProcessingStatus.PROCESSED,
            **content | said,
        )
        unit.add(document)
    document.title = document.title or (read.findings.title or "")[:LINE] or processed.file_name
    await _take(unit, document, read.findings, again=processed.id is not None)
    return {"compliance_document": document.id}


@requires(Permission.WRITE_COMPLIANCE)
async def store_again(unit: Unit, processed: Reprocessed) -> Keys:
    """Analyse a document again, as law of a jurisdiction and of a kind; what people have written of its items stays."""
    law = {"jurisdiction": processed.jurisdiction, "document_type": processed.document_type}
    document = await _again(unit, processed.id, law | dict(processed.said))
    await _take(unit, document, processed.findings, again=True)
    return {"compliance_document": document.id}


async def _again(unit: Unit, id: str, values: Mapping[str, Any]) -> ComplianceDocument:
    """A known document with other values, and nothing found in it."""
    document = await unit.load(ComplianceDocument, id)
    for name, value in values.items():
        setattr(document, name, value)
    gone = delete(ComplianceFinding).where(ComplianceFinding.document_id == document.id)
    await unit.session.execute(gone.execution_options(synchronize_session=False))
    return document


async def _take(unit: Unit, document: ComplianceDocument, found: LawFindings, *, again: bool) -> None:
    """Have a document say what was found in it, and its items be what it demands."""
    assessment = found.assessment
    document.language = found.language
    document.deadlines = sorted({each.on.isoformat() for each in found.findings if each.on})
    document.requirements = _texts(found.findings, FindingKind.REQUIREMENT)
    document.penalties = _texts(found.findings, FindingKind.PENALTY)
    document.entities = _texts(found.findings, FindingKind.ENTITY)
    document.compliance_score, document.risk_level = assessment.score, assessment.risk_level
    document.reasons = list(assessment.reasons)
    document.notes = list(dict.fromkeys([*document.notes, *found.notes, *_left_out(found)]))
    document.updated_at = unit.now
    await unit.flush()
    rows = [_finding(document, each) for each in found.findings[:FOUND]]
    if rows:
        await unit.session.execute(insert(ComplianceFinding), rows)
    items = await compliance_demands.take(unit, document, found.obligations)
    facts = {"findings": len(rows), "items": items, "again": again}
    unit.record(EventType.DOCUMENT_PROCESSED, document, document.facts() | facts)


def _texts(findings: Iterable[Finding], kind: FindingKind) -> list[str]:
    """The findings of a kind in short, each once, in the order of the text."""
    return list(dict.fromkeys(each.text for each in findings if each.kind is kind))[:LISTED]


def _left_out(found: LawFindings) -> list[str]:
    """What is not kept of a text that says very much."""
    counted = (
        ("findings", len(found.findings), FOUND),
        ("demands", len(found.obligations), compliance_demands.DEMANDED),
    )
    return [f"Of {count} {what} the first {most} are kept." for what, count, most in counted if count > most]


def _finding(document: ComplianceDocument, found: Finding) -> dict[str, Any]:
    return {
        "id": ComplianceFinding.new_id(),
        "organization_id": document.organization_id,
        "document_id": document.id,
        "created_at": document.updated_at,
        **{name: getattr(found, name) for name in found.__slots__},
    }


def _conditions(where: DocumentFilter) -> list[ColumnElement[bool]]:
    document = ComplianceDocument
    pairs: list[tuple[Any, Any]] = [
        # Nothing but blanks asks for nothing, as in a form that was not filled in.
        (document.jurisdiction, canonical(where.jurisdiction or "") or None),
        (document.document_type, where.document_type),
        (document.risk_level, where.risk_level),
        (document.source, where.source),
        (document.category, where.category),
    ]
    conditions: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if where.published_from:
        conditions.append(document.published_on >= where.published_from)
    if where.published_to:
        conditions.append(document.published_on <= where.published_to)
    if where.created_from:
        conditions.append(document.created_at >= start_of(where.created_from))
    if where.created_to:
        conditions.append(document.created_at <= end_of(where.created_to))
    if where.search and where.search.strip():
        named = (document.title, document.file_name, document.source, document.category)
        conditions.append(contains(where.search, *named))
    return conditions


_SAID = ("title", "file_name", "file_url", "source", "published_on", "category", "version")

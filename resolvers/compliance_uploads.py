"""Legal documents that are sent: what is said of them is checked, and they are read, before anything is stored."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from typing import Any

from sqlalchemy import update

from domain.compliance import ComplianceDocument, ComplianceItem, DocumentType
from domain.errors import DomainError, Problem, invalid, not_found, required
from domain.events import EventType
from domain.intelligence.law_findings import Assessment, LawFindings
from domain.jurisdictions import canonical
from domain.levels import RiskLevel
from domain.outside import LawWanted, ReadDocument, SentFile
from domain.permissions import Permission
from domain.texts import LINE, line, needed, storable
from domain.values import ABSENT, Absent, iso, present
from resolvers import compliance_documents
from resolvers.compliance_documents import ProcessedDocument, Reprocessed
from resolvers.desk import Desk
from resolvers.drafts import Checks, taken
from resolvers.unit import Keys, Unit, requires

_WAYS = ("file", "base64", "text", "url")
_NOTHING_READ = "Only a name was sent: nothing was read."

Text = str | Absent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMetadata:
    """What is said of a document; its date is when it was published."""

    source: Text = ABSENT
    date: date | Absent | None = ABSENT
    category: Text = ABSENT
    version: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUpload:
    """A document to be read: a file, the same in base64, a text, or an address to fetch it from; or its title alone.

    With the id of a known document, that one is processed again: with what is sent, or as it is.
    """

    jurisdiction: str
    document_type: DocumentType
    document_id: Text = ABSENT
    title: Text = ABSENT
    file: Any = ABSENT
    base64: Text = ABSENT
    text: Text = ABSENT
    url: Text = ABSENT
    metadata: DocumentMetadata | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingWanted:
    """A known document to be analysed again; what is not said stays as it is."""

    id: str
    jurisdiction: Text = ABSENT
    document_type: DocumentType | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPatch:
    """Changes to what is said of a document; what is left out stays, null clears."""

    id: str
    title: Text = ABSENT
    metadata: DocumentMetadata | Absent | None = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRemoval:
    """A document to be deleted, with the items it demanded or without."""

    id: str
    with_items: bool = False


def checked(sent: DocumentUpload | DocumentPatch) -> dict[str, Any]:
    """What is said of a document, by the attributes it is kept in.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    known: dict[str, Any] = {}
    problems: list[Problem] = []
    for part, checks in ((sent, _OWN), (sent.metadata, _METADATA)):
        try:
            known |= taken(part, checks)
        except DomainError as error:
            problems.extend(error.problems)
    if problems:
        raise DomainError(problems)
    if "date" in known:
        known["published_on"] = known.pop("date")
    return known


async def read_upload(desk: Desk, upload: DocumentUpload) -> ProcessedDocument:
    """Read a document that was sent, by whichever way it came.

    Raises:
        DomainError: INVALID naming the field; NOT_FOUND for a document that is not known; UNAVAILABLE when too much is
            being read, or the address does not answer.
    """
    said, ways = checked(upload), _ways(upload)
    if len(ways) > 1:
        raise invalid(ways[1], f"{ways[1]} cannot be sent together with {ways[0]}: one of them is enough.")
    if not ways and not said.get("title"):
        raise required("file", "file, base64, text or url is required.")
    known = present(upload.document_id, None)
    if known is not None:
        await _known(desk, known, "documentId")
    wanted = LawWanted(said["jurisdiction"], upload.document_type.value, desk.now.date())
    read = {"read": _unread()} if not ways else await _read(desk, ways[0], getattr(upload, ways[0]), wanted)
    return ProcessedDocument(id=known, document_type=upload.document_type, **said | read)


async def read_sent(desk: Desk, upload: DocumentUpload) -> ProcessedDocument | Reprocessed:
    """The same; of a document that is known, and comes without content, the text that is kept.

    Raises:
        DomainError: as `read_upload`.
    """
    known = present(upload.document_id, None)
    if known is None or _ways(upload):
        return await read_upload(desk, upload)
    said = checked(upload)
    content, *_ = await _known(desk, known, "documentId")
    return await _analyzed_again(desk, known, content, said.pop("jurisdiction"), upload.document_type, said)


def _ways(upload: DocumentUpload) -> list[str]:
    """By which ways content was sent."""
    return [way for way in _WAYS if getattr(upload, way) not in (ABSENT, None)]


@requires(Permission.WRITE_COMPLIANCE)
async def keep(unit: Unit, processed: ProcessedDocument | Reprocessed) -> Keys:
    """Read a legal document, and have the items it demands."""
    if isinstance(processed, Reprocessed):
        return await compliance_documents.store_again(unit, processed)
    return await compliance_documents.store(unit, processed)


async def _read(desk: Desk, way: str, sent: Any, wanted: LawWanted) -> dict[str, Any]:
    """What was read, and how the file is called, by the attributes of `ProcessedDocument`."""
    reader = desk.outside.reader
    try:
        if way == "text":
            if not storable(sent):
                raise invalid("text", "text must not contain NUL characters or unpaired surrogates.")
            return {"read": await reader.analyze(sent, wanted)}
        if way == "file":
            file = SentFile(sent.file, sent.size or 0, sent.filename, sent.content_type)
        elif way == "base64":
            content = _decoded(sent)
            file = SentFile(BytesIO(content), len(content))
        else:
            desk.outside.fetcher.check("url", sent)
            file = await desk.outside.fetcher.fetch(sent)
        try:
            read = await reader.read(file, wanted)
        finally:
            if way == "url":
                file.content.close()
    except DomainError as error:
        raise error.renamed({"file": way, "file_url": way}) from None
    return {"read": read, "file_name": _name(file.name), "file_url": sent if way == "url" else None}


async def read_again(desk: Desk, wanted: ProcessingWanted) -> Reprocessed:
    """Analyse the text of a known document again.

    Raises:
        DomainError: NOT_FOUND, INVALID naming the field, UNAVAILABLE when too much is being read.
    """
    content, jurisdiction, document_type = await _known(desk, wanted.id, "id")
    if not isinstance(wanted.jurisdiction, Absent):
        jurisdiction = _jurisdiction(wanted.jurisdiction)
    document_type = present(wanted.document_type, None) or document_type
    return await _analyzed_again(desk, wanted.id, content, jurisdiction, document_type, {})


async def _known(desk: Desk, id: str, field: str) -> tuple[str, str, DocumentType]:
    """The text of a known document, and as which law it was read."""
    document = ComplianceDocument
    columns = (document.content, document.jurisdiction, document.document_type)
    statement = compliance_documents.visible.build(desk.viewer).where(document.id == id)
    rows = await desk.rows(statement.with_only_columns(*columns)) if storable(id) else []
    if not rows:
        raise not_found(document.label, id, field)
    return tuple(rows[0])


async def _analyzed_again(
    desk: Desk, id: str, content: str, jurisdiction: str, document_type: DocumentType, said: dict[str, Any]
) -> Reprocessed:
    law = LawWanted(jurisdiction, document_type.value, desk.now.date())
    read = await desk.outside.reader.analyze(content, law) if content else _unread()
    return Reprocessed(id=id, findings=read.findings, jurisdiction=jurisdiction, document_type=document_type, said=said)


@requires(Permission.WRITE_COMPLIANCE)
async def change(unit: Unit, patch: DocumentPatch) -> Keys:
    """Change what is said of a document; to analyse it as other law, process it again."""
    document = await unit.load(ComplianceDocument, patch.id)
    known = checked(patch)
    changed = {name for name, value in known.items() if getattr(document, name) != value}
    for name in changed:
        setattr(document, name, known[name])
    if changed:
        document.updated_at = unit.now
        unit.record(EventType.DOCUMENT_UPDATED, document, document.facts())
    return {"compliance_document": document.id}


@requires(Permission.WRITE_COMPLIANCE)
async def delete(unit: Unit, removal: DocumentRemoval) -> Keys:
    """Delete a document with what was found in it; the items it demanded stay, unless they are to go too."""
    document = await unit.load(ComplianceDocument, removal.id)
    if removal.with_items:
        gone = update(ComplianceItem).where(
            ComplianceItem.document_id == document.id, ComplianceItem.deleted_at.is_(None)
        )
        await unit.session.execute(gone.values(deleted_at=unit.now).execution_options(synchronize_session=False))
    await unit.session.delete(document)
    unit.record(EventType.DOCUMENT_DELETED, document, {"id": document.id, "deletedAt": iso(unit.now)})
    return {"deleted_id": document.id, "deleted": True, "deleted_at": iso(unit.now)}


def _decoded(sent: str) -> bytes:
    """The bytes behind base64, also as a `data:` address."""
    encoded = sent.partition(",")[2] if sent.startswith("data:") else sent
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("base64", "base64 must be the content of a file in base64.") from None


def _name(sent: str | None) -> str | None:
    """The last part of a file's name, as much of it as is kept."""
    name = (sent or "").replace("\\", "/").rpartition("/")[2].strip()
    return name[:LINE] if name and storable(name) else None


def _unread() -> ReadDocument:
    """What there is of a document of which only a name was sent."""
    assessment = Assessment(0.0, RiskLevel.LOW, (_NOTHING_READ,))
    findings = LawFindings(None, None, (), (), assessment, (_NOTHING_READ,))
    return ReadDocument("", "text/plain", 0, sha256(b"").hexdigest(), None, findings)


def _jurisdiction(value: str | None) -> str:
    return canonical(needed("jurisdiction", value, _SHORT))


_SHORT = 100
_OWN: Checks = {"jurisdiction": _jurisdiction, "title": lambda value: line("title", value)}
_METADATA: Checks = {
    "source": lambda value: line("metadata.source", value),
    "date": lambda value: value,
    "category": lambda value: line("metadata.category", value),
    "version": lambda value: line("metadata.version", value),
}

"""Compliance (documentation, section Legal Compliance API)."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Kind
from domain.limits import LimitGroup
from rest_compat.engine.answers import record, take
from rest_compat.engine.arguments import SAYING, Argument, body, either, file, file_name
from rest_compat.engine.routes import Route
from rest_compat.engine.spelling import JsonSchema

GROUP = "Legal Compliance API"
ADDRESS: JsonSchema = {
    "format": "uri",
    # Of others (addresses by number, http in networks that were allowed) the installation decides.
    "pattern": r"^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}(/[\w.~%/?&=+-]*)?$",
    "maxLength": 2048,
}
PLACE: JsonSchema = {**SAYING, "maxLength": 100}
_ANY_OF_THREE: JsonSchema = {
    "anyOf": [
        {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
        for name in ("file", "file_url", "document_id")
    ]
}
STATUS = {"PENDING": "pending", "IN_PROGRESS": "in_progress", "COMPLETED": "completed", "OVERDUE": "overdue"}
_DOCUMENT = "uploadComplianceDocument.document"
_SUMMARY = "complianceSummary"
_UPDATES = "regulatoryUpdateSummary"


def taken(where: str, *names: str) -> dict[str, take]:
    """The values at a place under their own names."""
    return {name: take(f"{where}.{name}") for name in names}


def between(what: str) -> tuple[Argument, Argument]:
    """`date_range`, inclusive; either end may be left out."""
    return (
        either("date_range.start", "dateFrom", aliases=("dateRange.start",), note=f"The first day of {what}."),
        either("date_range.end", "dateTo", aliases=("dateRange.end",), note=f"The last day of {what}, all of it."),
    )


JURISDICTION = either(
    "jurisdiction",
    "jurisdiction",
    note="A code such as EU, DE or US-CA, or a name, in any case.",
)
DOCUMENT = record(
    {
        **taken(_DOCUMENT, "document_id", "status"),
        "extracted_data": record(taken(_DOCUMENT, "deadlines", "requirements", "penalties", "entities")),
        **taken(_DOCUMENT, "compliance_score", "risk_level", "created_at"),
    }
)
ROUTES: Sequence[Route] = (
    Route(
        "POST",
        "/compliance/documents",
        "UploadComplianceDocument",
        DOCUMENT,
        (
            file("file", "input.file", aliases=("filePath", "file_path"), note="PDF, DOCX, HTML or text."),
            file_name("file", "input.title", aliases=("filePath", "file_path")),
            body(
                "file_url",
                "input.url",
                aliases=("fileUrl",),
                bounds=ADDRESS,
                note="Where the server fetches the file from, in place of `file`.",
            ),
            body(
                "document_id",
                "input.documentId",
                aliases=("documentId",),
                numeric=True,
                bounds=SAYING,
                note="A document that is known already, to be processed again; `file` is not needed then.",
            ),
            body("jurisdiction", "input.jurisdiction", examples=("US", "EU"), bounds=PLACE),
            body("document_type", "input.documentType", aliases=("documentType",)),
            body("metadata.source", "input.metadata.source"),
            body("metadata.date", "input.metadata.date"),
            body("metadata.category", "input.metadata.category"),
            body("metadata.version", "input.metadata.version"),
        ),
        title="Document Processing",
        group=GROUP,
        example="compliance_documents_create",
        limits=(LimitGroup.DOCUMENT_PROCESSING,),
        demands=_ANY_OF_THREE,
        # A known document may be unknown (CB-03).
        also=(Kind.NOT_FOUND,),
    ),
    Route(
        "GET",
        "/compliance/monitoring",
        "ComplianceMonitoring",
        record(
            {
                "compliance_items": take("complianceItems.nodes"),
                **taken(_SUMMARY, "total_count", "high_risk_count", "overdue_count"),
            }
        ),
        (
            JURISDICTION,
            either("status", "status", note="`active` is everything that is not completed (CB-11)."),
            either("risk_level", "riskLevel", aliases=("riskLevel",)),
            *between("deadlines"),
        ),
        title="Compliance Monitoring",
        group=GROUP,
        example="compliance_monitoring",
    ),
    Route(
        "GET",
        "/compliance/updates",
        "RegulatoryUpdates",
        record(
            {
                "updates": take("regulatoryUpdates.nodes"),
                **taken(_UPDATES, "total_count", "high_impact_count"),
            }
        ),
        (
            JURISDICTION,
            either(
                "update_type",
                "updateType",
                aliases=("updateType",),
                note="An open word such as new_regulation; it is not in the answer (CB-16).",
            ),
            *between("publication"),
        ),
        title="Regulatory Updates",
        group=GROUP,
        example="compliance_updates",
    ),
)

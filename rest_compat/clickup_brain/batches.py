"""Batches (documentation, section Batch Operations); their answers are not printed (CB-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Code, Kind
from domain.limits import LimitGroup
from rest_compat.clickup_brain.compliance import ADDRESS, PLACE
from rest_compat.clickup_brain.errors import ERRORS
from rest_compat.clickup_brain.feedback import METADATA, SOURCE, source
from rest_compat.engine.answers import closed_object, each, record, take
from rest_compat.engine.arguments import SAYING, Given, body, path
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Record
from rest_compat.engine.spelling import JsonSchema

_GROUP = "Batch Operations"
_ERROR = closed_object({"code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}})
_FIELDS = {"url": "file_url", "documentType": "document_type"}
"""What the graph's fields of an entry are called in the request."""


def _taken(*names: str, under: str = "") -> dict[str, take]:
    return {name: take(under + name) for name in names}


_DOCUMENT = record(
    {
        **_taken("document_id", "status", under="document."),
        "extracted_data": record(_taken("deadlines", "requirements", "penalties", "entities", under="document.")),
        **_taken("compliance_score", "risk_level", "created_at", under="document."),
    }
)
_FEEDBACK = record(
    {
        **_taken("feedback_id", "status"),
        "analysis": record(_taken("sentiment", "sentiment_score", "category", "priority", "themes", "entities")),
        **_taken("recommendations", "created_at"),
    }
)


class DocumentResult:
    """What became of a document: the answer it would have got alone, or the error."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        return _DOCUMENT.write(data, given) if data["document"] else {"error": _error(data)}

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        return {"anyOf": [_DOCUMENT.schema(result), closed_object({"error": _ERROR})]}


def _error(entry: Mapping[str, Any]) -> Mapping[str, object]:
    """The printed form of an error, without what belongs to a request."""
    kind = Code[entry["code"]].kind if entry["code"] else Kind.NOT_FOUND
    row = ERRORS.rows[kind]
    field = entry["field"]
    details = {_FIELDS.get(field, field): entry["problem"]} if field else {}
    return {"code": row.code, "message": entry["problem"] or row.message, "details": details}


ROUTES: Sequence[Route] = (
    Route(
        "POST",
        "/compliance/documents/batch",
        "CreateDocumentBatch",
        take("createDocumentBatch.batch"),
        (
            body(
                "documents[].file_url",
                "input.documents[].url",
                aliases=("documents[].fileUrl",),
                bounds=ADDRESS,
            ),
            body("documents[].jurisdiction", "input.documents[].jurisdiction", bounds=PLACE),
            body(
                "documents[].document_type",
                "input.documents[].documentType",
                aliases=("documents[].documentType",),
            ),
            body(
                "callback_url",
                "input.callbackUrl",
                aliases=("callbackUrl",),
                bounds=ADDRESS,
                note="Where the results are sent when all documents are over. They are signed with the client's secret "
                "if it has one, and not signed otherwise.",
            ),
        ),
        status=202,
        title="Batch Document Processing",
        group=_GROUP,
        example="compliance_documents_batch",
        limits=(LimitGroup.DOCUMENT_PROCESSING,),
        items="documents",
    ),
    Route(
        "POST",
        "/feedback/batch",
        "CreateFeedbackBatch",
        record(
            {
                "results": each("createFeedbackBatch.batch.feedback.nodes", _FEEDBACK),
                "total_count": take("createFeedbackBatch.batch.total"),
            }
        ),
        (
            body("feedback_items[].source", "input.items[].source", read=source, accepts=SOURCE),
            body("feedback_items[].content", "input.items[].content", bounds=SAYING),
            body(
                "feedback_items[].user_id",
                "input.items[].userId",
                numeric=True,
                aliases=("feedback_items[].userId",),
                note="Your own id of the user, text or a whole number; feedback can be anonymous.",
            ),
            body("feedback_items[].metadata", "input.items[].metadata", bounds=METADATA),
        ),
        title="Batch Feedback Processing",
        group=_GROUP,
        example="feedback_batch",
        limits=(LimitGroup.FEEDBACK_PROCESSING,),
        items="feedback_items",
    ),
)
RESULTS = Route(
    "GET",
    "/batches/{batch_id}",
    "BatchResults",
    record(
        {
            "batch_id": take("batch.id"),
            "status": take("batch.status"),
            "total_count": take("batch.total"),
            "results": each("batch.entries.nodes", DocumentResult()),
        }
    ),
    (path("batch_id", "id"),),
)
"""What is sent to the callback's address; nobody can call it."""

"""Errors (documentation, section Error Handling). Statuses are printed; codes are their names in capitals (CB-40)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Code, Kind
from domain.values import iso
from rest_compat.engine.answers import closed_object
from rest_compat.engine.faults import ErrorFacts, ErrorRow, ErrorTable, Refusal, challenge
from rest_compat.engine.spelling import MOMENT, JsonSchema

_REALM = "clickup-brain"
_TEXT: JsonSchema = {"type": "string"}
_COUNT: JsonSchema = {"type": "integer", "minimum": 0}

_BAD_REQUEST, _UNAUTHORIZED = "BAD_REQUEST", "UNAUTHORIZED"
_LIMITED = ErrorRow(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded. Please try again later.")
_UNAVAILABLE = ErrorRow(503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable")
_NOT_FOUND = ErrorRow(404, "NOT_FOUND", "Resource not found")
_GONE = 410
_WHO = "Invalid or missing API key"


def _unusable(status: int) -> ErrorRow:
    return ErrorRow(status, _BAD_REQUEST, "Invalid request: {message}")


def envelope(facts: ErrorFacts) -> object:
    """The printed form."""
    return {
        "error": {
            "code": facts.code,
            "message": facts.message,
            "details": _details(facts),
            "request_id": facts.request_id,
        }
    }


def schema(status: int) -> JsonSchema:
    """JSON Schema of the printed form."""
    details: JsonSchema = {"type": "object", "additionalProperties": _TEXT}
    if status == _LIMITED.status:
        details = closed_object({"limit": _COUNT, "used": _COUNT, "reset_time": MOMENT.written})
    if status == _GONE:
        details = closed_object({"resume_after": _TEXT})
    request_id: JsonSchema = {"type": "string", "pattern": "^req_[A-Za-z0-9_-]+$"}
    inner = closed_object({"code": _TEXT, "message": _TEXT, "details": details, "request_id": request_id})
    return closed_object({"error": inner})


def _details(facts: ErrorFacts) -> Mapping[str, object]:
    resets_at = facts.data.get("resets_at")
    if facts.status == _LIMITED.status and isinstance(resets_at, datetime):
        return {"limit": facts.data["limit"], "used": facts.data["used"], "reset_time": iso(resets_at)}
    if facts.status == _GONE:
        return {"resume_after": facts.data.get("resume_after", "")}
    return dict(facts.fields)


ERRORS = ErrorTable(
    {
        Kind.INVALID: ErrorRow(400, _BAD_REQUEST, "Invalid request parameters"),
        Kind.NOT_FOUND: _NOT_FOUND,
        Kind.FORBIDDEN: ErrorRow(403, "FORBIDDEN", "Insufficient permissions. {message}"),
        Kind.UNAUTHENTICATED: ErrorRow(401, _UNAUTHORIZED, _WHO, challenge(_REALM)),
        Kind.CONFLICT: _unusable(409),
        Kind.RATE_LIMITED: _LIMITED,
        Kind.QUOTA_EXCEEDED: ErrorRow(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded. {message}"),
        Kind.UNAVAILABLE: _UNAVAILABLE,
        Kind.TIMEOUT: _UNAVAILABLE,
        Refusal.UNREADABLE: _unusable(400),
        Refusal.UNKNOWN_PATH: _NOT_FOUND,
        Refusal.METHOD: ErrorRow(405, _BAD_REQUEST, "Invalid request: this method is not allowed here"),
        Refusal.TOO_SLOW: _unusable(408),
        Refusal.TOO_LARGE: _unusable(413),
        Refusal.MEDIA_TYPE: _unusable(415),
        Refusal.INTERNAL: ErrorRow(500, "INTERNAL_SERVER_ERROR", "Server error"),
    },
    envelope,
    schema,
    codes={
        Code.INVALID_TOKEN: ErrorRow(401, _UNAUTHORIZED, _WHO, challenge(_REALM, "invalid_token")),
        Code.CURSOR_EXPIRED: ErrorRow(_GONE, "GONE", "{message}"),
    },
)

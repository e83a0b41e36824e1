"""Errors (documentation, section Error Handling CopyCar.ai Ultimate). Clients switch on the fourteen printed codes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.errors import Code, Kind
from domain.values import iso
from rest_compat.engine.answers import closed_object
from rest_compat.engine.faults import ErrorFacts, ErrorRow, ErrorTable, Refusal, challenge, slug
from rest_compat.engine.spelling import MOMENT, JsonSchema

_REALM = "copycar"
_TEXT: JsonSchema = {"type": "string"}
_URL: JsonSchema = {"type": "string", "format": "uri"}
_COUNT: JsonSchema = {"type": "integer", "minimum": 0}

_LIMITED = ErrorRow(429, "RATE_LIMIT_EXCEEDED", "Rate limit exceeded for your tier")
_FORBIDDEN = ErrorRow(403, "INSUFFICIENT_PERMISSIONS", "Insufficient permissions for this operation. {message}")


def _invalid(status: int) -> ErrorRow:
    return ErrorRow(status, "INVALID_REQUEST", "Request validation failed: {message}")


def documentation_url(site: str, code: str) -> str:
    """The page about an error: its code in small letters with hyphens (CC-39), on this server."""
    return f"{site}/docs/errors/{slug(code)}"


def envelope(facts: ErrorFacts) -> object:
    """The printed form."""
    error = {
        "code": facts.code,
        "message": _message(facts),
        "details": _details(facts),
        "documentation_url": documentation_url(facts.site, facts.code),
        "support_url": f"{facts.site}/docs/support",
    }
    return {"success": False, "error": error, "request_id": facts.request_id, "timestamp": iso(facts.at)}


def schema(status: int) -> JsonSchema:
    """JSON Schema of the printed form."""
    details: JsonSchema = {"type": "object", "additionalProperties": _TEXT}
    if status == _LIMITED.status:
        details = closed_object({"limit": _COUNT, "remaining": _COUNT, "reset_time": MOMENT.written})
    error = {"code": _TEXT, "message": _TEXT, "details": details, "documentation_url": _URL, "support_url": _URL}
    return closed_object(
        {
            "success": {"const": False},
            "error": closed_object(error),
            "request_id": {"type": "string", "pattern": "^req_[A-Za-z0-9_-]+$"},
            "timestamp": MOMENT.written,
        }
    )


def _message(facts: ErrorFacts) -> str:
    limit, window = facts.data.get("limit"), facts.data.get("window")
    if facts.code == _LIMITED.code and isinstance(limit, int) and isinstance(window, str):
        # As printed; the table of codes has only a general sentence (CC-16).
        return f"Rate limit exceeded. Maximum {limit:,} requests per {window.lower()}."
    return facts.message


def _details(facts: ErrorFacts) -> Mapping[str, object]:
    resets_at = facts.data.get("resets_at")
    if facts.status == _LIMITED.status and isinstance(resets_at, datetime):
        return {
            "limit": facts.data["limit"],
            "remaining": facts.data["remaining"],
            "reset_time": iso(resets_at),
        }
    return dict(facts.fields)


ERRORS = ErrorTable(
    {
        Kind.INVALID: ErrorRow(400, "INVALID_FIELD_VALUE", "Field value is invalid"),
        Kind.NOT_FOUND: ErrorRow(404, "ACCOUNT_NOT_FOUND", "Account not found"),
        Kind.FORBIDDEN: _FORBIDDEN,
        Kind.UNAUTHENTICATED: ErrorRow(401, "INVALID_API_KEY", "API key is invalid or expired", challenge(_REALM)),
        Kind.CONFLICT: _invalid(409),
        Kind.RATE_LIMITED: _LIMITED,
        Kind.QUOTA_EXCEEDED: ErrorRow(429, "QUOTA_EXCEEDED", "Monthly quota exceeded"),
        Kind.UNAVAILABLE: ErrorRow(503, "AI_SERVICE_UNAVAILABLE", "AI service temporarily unavailable"),
        Kind.TIMEOUT: ErrorRow(504, "TIMEOUT", "Request processing timeout"),
        Refusal.UNREADABLE: _invalid(400),
        # Cases without a printed code stay inside the printed list (CC-27).
        Refusal.UNKNOWN_PATH: ErrorRow(404, "INVALID_REQUEST", "Request validation failed: there is nothing here"),
        Refusal.METHOD: ErrorRow(405, "INVALID_REQUEST", "Request validation failed: this method is not allowed here"),
        Refusal.TOO_SLOW: _invalid(408),
        Refusal.TOO_LARGE: _invalid(413),
        Refusal.MEDIA_TYPE: _invalid(415),
        Refusal.INTERNAL: ErrorRow(500, "PROCESSING_FAILED", "Content processing failed"),
    },
    envelope,
    schema,
    codes={
        Code.REQUIRED: ErrorRow(400, "MISSING_REQUIRED_FIELD", "Required field is missing"),
        Code.INVALID_TOKEN: ErrorRow(
            401, "INVALID_TOKEN", "Access token is invalid or expired", challenge(_REALM, "invalid_token")
        ),
    },
    missing={
        "campaign": ErrorRow(404, "CAMPAIGN_NOT_FOUND", "Campaign not found"),
        # No route takes the id of a content (CC-28).
        "content": ErrorRow(404, "CONTENT_NOT_FOUND", "Content not found"),
    },
)

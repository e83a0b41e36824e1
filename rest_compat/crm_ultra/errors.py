"""Errors (documentation, section Error Handling; 429 from Handling Rate Limits)."""

from __future__ import annotations

from domain.errors import Code, Kind
from rest_compat.engine.answers import closed_object
from rest_compat.engine.faults import ErrorFacts, ErrorRow, ErrorTable, Refusal, challenge
from rest_compat.engine.spelling import JsonSchema

_TEXT: JsonSchema = {"type": "string"}
_REALM = "crm-ultra"
_WHO = "API key is invalid or expired"
_LIMITED = ErrorRow(429, "rate_limit_exceeded", "API rate limit exceeded. Try again in {retry_after} seconds.")
_UNAVAILABLE = ErrorRow(503, "service_unavailable", "Service unavailable. {message}")


def envelope(facts: ErrorFacts) -> object:
    """The error object; that of 429 has three keys of its own (CU-10)."""
    if facts.status == _LIMITED.status:
        return {"error": {"code": facts.code, "message": facts.message, "retry_after": facts.retry_after}}
    return {
        "error": {
            "code": facts.code,
            "message": facts.message,
            "details": dict(facts.fields),
            "request_id": facts.request_id,
        }
    }


def schema(status: int) -> JsonSchema:
    """JSON Schema of the error object."""
    if status == _LIMITED.status:
        inner = closed_object({"code": _TEXT, "message": _TEXT, "retry_after": {"type": "integer", "minimum": 0}})
    else:
        details: JsonSchema = {"type": "object", "additionalProperties": _TEXT}
        request_id: JsonSchema = {"type": "string", "pattern": "^req_[A-Za-z0-9_-]+$"}
        inner = closed_object({"code": _TEXT, "message": _TEXT, "details": details, "request_id": request_id})
    return closed_object({"error": inner})


ERRORS = ErrorTable(
    {
        Kind.INVALID: ErrorRow(422, "validation_error", "Request data is invalid"),
        Kind.NOT_FOUND: ErrorRow(404, "resource_not_found", "Requested resource doesn't exist"),
        Kind.FORBIDDEN: ErrorRow(403, "insufficient_permissions", "Not authorized for this action. {message}"),
        Kind.UNAUTHENTICATED: ErrorRow(401, "invalid_api_key", _WHO, challenge(_REALM)),
        Kind.CONFLICT: ErrorRow(409, "conflict", "Resource state conflict. {message}"),
        Kind.RATE_LIMITED: _LIMITED,
        Kind.QUOTA_EXCEEDED: _LIMITED,
        Kind.UNAVAILABLE: _UNAVAILABLE,
        Kind.TIMEOUT: _UNAVAILABLE,
        Refusal.UNREADABLE: ErrorRow(400, "validation_error", "Request data is invalid: {message}"),
        Refusal.UNKNOWN_PATH: ErrorRow(404, "resource_not_found", "Requested resource doesn't exist"),
        Refusal.METHOD: ErrorRow(405, "resource_not_found", "This method is not allowed here"),
        Refusal.TOO_SLOW: ErrorRow(408, "validation_error", "Request data is invalid: {message}"),
        Refusal.TOO_LARGE: ErrorRow(413, "validation_error", "Request data is invalid: {message}"),
        Refusal.MEDIA_TYPE: ErrorRow(415, "validation_error", "Request data is invalid: {message}"),
        Refusal.INTERNAL: ErrorRow(500, "server_error", "Something went wrong on our side"),
    },
    envelope,
    schema,
    codes={Code.INVALID_TOKEN: ErrorRow(401, "invalid_api_key", _WHO, challenge(_REALM, "invalid_token"))},
)

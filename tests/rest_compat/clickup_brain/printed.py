"""What ClickUp Brain's document prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from tests.rest_compat.asgi import Answer
from tests.rest_compat.printed import Printed

_PRINTED = Printed(CLICKUP_BRAIN, Path(__file__).parent / "shapes")
example, fits = _PRINTED.example, _PRINTED.fits

RATE_LIMIT_EXCEEDED: dict[str, Any] = {
    "error": {
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "Rate limit exceeded. Please try again later.",
        "details": {"limit": 1000, "used": 1000, "reset_time": "2024-01-15T11:00:00Z"},
        "request_id": "req_123456",
    }
}

CODES = {
    400: ("BAD_REQUEST", "Invalid request parameters"),
    401: ("UNAUTHORIZED", "Invalid or missing API key"),
    403: ("FORBIDDEN", "Insufficient permissions"),
    404: ("NOT_FOUND", "Resource not found"),
    429: ("RATE_LIMIT_EXCEEDED", "Rate limit exceeded. Please try again later."),
    500: ("INTERNAL_SERVER_ERROR", "Server error"),
    503: ("SERVICE_UNAVAILABLE", "Service temporarily unavailable"),
}


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Assert a refusal in the printed form; its `error`."""
    told = answer.json()
    fits("error", told)
    assert (answer.status, told["error"]["code"]) == (status, code)
    assert told["error"]["request_id"] == answer.headers["x-request-id"]
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    error: dict[str, Any] = told["error"]
    return error

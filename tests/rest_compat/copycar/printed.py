"""What CopyCar's document prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rest_compat.copycar.dialect import COPYCAR
from tests.rest_compat.asgi import Answer
from tests.rest_compat.printed import Printed

_PRINTED = Printed(COPYCAR, Path(__file__).parent / "shapes")
example, fits = _PRINTED.example, _PRINTED.fits


def as_printed(route: str, answer: Any) -> None:
    """Assert the documented shape, and the keys in the order of the printed example; values are the server's own."""
    fits(route, answer)
    _ordered(example(route), answer, "$")


def _ordered(printed: Any, answer: Any, at: str) -> None:
    if isinstance(printed, dict):
        assert list(answer) == [key for key in printed if key in answer], at
        for key, value in answer.items():
            _ordered(printed[key], value, f"{at}.{key}")
    elif isinstance(printed, list) and printed and isinstance(printed[0], dict):
        keys = dict.fromkeys(key for each in printed for key in each)
        whole = {key: next(each[key] for each in printed if key in each) for key in keys}
        for index, item in enumerate(answer):
            if "variant_id" not in whole and "send_time" not in whole:
                _ordered(whole, item, f"{at}[{index}]")


RATE_LIMIT_EXCEEDED: dict[str, Any] = {
    "success": False,
    "error": {
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "Rate limit exceeded. Maximum 10,000 requests per hour.",
        "details": {"limit": 10000, "remaining": 0, "reset_time": "2024-01-22T11:00:00Z"},
        # Printed as https://docs.copycarai.com/... and https://support.copycarai.com/tickets/new: ours are here.
        "documentation_url": "https://graph.example/copycar/docs/errors/rate-limit-exceeded",
        "support_url": "https://graph.example/copycar/docs/support",
    },
    "request_id": "req_123456789",
    "timestamp": "2024-01-22T10:30:00Z",
}

CODES = {
    "INVALID_API_KEY": "API key is invalid or expired",
    "INVALID_TOKEN": "Access token is invalid or expired",
    "INSUFFICIENT_PERMISSIONS": "Insufficient permissions for this operation",
    "RATE_LIMIT_EXCEEDED": "Rate limit exceeded for your tier",
    "QUOTA_EXCEEDED": "Monthly quota exceeded",
    "INVALID_REQUEST": "Request validation failed",
    "MISSING_REQUIRED_FIELD": "Required field is missing",
    "INVALID_FIELD_VALUE": "Field value is invalid",
    "ACCOUNT_NOT_FOUND": "Account not found",
    "CAMPAIGN_NOT_FOUND": "Campaign not found",
    "CONTENT_NOT_FOUND": "Content not found",
    "PROCESSING_FAILED": "Content processing failed",
    "AI_SERVICE_UNAVAILABLE": "AI service temporarily unavailable",
    "TIMEOUT": "Request processing timeout",
}


def refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """Assert a refusal in the printed form; its `error`."""
    told = answer.json()
    fits("error", told)
    assert (answer.status, told["error"]["code"]) == (status, code)
    assert told["request_id"] == answer.headers["x-request-id"]
    error: dict[str, Any] = told["error"]
    return error

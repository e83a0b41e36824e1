"""CRM-Ultra as one object: where it is mounted, how it spells, what it serves."""

from __future__ import annotations

from pathlib import Path

from domain.viewer import Dialect as DialectName
from rest_compat.crm_ultra import activities, emails, leads, notes, reports, tasks, users, webhooks
from rest_compat.crm_ultra.errors import ERRORS
from rest_compat.crm_ultra.telling import NAMES, TELLING
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.rate_headers import RateHeaders
from rest_compat.engine.services import RateState
from rest_compat.engine.spelling import Spelling

SPELLING = Spelling(
    words={
        "LeadSortField": {"CREATED_AT": "createdAt", "UPDATED_AT": "updatedAt", "SCORE": "score"},
        "Direction": {"ASC": "asc", "DESC": "desc"},
        "ReportDimension": {"SOURCE": "source", "ASSIGNED_TO": "assignedTo", "INSURANCE_TYPE": "insuranceType"},
        # The nine names under Available Events are all there are.
        "EventType": {each.name: word for each, word in NAMES.items()},
        "Permission": {"READ_LEADS": "read:leads", "WRITE_LEADS": "write:leads", "READ_REPORTS": "read:reports"},
    },
    # Three permissions are all this product knows (CU-57).
    closed=frozenset({"LeadSortField", "Direction", "ReportDimension", "Permission", "EventType"}),
)


def _numbers(rate: RateState, status: int) -> tuple[int, ...]:
    return rate.limit, rate.remaining, rate.reset_epoch, rate.retry_after if status == 429 else 0


RATE_HEADERS = RateHeaders(
    ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Retry-After"), _numbers
)
"""Documentation, Rate Limit Headers: on every answer whose credential is known (CU-54)."""


def is_native(path: str) -> bool:
    """Whether a bare path on a neutral host is meant for this product (X-01, X-04)."""
    return path in ("/v1", "/oauth") or path.startswith(("/v1/", "/oauth/"))


CRM_ULTRA = Dialect(
    name=DialectName.CRM_ULTRA.value,
    title="CRM-Ultra API",
    version="v1",
    description="Lead management, communication and analytics, as documented for CRM-Ultra 2.0.",
    hosts=frozenset({"api.crm-ultra.com"}),
    mount="/crm-ultra",
    bases=("/v1",),
    native=is_native,
    folder=Path(__file__).parent,
    routes=(
        *leads.ROUTES,
        *notes.ROUTES,
        *tasks.ROUTES,
        *emails.ROUTES,
        *activities.ROUTES,
        *reports.ROUTES,
        *users.ROUTES,
        *webhooks.ROUTES,
    ),
    removed=leads.REMOVED,
    errors=ERRORS,
    spelling=SPELLING,
    rate_headers=RATE_HEADERS,
    # The documented curl command sends JSON under curl's own form label (CU-36).
    json_anyway=frozenset({"POST", "PUT"}),
    security={
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "OAuth": {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "{site}/oauth/authorize",
                    "tokenUrl": "{site}/oauth/token",
                    "refreshUrl": "{site}/oauth/token",
                    "scopes": {"read": "Read everything.", "write": "Change everything."},
                }
            },
        },
        # Keys of 1.x clients come as a bearer (CU-02).
        "Bearer": {"type": "http", "scheme": "bearer", "description": "An access token or an API key."},
    },
    credential_header=("X-API-Key", "your_api_key_here"),
    telling=TELLING,
)

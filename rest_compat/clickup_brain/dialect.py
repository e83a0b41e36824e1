"""ClickUp Brain as one object: where it is mounted, how it spells, what it serves."""

from __future__ import annotations

from pathlib import Path

from domain.viewer import Dialect as DialectName
from rest_compat.clickup_brain import batches, compliance, feedback, marketing, quotas, webhooks
from rest_compat.clickup_brain.compliance import STATUS as COMPLIANCE_STATUS
from rest_compat.clickup_brain.errors import ERRORS
from rest_compat.clickup_brain.streams import STREAMS
from rest_compat.clickup_brain.telling import NAMES, TELLING
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.spelling import Scalar, Spelling

_STORABLE = Scalar("must be text", {"type": "string"}, {"type": "string", "pattern": r"^[^\x00]*$"})
SPELLING = Spelling(
    words={
        "EventType": {each.name: word for each, word in NAMES.items()},
        "WebhookStatus": {"ACTIVE": "active", "PAUSED": "paused", "DISABLED": "disabled"},
        "JobStatus": {"PROCESSING": "processing", "COMPLETED": "completed", "FAILED": "failed"},
        "DocumentType": {"REGULATION": "regulation", "POLICY": "policy", "GUIDELINE": "guideline"},
        "ProcessingStatus": {"PROCESSED": "processed"},
        "ComplianceStatus": COMPLIANCE_STATUS,
        "ComplianceStatusFilter": {"ACTIVE": "active", **COMPLIANCE_STATUS},
        "RiskLevel": {"LOW": "low", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"},
        "FeedbackSource": {"APP_STORE": "app_store", "SUPPORT": "support", "SURVEY": "survey", "SOCIAL": "social"},
        "Sentiment": {"POSITIVE": "positive", "NEUTRAL": "neutral", "NEGATIVE": "negative"},
        "FeedbackCategory": {"BUG_REPORT": "bug_report", "FEATURE_REQUEST": "feature_request", "GENERAL": "general"},
        "FeedbackPriority": {"LOW": "low", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"},
        "FeedbackDimension": {"CATEGORY": "category"},
        "Level": {"LOW": "low", "MEDIUM": "medium", "HIGH": "high", "CRITICAL": "critical"},
        "LimitGroup": {
            "API_REQUESTS": "api_requests",
            "DOCUMENT_PROCESSING": "document_processing",
            "FEEDBACK_PROCESSING": "feedback_processing",
            "CAMPAIGN_ANALYSIS": "campaign_analysis",
        },
    },
    # The three events of the printed registration are all there are.
    closed=frozenset({"EventType", "FeedbackDimension"}),
    scalars={"String": _STORABLE},
    #
    decimals=4,
)

_OWN = frozenset({"compliance", "marketing", "feedback", "stream", "quotas"})


def is_native(path: str) -> bool:
    """Whether a bare path on a neutral host is meant for this product: `/v1` is another's, but for our words (X-01)."""
    steps = path.split("/")
    return steps[1:3] == ["api", "v1"] or (steps[1:2] == ["v1"] and steps[2:3] != [] and steps[2] in _OWN)


CLICKUP_BRAIN = Dialect(
    name=DialectName.CLICKUP_BRAIN.value,
    title="ClickUp Brain API",
    version="v1",
    description="Compliance, marketing and feedback, as documented for ClickUp Brain. Keys, access tokens and JWTs are "
    "all sent as a bearer; a JWT is signed with the client's secret by HS256, names the client in `iss` or `sub` and "
    "ends at its `exp`.",
    hosts=frozenset({"api.clickup-brain.com"}),
    sandbox_hosts=frozenset({"sandbox-api.clickup-brain.com"}),
    mount="/clickup-brain",
    # Every route is at both; some samples print one, some the other (CB-04).
    bases=("/api/v1", "/v1"),
    native=is_native,
    folder=Path(__file__).parent,
    contests=webhooks.contests,
    knows=webhooks.knows,
    routes=(*compliance.ROUTES, *marketing.ROUTES, *feedback.ROUTES, *batches.ROUTES, *quotas.ROUTES, *webhooks.ROUTES),
    errors=ERRORS,
    served=STREAMS,
    spelling=SPELLING,
    security={
        "ApiKey": {"type": "http", "scheme": "bearer", "description": "An API key."},
        "OAuth": {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "{site}/oauth/token",
                    "scopes": {"read": "Read everything.", "write": "Change everything."},
                }
            },
        },
        "Jwt": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "HS256 with the client's secret; `iss` or `sub` is the client's id, `exp` is required.",
        },
    },
    credential_header=("Authorization", "Bearer YOUR_API_KEY"),
    telling=TELLING,
)

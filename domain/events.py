"""The typed catalogue of what can happen, each with the facts it is told with."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """Everything the log can tell."""

    LEAD_CREATED = "LEAD_CREATED"
    LEAD_UPDATED = "LEAD_UPDATED"
    LEAD_ASSIGNED = "LEAD_ASSIGNED"
    LEAD_CONVERTED = "LEAD_CONVERTED"
    LEAD_DELETED = "LEAD_DELETED"
    LEADS_LOADED = "LEADS_LOADED"
    NOTE_CREATED = "NOTE_CREATED"
    TASK_CREATED = "TASK_CREATED"
    TASK_UPDATED = "TASK_UPDATED"
    TASK_COMPLETED = "TASK_COMPLETED"
    EMAIL_SCHEDULED = "EMAIL_SCHEDULED"
    EMAIL_SENT = "EMAIL_SENT"
    EMAIL_OPENED = "EMAIL_OPENED"
    EMAIL_CLICKED = "EMAIL_CLICKED"
    EMAIL_FAILED = "EMAIL_FAILED"
    ACTIVITY_RECORDED = "ACTIVITY_RECORDED"
    TEMPLATE_CREATED = "TEMPLATE_CREATED"
    TEMPLATE_UPDATED = "TEMPLATE_UPDATED"
    ORGANIZATION_UPDATED = "ORGANIZATION_UPDATED"
    USER_INVITED = "USER_INVITED"
    USER_JOINED = "USER_JOINED"
    USER_UPDATED = "USER_UPDATED"
    USER_DISABLED = "USER_DISABLED"
    USER_ENABLED = "USER_ENABLED"
    TEAM_CREATED = "TEAM_CREATED"
    TEAM_UPDATED = "TEAM_UPDATED"
    TEAM_DELETED = "TEAM_DELETED"
    CLIENT_CREATED = "CLIENT_CREATED"
    CLIENT_UPDATED = "CLIENT_UPDATED"
    CLIENT_REVOKED = "CLIENT_REVOKED"
    KEY_CREATED = "KEY_CREATED"
    KEY_ROTATED = "KEY_ROTATED"
    KEY_REVOKED = "KEY_REVOKED"
    ACCESS_GRANTED = "ACCESS_GRANTED"
    ACCESS_WITHDRAWN = "ACCESS_WITHDRAWN"
    WEBHOOK_CREATED = "WEBHOOK_CREATED"
    WEBHOOK_UPDATED = "WEBHOOK_UPDATED"
    WEBHOOK_DISABLED = "WEBHOOK_DISABLED"
    WEBHOOK_DELETED = "WEBHOOK_DELETED"
    COMPLIANCE_ALERT = "COMPLIANCE_ALERT"
    MARKETING_OPTIMIZED = "MARKETING_OPTIMIZED"
    FEEDBACK_ANALYZED = "FEEDBACK_ANALYZED"
    ENGAGEMENT_DETECTED = "ENGAGEMENT_DETECTED"
    RESEARCH_COMPLETED = "RESEARCH_COMPLETED"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: its type, what it is about, and the facts as they were at that moment.

    `audience` names the only group that may hear of it (see `domain.visibility`); None is the organization.
    """

    type: EventType
    subject_id: str
    lead_id: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    audience: str | None = None

"""Every mapped table in one place, for whoever needs the whole metadata."""

from domain.access import AccessChange
from domain.accounts import Account
from domain.activities import Activity
from domain.audit import AuditEntry
from domain.clients import ApiClient
from domain.contacts import Contact
from domain.credentials import Credential
from domain.emails import Email, EmailClick
from domain.entity import Entity
from domain.event_log import Event
from domain.grants import Grant
from domain.idempotency import IdempotencyAnswer, IdempotencyClaim
from domain.leads import Lead
from domain.notes import Note
from domain.organizations import Organization, Team
from domain.quotas import TokenUsage
from domain.sessions import BrowserSession, Invitation
from domain.tasks import Task
from domain.templates import EmailTemplate
from domain.users import User
from domain.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from domain.work import PeriodicTask

METADATA = Entity.metadata

__all__ = [
    "METADATA",
    "AccessChange",
    "Account",
    "Activity",
    "ApiClient",
    "AuditEntry",
    "BrowserSession",
    "Contact",
    "Credential",
    "Email",
    "EmailClick",
    "EmailTemplate",
    "Event",
    "Grant",
    "IdempotencyAnswer",
    "IdempotencyClaim",
    "Invitation",
    "Lead",
    "Note",
    "Organization",
    "PeriodicTask",
    "Task",
    "Team",
    "TokenUsage",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
]

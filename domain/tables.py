"""Every mapped table in one place, for whoever needs the whole metadata."""

from domain.accounts import Account
from domain.activities import Activity
from domain.clients import ApiClient
from domain.contacts import Contact
from domain.emails import Email
from domain.entity import Entity
from domain.event_log import Event
from domain.idempotency import IdempotencyAnswer, IdempotencyClaim
from domain.leads import Lead
from domain.notes import Note
from domain.organizations import Organization, Team
from domain.tasks import Task
from domain.templates import EmailTemplate
from domain.users import User

METADATA = Entity.metadata

__all__ = [
    "METADATA",
    "Account",
    "Activity",
    "ApiClient",
    "Contact",
    "Email",
    "EmailTemplate",
    "Event",
    "IdempotencyAnswer",
    "IdempotencyClaim",
    "Lead",
    "Note",
    "Organization",
    "Task",
    "Team",
    "User",
]

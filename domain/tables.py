"""Every mapped table in one place, for whoever needs the whole metadata."""

from domain.access import AccessChange
from domain.accounts import Account
from domain.activities import Activity
from domain.audit import AuditEntry
from domain.clients import ApiClient
from domain.compliance import ComplianceAlert, ComplianceDocument, ComplianceFinding, ComplianceItem, RegulatoryUpdate
from domain.contacts import Contact
from domain.credentials import Credential
from domain.emails import Email, EmailClick
from domain.entity import Entity
from domain.event_log import Event
from domain.feedback import ChurnModel, ChurnPrediction, EndUser, Feedback, FeedbackTheme
from domain.grants import Grant
from domain.idempotency import IdempotencyAnswer, IdempotencyClaim
from domain.jobs import Job, JobEntry
from domain.leads import Lead
from domain.localization import GlossaryTerm, Localization, MarketProfile, TranslationUnit
from domain.marketing import AdCampaign, AdPerformance, BudgetAllocation, BudgetPlan, CampaignAnalysis
from domain.notes import Note
from domain.organizations import Organization, Team
from domain.quotas import TokenUsage
from domain.sessions import BrowserSession, Invitation
from domain.tasks import Task
from domain.templates import EmailTemplate
from domain.users import User
from domain.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from domain.work import PeriodicTask
from domain.writing import WriterMonth, WriterUse

METADATA = Entity.metadata

__all__ = [
    "METADATA",
    "AccessChange",
    "Account",
    "Activity",
    "AdCampaign",
    "AdPerformance",
    "ApiClient",
    "AuditEntry",
    "BrowserSession",
    "BudgetAllocation",
    "BudgetPlan",
    "CampaignAnalysis",
    "ChurnModel",
    "ChurnPrediction",
    "ComplianceAlert",
    "ComplianceDocument",
    "ComplianceFinding",
    "ComplianceItem",
    "Contact",
    "Credential",
    "Email",
    "EmailClick",
    "EmailTemplate",
    "EndUser",
    "Event",
    "Feedback",
    "FeedbackTheme",
    "GlossaryTerm",
    "Grant",
    "IdempotencyAnswer",
    "IdempotencyClaim",
    "Invitation",
    "Job",
    "JobEntry",
    "Lead",
    "Localization",
    "MarketProfile",
    "Note",
    "Organization",
    "PeriodicTask",
    "RegulatoryUpdate",
    "Task",
    "Team",
    "TokenUsage",
    "TranslationUnit",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
    "WriterMonth",
    "WriterUse",
]

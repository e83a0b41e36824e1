"""Every mapped table in one place, for whoever needs the whole metadata."""

from domain.abm import (
    AbmCampaign,
    AutomationRule,
    CampaignDay,
    CampaignPersona,
    ScheduledContent,
    TriggeredAction,
)
from domain.access import AccessChange
from domain.accounts import Account, AccountPlace
from domain.activities import Activity
from domain.audit import AuditEntry
from domain.clients import ApiClient
from domain.compliance import ComplianceAlert, ComplianceDocument, ComplianceFinding, ComplianceItem, RegulatoryUpdate
from domain.contacts import Contact
from domain.content import Content, ContentVariant, CopyTemplate
from domain.conversion import ConversionModel
from domain.credentials import Credential
from domain.documents import TrustedDocument
from domain.emails import Email, EmailClick
from domain.engagement import EngagementEvent
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
from domain.personas import Persona
from domain.quotas import TokenUsage
from domain.research import Competitor, NewsEntry, NewsItem, Opportunity, PainPoint, Playbook, ResearchRun
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
    "AbmCampaign",
    "AccessChange",
    "Account",
    "AccountPlace",
    "Activity",
    "AdCampaign",
    "AdPerformance",
    "ApiClient",
    "AuditEntry",
    "AutomationRule",
    "BrowserSession",
    "BudgetAllocation",
    "BudgetPlan",
    "CampaignAnalysis",
    "CampaignDay",
    "CampaignPersona",
    "ChurnModel",
    "ChurnPrediction",
    "Competitor",
    "ComplianceAlert",
    "ComplianceDocument",
    "ComplianceFinding",
    "ComplianceItem",
    "Contact",
    "Content",
    "ContentVariant",
    "ConversionModel",
    "CopyTemplate",
    "Credential",
    "Email",
    "EmailClick",
    "EmailTemplate",
    "EndUser",
    "EngagementEvent",
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
    "NewsEntry",
    "NewsItem",
    "Note",
    "Opportunity",
    "Organization",
    "PainPoint",
    "PeriodicTask",
    "Persona",
    "Playbook",
    "RegulatoryUpdate",
    "ResearchRun",
    "ScheduledContent",
    "Task",
    "Team",
    "TokenUsage",
    "TranslationUnit",
    "TriggeredAction",
    "TrustedDocument",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookSecret",
    "WriterMonth",
    "WriterUse",
]

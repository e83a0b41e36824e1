"""The domain's enumerations as GraphQL says them."""

import strawberry

from domain.abm import ActionStatus, ItemStatus, OncePer, RuleAction
from domain.activities import ActivityType
from domain.audit import Door, Outcome
from domain.channels import Channel
from domain.compliance import AlertType, ComplianceStatus, DocumentType, ProcessingStatus
from domain.connections import ConnectionKind
from domain.conversion import ConversionSubject
from domain.credentials import CredentialKind
from domain.emails import EmailStatus
from domain.engagement import EngagementType
from domain.events import EventType
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, FeedbackSource, Sentiment
from domain.intelligence.law_findings import FindingKind, TimeUnit
from domain.intelligence.research_facts import EvidenceKind
from domain.intelligence.responses import ResponseModel
from domain.jobs import EntryStatus, JobKind, JobStatus
from domain.leads import InsuranceType, LeadStatus
from domain.levels import Basis, Level, RiskLevel
from domain.limits import LimitGroup, LimitWindow
from domain.localization import LocalizationMethod
from domain.marketing import CampaignStatus
from domain.permissions import Permission, Role
from domain.research import PlaybookKind, ResearchStage, ResearchStatus
from domain.tasks import TaskPriority, TaskStatus, TaskType
from domain.timeline import TimelineKind
from domain.users import UserStatus
from domain.viewer import Dialect
from domain.visibility import NoteVisibility
from domain.webhooks import DeliveryStatus, WebhookStatus
from domain.writing import WriterOutcome
from resolvers.abm_campaigns import AbmCampaignSortField
from resolvers.ad_campaigns import AdCampaignSortField
from resolvers.ad_performance import AdPerformanceSortField
from resolvers.ad_performance_reports import AdPerformanceDimension
from resolvers.compliance_items import ComplianceItemSortField, ComplianceStatusFilter
from resolvers.compliance_overview import CalendarUnit
from resolvers.end_users import EndUserSortField
from resolvers.feedback import FeedbackSortField
from resolvers.feedback_reports import FeedbackDimension
from resolvers.leads import Direction, LeadSortField
from resolvers.operations import QueueName
from resolvers.regulatory_update_writes import FeedOutcome
from resolvers.reports import ReportDimension

for _enum in (
    AbmCampaignSortField,
    ActionStatus,
    ActivityType,
    AdCampaignSortField,
    AdPerformanceDimension,
    AdPerformanceSortField,
    AlertType,
    Basis,
    CalendarUnit,
    CampaignStatus,
    Channel,
    ComplianceItemSortField,
    ComplianceStatus,
    ComplianceStatusFilter,
    ConnectionKind,
    ConversionSubject,
    CredentialKind,
    DeliveryStatus,
    Dialect,
    Direction,
    DocumentType,
    Door,
    EmailStatus,
    EndUserSortField,
    EngagementType,
    EntryStatus,
    EventType,
    EvidenceKind,
    FeedOutcome,
    FeedbackCategory,
    FeedbackDimension,
    FeedbackPriority,
    FeedbackSortField,
    FeedbackSource,
    FindingKind,
    InsuranceType,
    ItemStatus,
    JobKind,
    JobStatus,
    LeadSortField,
    LeadStatus,
    Level,
    LimitGroup,
    LimitWindow,
    LocalizationMethod,
    NoteVisibility,
    OncePer,
    Outcome,
    Permission,
    PlaybookKind,
    ProcessingStatus,
    QueueName,
    ReportDimension,
    ResearchStage,
    ResearchStatus,
    ResponseModel,
    RiskLevel,
    Role,
    RuleAction,
    Sentiment,
    TaskPriority,
    TaskStatus,
    TaskType,
    TimeUnit,
    TimelineKind,
    UserStatus,
    WebhookStatus,
    WriterOutcome,
):
    strawberry.enum(_enum, description=(_enum.__doc__ or "").strip().splitlines()[0])

__all__ = [
    "AbmCampaignSortField",
    "ActionStatus",
    "ActivityType",
    "AdCampaignSortField",
    "AdPerformanceDimension",
    "AdPerformanceSortField",
    "AlertType",
    "Basis",
    "CalendarUnit",
    "CampaignStatus",
    "Channel",
    "ComplianceItemSortField",
    "ComplianceStatus",
    "ComplianceStatusFilter",
    "ConnectionKind",
    "ConversionSubject",
    "CredentialKind",
    "DeliveryStatus",
    "Dialect",
    "Direction",
    "DocumentType",
    "Door",
    "EmailStatus",
    "EndUserSortField",
    "EngagementType",
    "EntryStatus",
    "EventType",
    "EvidenceKind",
    "FeedOutcome",
    "FeedbackCategory",
    "FeedbackDimension",
    "FeedbackPriority",
    "FeedbackSortField",
    "FeedbackSource",
    "FindingKind",
    "InsuranceType",
    "ItemStatus",
    "JobKind",
    "JobStatus",
    "LeadSortField",
    "LeadStatus",
    "Level",
    "LimitGroup",
    "LimitWindow",
    "LocalizationMethod",
    "NoteVisibility",
    "OncePer",
    "Outcome",
    "Permission",
    "PlaybookKind",
    "ProcessingStatus",
    "QueueName",
    "ReportDimension",
    "ResearchStage",
    "ResearchStatus",
    "ResponseModel",
    "RiskLevel",
    "Role",
    "RuleAction",
    "Sentiment",
    "TaskPriority",
    "TaskStatus",
    "TaskType",
    "TimeUnit",
    "TimelineKind",
    "UserStatus",
    "WebhookStatus",
    "WriterOutcome",
]

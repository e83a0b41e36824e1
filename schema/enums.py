"""The domain's enumerations as GraphQL says them."""

import strawberry

from domain.activities import ActivityType
from domain.audit import Door, Outcome
from domain.connections import ConnectionKind
from domain.credentials import CredentialKind
from domain.emails import EmailStatus
from domain.events import EventType
from domain.leads import InsuranceType, LeadStatus
from domain.levels import Basis
from domain.limits import LimitGroup, LimitWindow
from domain.localization import LocalizationMethod
from domain.marketing import CampaignStatus
from domain.permissions import Permission, Role
from domain.tasks import TaskPriority, TaskStatus, TaskType
from domain.users import UserStatus
from domain.viewer import Dialect
from domain.visibility import NoteVisibility
from domain.webhooks import DeliveryStatus, WebhookStatus
from domain.writing import WriterOutcome
from resolvers.ad_campaigns import AdCampaignSortField
from resolvers.leads import Direction, LeadSortField
from resolvers.operations import QueueName
from resolvers.reports import ReportDimension

for _enum in (
    ActivityType,
    AdCampaignSortField,
    Basis,
    CampaignStatus,
    ConnectionKind,
    CredentialKind,
    DeliveryStatus,
    Dialect,
    Direction,
    Door,
    EmailStatus,
    EventType,
    InsuranceType,
    LeadSortField,
    LeadStatus,
    LimitGroup,
    LimitWindow,
    LocalizationMethod,
    NoteVisibility,
    Outcome,
    Permission,
    QueueName,
    ReportDimension,
    Role,
    TaskPriority,
    TaskStatus,
    TaskType,
    UserStatus,
    WebhookStatus,
    WriterOutcome,
):
    strawberry.enum(_enum, description=(_enum.__doc__ or "").strip().splitlines()[0])

__all__ = [
    "ActivityType",
    "AdCampaignSortField",
    "Basis",
    "CampaignStatus",
    "ConnectionKind",
    "CredentialKind",
    "DeliveryStatus",
    "Dialect",
    "Direction",
    "Door",
    "EmailStatus",
    "EventType",
    "InsuranceType",
    "LeadSortField",
    "LeadStatus",
    "LimitGroup",
    "LimitWindow",
    "LocalizationMethod",
    "NoteVisibility",
    "Outcome",
    "Permission",
    "QueueName",
    "ReportDimension",
    "Role",
    "TaskPriority",
    "TaskStatus",
    "TaskType",
    "UserStatus",
    "WebhookStatus",
    "WriterOutcome",
]

"""The domain's enumerations as GraphQL says them."""

import strawberry

from domain.activities import ActivityType
from domain.audit import Door, Outcome
from domain.credentials import CredentialKind
from domain.emails import EmailStatus
from domain.events import EventType
from domain.leads import InsuranceType, LeadStatus
from domain.limits import LimitGroup, LimitWindow
from domain.permissions import Permission, Role
from domain.tasks import TaskPriority, TaskStatus, TaskType
from domain.users import UserStatus
from domain.viewer import Dialect
from domain.visibility import NoteVisibility
from resolvers.leads import Direction, LeadSortField
from resolvers.reports import ReportDimension

for _enum in (
    ActivityType,
    CredentialKind,
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
    NoteVisibility,
    Outcome,
    Permission,
    ReportDimension,
    Role,
    TaskPriority,
    TaskStatus,
    TaskType,
    UserStatus,
):
    strawberry.enum(_enum, description=(_enum.__doc__ or "").strip().splitlines()[0])

__all__ = [
    "ActivityType",
    "CredentialKind",
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
    "NoteVisibility",
    "Outcome",
    "Permission",
    "ReportDimension",
    "Role",
    "TaskPriority",
    "TaskStatus",
    "TaskType",
    "UserStatus",
]

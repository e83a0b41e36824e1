"""Tasks on leads, and which of their states are final."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.errors import Code, conflict


class TaskPriority(StrEnum):
    """How pressing a task is."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


class TaskType(StrEnum):
    """What kind of work a task is."""

    FOLLOW_UP = "FOLLOW_UP"
    CALL = "CALL"
    MEETING = "MEETING"
    EMAIL = "EMAIL"
    QUOTE = "QUOTE"
    OTHER = "OTHER"


class TaskStatus(StrEnum):
    """Where a task stands; COMPLETED and CANCELLED are final (CU-47)."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"

    @property
    def final(self) -> bool:
        """Whether no other status may follow."""
        return self in (TaskStatus.COMPLETED, TaskStatus.CANCELLED)


class Task(Owned, Entity):
    """Something somebody has to do for a lead, or for a contact by a campaign."""

    __tablename__ = "task"
    __table_args__ = (
        # Most name nobody but a lead; as nothing in an index, they do not make databases take it for useless.
        Index(
            "ix_task_contact",
            "contact_id",
            "created_at",
            "id",
            sqlite_where=text("contact_id IS NOT NULL"),
            postgresql_where=text("contact_id IS NOT NULL"),
        ),
        Index("ix_task_campaign", "campaign_id", "created_at", "id"),
        Index("ix_task_lead", "lead_id", "created_at", "id"),
        Index("ix_task_recent", "organization_id", "created_at", "id"),
        Index("ix_task_assignee", "assignee_id", "created_at", "id"),
    )
    prefix, label = "task", "Task"

    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    campaign_id: Mapped[str | None] = mapped_column(ForeignKey("abm_campaign.id", ondelete="SET NULL"))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_content.id", ondelete="SET NULL"))
    title: Mapped[str]
    description: Mapped[str | None]
    priority: Mapped[TaskPriority]
    status: Mapped[TaskStatus]
    type: Mapped[TaskType]
    due_date: Mapped[datetime | None]
    assignee_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    def take_status(self, status: TaskStatus, at: datetime) -> bool:
        """Move to another status; False when it is the same.

        Raises:
            DomainError: CONFLICT when the task is already completed or cancelled.
        """
        if status is self.status:
            return False
        if self.status.final:
            raise conflict(f"The task is {self.status}; its status is final.", "status", Code.TASK_CLOSED)
        self.status = status
        self.completed_at = at if status is TaskStatus.COMPLETED else None
        return True

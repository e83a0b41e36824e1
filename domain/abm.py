"""Campaigns for one company: their plan, their schedule, and the rules by which they react."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.channels import Channel
from domain.engagement import EngagementType
from domain.entity import Entity, Owned
from domain.errors import conflict
from domain.marketing import CampaignStatus
from domain.values import iso


def _due(name: str) -> Index:
    return Index(name, "due_at", sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL"))


class ItemStatus(StrEnum):
    """Where a planned piece stands: waiting for its time, sent, made into tasks, not done for a reason, taken back."""

    SCHEDULED = "SCHEDULED"
    SENT = "SENT"
    ASSIGNED = "ASSIGNED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class ActionStatus(StrEnum):
    """Where a reaction stands: waiting for its delay, done, not done for a reason, taken back."""

    SCHEDULED = "SCHEDULED"
    DONE = "DONE"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class RuleAction(StrEnum):
    """What a rule does; what is no e-mail becomes a task for somebody."""

    SEND_LINKEDIN_CONNECTION = "SEND_LINKEDIN_CONNECTION"
    SEND_FOLLOW_UP_EMAIL = "SEND_FOLLOW_UP_EMAIL"
    CREATE_TASK = "CREATE_TASK"


class OncePer(StrEnum):
    """How often a rule fires: once for a person, or once for a person and each planned piece."""

    CONTACT = "CONTACT"
    ITEM = "ITEM"


class AbmCampaign(Owned, Entity):
    """A campaign for one company. `strategy` holds the week plans, `expected` intervals and bases of what is expected.

    It ends by itself at `due_at`. While it is paused, `due_at` is None and nothing of it leaves.
    """

    __tablename__ = "abm_campaign"
    __table_args__ = (
        Index("ix_abm_campaign_recent", "organization_id", "created_at", "id"),
        Index("ix_abm_campaign_account", "account_id", "created_at", "id"),
        Index("ix_abm_campaign_status", "organization_id", "status", "created_at", "id"),
        _due("ix_abm_campaign_due"),
    )
    prefix, label = "cmp", "Campaign"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str]
    status: Mapped[CampaignStatus]
    campaign_type: Mapped[str]
    objective: Mapped[str | None]
    channels: Mapped[list[str]]
    start_date: Mapped[datetime]
    end_date: Mapped[datetime]
    duration_weeks: Mapped[int]
    frequency: Mapped[str]
    strategy: Mapped[list[dict[str, Any]]]
    personalization_level: Mapped[str | None]
    include_ai_insights: Mapped[bool | None]
    dynamic_content: Mapped[bool | None]
    behavioral_triggers: Mapped[bool | None]
    automation_enabled: Mapped[bool]
    automation_triggers: Mapped[list[str]]
    automation_optimization: Mapped[bool | None]
    automation_ab_testing: Mapped[bool]
    expected_response_rate: Mapped[float]
    expected_meeting_conversion: Mapped[float]
    expected_roi: Mapped[float]
    expected: Mapped[dict[str, Any]]
    tokens_used: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id", ondelete="SET NULL"))
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    def require_open(self, field: str = "id") -> None:
        """Let a campaign pass that may still be changed.

        Raises:
            DomainError: CONFLICT when it is completed, which is final.
        """
        if self.status is CampaignStatus.COMPLETED:
            raise conflict("The campaign is completed; that is final.", field)

    def pause(self, at: datetime) -> bool:
        """Have nothing more leave until it is resumed; False when it is paused already."""
        self.require_open()
        if self.status is CampaignStatus.PAUSED:
            return False
        self.status, self.paused_at, self.due_at, self.updated_at = CampaignStatus.PAUSED, at, None, at
        return True

    def resume(self, at: datetime) -> tuple[datetime, timedelta] | None:
        """Go on; since when it was paused, and by how many whole days its plan moves. None when it was not paused."""
        self.require_open()
        if self.status is not CampaignStatus.PAUSED or self.paused_at is None:
            return None
        since = self.paused_at
        # Whole days, so that times of day stay what they are.
        moved = timedelta(days=max(at - since, timedelta()).days)
        self.end_date += moved
        self.status, self.paused_at, self.due_at, self.updated_at = CampaignStatus.ACTIVE, None, self.end_date, at
        return since, moved

    def complete(self, at: datetime) -> None:
        """Be over, by itself at its end or earlier by somebody's decision."""
        self.require_open()
        self.status, self.completed_at, self.due_at, self.updated_at = CampaignStatus.COMPLETED, at, None, at
        self.paused_at = None

    def facts(self) -> dict[str, Any]:
        """The campaign as events tell it."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status.value,
            "accountId": self.account_id,
            "startDate": iso(self.start_date),
            "endDate": iso(self.end_date),
        }


class CampaignPersona(Owned, Entity):
    """That a campaign is for a persona; `position` is that in the request."""

    __tablename__ = "campaign_persona"
    __table_args__ = (
        Index("ux_campaign_persona", "campaign_id", "persona_id", unique=True),
        Index("ix_campaign_persona_persona", "persona_id"),
    )
    prefix, label = "cpersona", "CampaignPersona"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("abm_campaign.id", ondelete="CASCADE"))
    persona_id: Mapped[str] = mapped_column(ForeignKey("persona.id", ondelete="CASCADE"))
    position: Mapped[int]


class ScheduledContent(Owned, Entity):
    """One planned piece. `local_id` is its id inside the campaign, such as `cnt_week1_email` (CC-21).

    `variants` are the versions that are compared: each has a `key`, `subject`, `text` and `html`, in which places like
    `{{first_name}}` are filled when it leaves (`domain.abm_texts.for_reader`); who gets which is told by the e-mail.
    `due_at` is when it is done next; None when it is over or the campaign is paused. `note` says why it was not done,
    or for whom not.
    """

    __tablename__ = "scheduled_content"
    __table_args__ = (
        Index("ux_scheduled_content_local", "campaign_id", "local_id", unique=True),
        Index("ix_scheduled_content_campaign", "campaign_id", "send_time", "id"),
        Index("ix_scheduled_content_recent", "organization_id", "created_at", "id"),
        _due("ix_scheduled_content_due"),
    )
    prefix, label = "item", "Planned content"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("abm_campaign.id", ondelete="CASCADE"))
    content_id: Mapped[str | None] = mapped_column(ForeignKey("content.id", ondelete="SET NULL"))
    local_id: Mapped[str]
    week: Mapped[int]
    position: Mapped[int]
    date: Mapped[date]
    type: Mapped[str]
    channel: Mapped[Channel]
    content_type: Mapped[str | None]
    subject: Mapped[str | None]
    message: Mapped[str | None]
    variants: Mapped[list[dict[str, Any]]]
    status: Mapped[ItemStatus]
    send_time: Mapped[datetime]
    due_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    executed_at: Mapped[datetime | None]
    note: Mapped[str | None]

    def require_open(self, field: str = "id") -> None:
        """Let a piece pass that still waits for its time.

        Raises:
            DomainError: CONFLICT for one that is done, left out or taken back.
        """
        if self.status is not ItemStatus.SCHEDULED:
            raise conflict(f"The planned content is {self.status}; only what is SCHEDULED can be changed.", field)

    def move(self, by: timedelta) -> None:
        """Be done later, by whole days."""
        self.send_time += by
        self.date += by
        self.due_at = self.send_time

    def cancel(self) -> None:
        """Be taken back."""
        self.status, self.due_at, self.note = ItemStatus.CANCELLED, None, None


class AutomationRule(Owned, Entity):
    """What a campaign does when something is noticed, and how long after it."""

    __tablename__ = "automation_rule"
    __table_args__ = (Index("ix_automation_rule_campaign", "campaign_id", "position", "id"),)
    prefix, label = "rule", "Rule"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("abm_campaign.id", ondelete="CASCADE"))
    position: Mapped[int]
    trigger: Mapped[EngagementType]
    action: Mapped[RuleAction]
    delay_seconds: Mapped[int]
    enabled: Mapped[bool] = mapped_column(default=True)
    once_per: Mapped[OncePer]


class TriggeredAction(Owned, Entity):
    """A rule that has fired for somebody. `scope_key` is what it fires once for; `due_at` when it is done."""

    __tablename__ = "triggered_action"
    __table_args__ = (
        Index("ux_triggered_action_scope", "rule_id", "scope_key", unique=True),
        Index("ix_triggered_action_campaign", "campaign_id", "created_at", "id"),
        Index("ix_triggered_action_engagement", "engagement_id", "created_at", "id"),
        _due("ix_triggered_action_due"),
    )
    prefix, label = "trig", "Triggered action"

    rule_id: Mapped[str] = mapped_column(ForeignKey("automation_rule.id", ondelete="CASCADE"))
    campaign_id: Mapped[str] = mapped_column(ForeignKey("abm_campaign.id", ondelete="CASCADE"))
    engagement_id: Mapped[str] = mapped_column(ForeignKey("engagement_event.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    item_id: Mapped[str | None] = mapped_column(ForeignKey("scheduled_content.id", ondelete="SET NULL"))
    scope_key: Mapped[str]
    action: Mapped[RuleAction]
    scheduled_time: Mapped[datetime]
    status: Mapped[ActionStatus]
    due_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    email_id: Mapped[str | None] = mapped_column(ForeignKey("email.id", ondelete="SET NULL"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("task.id", ondelete="SET NULL"))
    note: Mapped[str | None]

    def after_pause(self, since: datetime, now: datetime) -> None:
        """Be done as long after a pause as it was planned after its beginning, or after what it follows, if later."""
        self.scheduled_time += max(now - max(since, self.created_at), timedelta())
        self.due_at = self.scheduled_time

    def cancel(self) -> None:
        """Be taken back."""
        self.status, self.due_at, self.note = ActionStatus.CANCELLED, None, None


class CampaignDay(Owned, Entity):
    """What happened in a campaign on one day in UTC, added up as it happens, so that reports read days and not events.

    Openings, clicks and replies count messages, each once; `engagements` counts everything but mail that came back, and
    `score_sum` adds up the scores.
    """

    __tablename__ = "campaign_day"
    __table_args__ = (Index("ux_campaign_day", "campaign_id", "day", unique=True),)
    prefix, label = "cday", "CampaignDay"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("abm_campaign.id", ondelete="CASCADE"))
    day: Mapped[date]
    emails_sent: Mapped[int] = mapped_column(default=0)
    emails_delivered: Mapped[int] = mapped_column(default=0)
    emails_opened: Mapped[int] = mapped_column(default=0)
    emails_clicked: Mapped[int] = mapped_column(default=0)
    emails_replied: Mapped[int] = mapped_column(default=0)
    meetings_scheduled: Mapped[int] = mapped_column(default=0)
    meetings_completed: Mapped[int] = mapped_column(default=0)
    conversions: Mapped[int] = mapped_column(default=0)
    engagements: Mapped[int] = mapped_column(default=0)
    score_sum: Mapped[float] = mapped_column(default=0.0)

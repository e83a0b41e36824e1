"""What operators look at: how much waits in the queues, how endpoints fare, how far the log has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, true, union_all

from domain.abm import ScheduledContent, TriggeredAction
from domain.connections import ConnectionKind
from domain.emails import Email, EmailStatus
from domain.jobs import EntryStatus, Job, JobEntry
from domain.organizations import Organization
from domain.permissions import Permission
from domain.research import ResearchRun, ResearchStatus
from domain.webhooks import DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookStatus
from domain.work import PeriodicTask
from resolvers.reads import Statement
from resolvers.webhook_lines import unhindered

PERMISSION = Permission.READ_AUDIT
"""Who looks at operations sees addresses and users, as in the audit log."""

_DAY = timedelta(days=1)


class QueueName(StrEnum):
    """What waits to be worked on."""

    WEBHOOK_DELIVERIES = "WEBHOOK_DELIVERIES"
    MAIL = "MAIL"
    BATCH_ENTRIES = "BATCH_ENTRIES"
    BATCH_CALLBACKS = "BATCH_CALLBACKS"
    CAMPAIGN_CONTENT = "CAMPAIGN_CONTENT"
    CAMPAIGN_ACTIONS = "CAMPAIGN_ACTIONS"
    RESEARCH = "RESEARCH"


@dataclass(frozen=True, slots=True)
class LiveConnection:
    """A stream that is open in one process. `waiting` messages are made but not taken by its client."""

    id: str
    kind: ConnectionKind
    client_id: str
    client_name: str
    user_id: str | None
    address: str | None
    opened_at: datetime
    operations: int
    sent: int
    waiting: int


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much of a queue should have been begun, since when at most, and how much has time or waits for another."""

    queue: QueueName
    due: int
    waiting: int
    oldest_due_at: datetime | None
    failed_last_day: int | None = None


@dataclass(frozen=True, slots=True)
class EndpointCounts:
    """Endpoints by state; `broken` are those of the active ones that are left alone for a while."""

    active: int = 0
    paused: int = 0
    disabled: int = 0
    broken: int = 0


def depths(now: datetime, organization_id: str | None = None) -> Any:
    """One row per queue: name, due, unfinished, oldest due; of one organization or of all."""
    deliveries = _depth(QueueName.WEBHOOK_DELIVERIES, WebhookDelivery, now, unhindered(now))
    mail = _depth(QueueName.MAIL, Email, now, true())
    entries = _depth(QueueName.BATCH_ENTRIES, JobEntry, now, true())
    callbacks = _depth(QueueName.BATCH_CALLBACKS, Job, now, true(), Job.callback_due_at)
    planned = _depth(QueueName.CAMPAIGN_CONTENT, ScheduledContent, now, true())
    reactions = _depth(QueueName.CAMPAIGN_ACTIONS, TriggeredAction, now, true())
    researches = _depth(QueueName.RESEARCH, ResearchRun, now, true())
    return union_all(
        deliveries.where(_of(WebhookDelivery, organization_id)),
        mail.where(_of(Email, organization_id)),
        entries.where(_of(JobEntry, organization_id)),
        callbacks.where(_of(Job, organization_id)),
        planned.where(_of(ScheduledContent, organization_id)),
        reactions.where(_of(TriggeredAction, organization_id)),
        researches.where(_of(ResearchRun, organization_id)),
    )


def depths_of(rows: Sequence[Any], failed: dict[QueueName, int] | None = None) -> list[QueueDepth]:
    """What `depths` found; of what campaigns do nothing is given up, and so nothing is counted."""
    known = None if failed is None else dict.fromkeys(QueueName, 0) | failed
    return [
        QueueDepth(QueueName(name), due, unfinished - due, oldest, known[QueueName(name)] if known else None)
        for name, due, unfinished, oldest in rows
    ]


def failed(now: datetime, organization_id: str) -> Any:
    """One row per queue: name, and how many were given up within a day: mail by when it had to leave, of batches what
    was over by then, researches by when they were asked for.
    """
    since = now - _DAY
    deliveries = (
        select(literal(QueueName.WEBHOOK_DELIVERIES.value), func.count(WebhookDelivery.id.distinct()))
        .join(WebhookAttempt, WebhookAttempt.delivery_id == WebhookDelivery.id)
        .where(WebhookDelivery.organization_id == organization_id, WebhookDelivery.status == DeliveryStatus.FAILED)
        .where(WebhookAttempt.created_at > since)
    )
    planned = func.coalesce(Email.scheduled_for, Email.created_at)
    mail = select(literal(QueueName.MAIL.value), func.count()).where(
        Email.organization_id == organization_id, Email.status == EmailStatus.FAILED, planned > since
    )
    lately = (Job.organization_id == organization_id, Job.finished_at > since)
    entries = (
        select(literal(QueueName.BATCH_ENTRIES.value), func.count())
        .select_from(JobEntry)
        .join(Job, Job.id == JobEntry.job_id)
        .where(*lately, JobEntry.status == EntryStatus.FAILED)
    )
    given_up = (Job.callback_failure.is_not(None), Job.callback_due_at.is_(None))
    callbacks = select(literal(QueueName.BATCH_CALLBACKS.value), func.count()).where(*lately, *given_up)
    researches = select(literal(QueueName.RESEARCH.value), func.count()).where(
        ResearchRun.organization_id == organization_id,
        ResearchRun.status == ResearchStatus.FAILED,
        ResearchRun.created_at > since,
    )
    return union_all(deliveries, mail, entries, callbacks, researches)


def failed_of(rows: Sequence[Any]) -> dict[QueueName, int]:
    """What `failed` found."""
    return {QueueName(name): number for name, number in rows}


def endpoints(now: datetime, organization_id: str | None = None) -> Statement:
    """One row per state: state, endpoints, those left alone for a while; of one organization or of all."""
    broken = func.sum(case((WebhookEndpoint.broken_until > now, 1), else_=0))
    statement = select(WebhookEndpoint.status, func.count(), broken).where(WebhookEndpoint.deleted_at.is_(None))
    return statement.where(_of(WebhookEndpoint, organization_id)).group_by(WebhookEndpoint.status)


def endpoints_of(rows: Sequence[Any]) -> EndpointCounts:
    """What `endpoints` found."""
    counts = {WebhookStatus(status): (number, broken) for status, number, broken in rows}
    active, broken = counts.get(WebhookStatus.ACTIVE, (0, 0))
    paused, disabled = (counts.get(each, (0, 0))[0] for each in (WebhookStatus.PAUSED, WebhookStatus.DISABLED))
    return EndpointCounts(active, paused, disabled, broken)


def recorded() -> Statement:
    """How many events all organizations have recorded in all."""
    return select(func.coalesce(func.sum(Organization.event_sequence), 0))


def newest(organization_ids: Sequence[str]) -> Statement:
    """The number of the newest event of each of these organizations."""
    return select(Organization.id, Organization.event_sequence).where(Organization.id.in_(organization_ids))


def periodic() -> Statement:
    """Periodic tasks: name, when due next, when finished last, whether the last time failed."""
    return select(PeriodicTask.name, PeriodicTask.due_at, PeriodicTask.finished_at, PeriodicTask.failure.is_not(None))


def _depth(name: QueueName, entity: type[Any], now: datetime, free: ColumnElement[bool], at: Any = None) -> Statement:
    """How much of what is not done is due and `free`: what waits for another, or for its receiver, is not late."""
    at = entity.due_at if at is None else at
    ready = and_(at <= now, free)
    due, oldest = func.coalesce(func.sum(case((ready, 1), else_=0)), 0), func.min(case((ready, at)))
    statement = select(literal(name.value), due, func.count(), oldest).select_from(entity)
    # Told by the index of what is due alone: whatever is not done has its time, and nothing else has one.
    return statement.where(at.is_not(None))


def _of(entity: type[Any], organization_id: str | None) -> ColumnElement[bool]:
    return true() if organization_id is None else entity.organization_id == organization_id

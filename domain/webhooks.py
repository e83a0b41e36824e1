"""Webhooks: who wants to be told what where, what is told, and how often it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.events import EventType
from domain.viewer import Dialect


class WebhookStatus(StrEnum):
    """Whether an endpoint is told: it is, its owner has paused it, or it was given up."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    DISABLED = "DISABLED"


class DeliveryStatus(StrEnum):
    """Where a delivery stands: due now or later, taken by its receiver, or given up."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class WebhookEndpoint(Owned, Entity):
    """An address that is told what happens, in the words of a product or as a selection of its own.

    It sees what its client, on behalf of its user if it has one, may see at that moment. `scopes` are those of the
    credential it was registered with: it never hears more than they allow, and None are all of its client's. With the
    authorization `grant_id`, if that was a token's, it ends too. `position` is the number of the last event it was
    considered for; `failures` counts failed attempts since the last success, and until `broken_until` nothing is tried.
    `dialect` None tells in the graph's own words, `query` as the subscriber selects.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index("ix_webhook_endpoint_recent", "organization_id", "created_at", "id"),
        Index("ix_webhook_endpoint_client", "client_id"),
        Index(
            "ix_webhook_endpoint_told",
            "organization_id",
            "position",
            sqlite_where=text("status = 'ACTIVE' AND deleted_at IS NULL"),
            postgresql_where=text("status = 'ACTIVE' AND deleted_at IS NULL"),
        ),
    )
    prefix, label = "wh", "Webhook"

    client_id: Mapped[str] = mapped_column(ForeignKey("api_client.id", ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    grant_id: Mapped[str | None]
    dialect: Mapped[Dialect | None]
    url: Mapped[str]
    description: Mapped[str | None]
    events: Mapped[list[str]]
    scopes: Mapped[list[str] | None]
    query: Mapped[str | None]
    strict_order: Mapped[bool] = mapped_column(default=False)
    status: Mapped[WebhookStatus] = mapped_column(default=WebhookStatus.ACTIVE)
    status_reason: Mapped[str | None]
    position: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(default=0)
    broken_until: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    def facts(self) -> dict[str, Any]:
        """The webhook as events tell it: of its address only the host, for the rest may hold a token."""
        return {
            "id": self.id,
            "host": urlsplit(self.url).hostname,
            "dialect": self.dialect,
            "events": self.events,
            "strictOrder": self.strict_order,
            "status": self.status,
            "clientId": self.client_id,
        }

    def wants(self, type: EventType) -> bool:
        """Whether this kind of event was asked for."""
        return type.value in self.events

    def succeeded(self, status: int, at: datetime) -> None:
        """Note that a delivery was taken: the endpoint is well again."""
        self.failures, self.broken_until = 0, None
        self.last_attempt_at = self.last_success_at = at
        self.last_status = status

    def failed(self, status: int | None, at: datetime, most: int, pause_seconds: float) -> None:
        """Note a failed attempt; from `most` in a row on, each opens the breaker for a pause."""
        self.failures += 1
        self.last_attempt_at, self.last_status = at, status
        if self.failures >= most:
            self.broken_until = at + timedelta(seconds=pause_seconds)

    def disable(self, reason: str) -> None:
        """Give the endpoint up until its owner says otherwise."""
        self.status, self.status_reason = WebhookStatus.DISABLED, reason


class WebhookSecret(Owned, Entity):
    """What an endpoint's deliveries are signed with; during a rotation two are in force, the newest first."""

    __tablename__ = "webhook_secret"
    __table_args__ = (Index("ix_webhook_secret_endpoint", "endpoint_id", "created_at", "id"),)
    prefix, label = "whs", "Webhook secret"

    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    sealed: Mapped[str]
    hint: Mapped[str]
    expires_at: Mapped[datetime | None]

    def in_force(self, at: datetime) -> bool:
        """Whether deliveries are signed with it."""
        return self.expires_at is None or self.expires_at > at


class WebhookDelivery(Owned, Entity):
    """One message to one endpoint: its id and body stay the same however often it is tried.

    `sequence` is the event's number, None for a test. `due_at` is when it has to be tried next, in strict order not
    before earlier ones are done; None when nothing is left to do. `taken` counts how often it was taken up, which makes
    each attempt known by a name of its own; until `leased_until` it is in the hands of who took it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ux_webhook_delivery_event", "endpoint_id", "sequence", unique=True),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "created_at", "id"),
        Index("ix_webhook_delivery_recent", "organization_id", "created_at", "id"),
        Index(
            "ix_webhook_delivery_due",
            "endpoint_id",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "ix_webhook_delivery_leased",
            "endpoint_id",
            "leased_until",
            sqlite_where=text("leased_until IS NOT NULL"),
            postgresql_where=text("leased_until IS NOT NULL"),
        ),
        Index(
            "ix_webhook_delivery_pending",
            "endpoint_id",
            "sequence",
            sqlite_where=text("status = 'PENDING'"),
            postgresql_where=text("status = 'PENDING'"),
        ),
    )
    prefix, label = "msg", "Webhook delivery"

    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    sequence: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[EventType]
    name: Mapped[str]
    body: Mapped[str]
    test: Mapped[bool] = mapped_column(default=False)
    status: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.PENDING)
    due_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    failure: Mapped[str | None]
    delivered_at: Mapped[datetime | None]

    def delivered(self, status: int, at: datetime) -> None:
        """Note that the receiver has taken it."""
        self.attempts += 1
        self.status, self.last_status, self.delivered_at = DeliveryStatus.DELIVERED, status, at
        self.due_at, self.failure = None, None

    def failed(self, status: int | None, reason: str, at: datetime, schedule: Sequence[float], jitter: float) -> bool:
        """Note a failed attempt and plan the next, its pause lengthened by a fraction; False when it was the last."""
        self.attempts += 1
        self.last_status, self.failure = status, reason
        if self.attempts >= len(schedule):
            self.status, self.due_at = DeliveryStatus.FAILED, None
            return False
        self.due_at = at + timedelta(seconds=schedule[self.attempts] * (1 + jitter))
        return True

    def again(self, at: datetime) -> None:
        """Have it delivered once more, from the start of the schedule, when nobody has it in hand any more."""
        self.status, self.attempts = DeliveryStatus.PENDING, 0
        self.due_at = max(at, self.leased_until or at)
        self.delivered_at = self.failure = None


class WebhookAttempt(Owned, Entity):
    """One try of a delivery, how many milliseconds it took, and what was answered, or why nothing was."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index("ix_webhook_attempt_delivery", "delivery_id", "created_at", "id"),)
    prefix, label = "try", "Webhook attempt"

    delivery_id: Mapped[str] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"))
    number: Mapped[int]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    failure: Mapped[str | None]
    response: Mapped[str | None]

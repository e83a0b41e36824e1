"""Reads of webhooks, their deliveries and the tries of each. Never a secret; what was sent only to who may see it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, null, or_, select

from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Dialect, Viewer
from domain.visibility import heard_by
from domain.webhooks import (
    DeliveryStatus,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
    WebhookStatus,
)
from resolvers import clients, cursors, events, users
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, newest_first, reads, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFilter:
    """Which webhooks are wanted; `mine` are those of the calling client."""

    dialect: Dialect | None = None
    status: WebhookStatus | None = None
    client: str | None = None
    mine: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted; bounds are inclusive."""

    webhook: str | None = None
    status: DeliveryStatus | None = None
    type: EventType | None = None
    test: bool | None = None
    first_sequence: int | None = None
    last_sequence: int | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@reads(WebhookEndpoint, Permission.READ_WEBHOOKS)
def visible(viewer: Viewer) -> Statement:
    """Webhooks of the organization."""
    return visible_to(viewer, WebhookEndpoint)


@reads(WebhookEndpoint, Permission.READ_WEBHOOKS)
def search(viewer: Viewer, where: WebhookFilter | None = None) -> Listing:
    """Webhooks, newest first."""
    wanted = where or WebhookFilter()
    statement = visible_to(viewer, WebhookEndpoint)
    if wanted.dialect:
        statement = statement.where(WebhookEndpoint.dialect == wanted.dialect)
    if wanted.status:
        statement = statement.where(WebhookEndpoint.status == wanted.status)
    if wanted.client:
        statement = statement.where(WebhookEndpoint.client_id == wanted.client)
    if wanted.mine is not None:
        own = _own(viewer)
        statement = statement.where(own if wanted.mine else ~own)
    # Totals are remembered by user, and clients of one user have webhooks of their own.
    return Listing(statement, newest_first(WebhookEndpoint), told=wanted.mine is None)


@reads(WebhookSecret, Permission.READ_WEBHOOKS)
def visible_secrets(viewer: Viewer) -> Statement:
    """Secrets of webhooks, of which only hints are told."""
    return visible_to(viewer, WebhookSecret).where(WebhookSecret.endpoint_id.in_(_there(viewer)))


@reads(WebhookSecret, Permission.READ_WEBHOOKS)
def search_secrets(viewer: Viewer) -> Listing:
    """Secrets, newest first."""
    return Listing(visible_secrets.build(viewer), newest_first(WebhookSecret), told=False)


@reads(WebhookDelivery, Permission.READ_WEBHOOKS)
def visible_deliveries(viewer: Viewer) -> Statement:
    """Deliveries to webhooks that are not deleted."""
    return visible_to(viewer, WebhookDelivery).where(WebhookDelivery.endpoint_id.in_(_there(viewer)))


@reads(WebhookDelivery, Permission.READ_WEBHOOKS)
def search_deliveries(viewer: Viewer, where: DeliveryFilter | None = None) -> Listing:
    """Deliveries, newest first; no event tells of them, so their total is counted each time."""
    statement = visible_deliveries.build(viewer)
    for condition in _wanted(where or DeliveryFilter()):
        statement = statement.where(condition)
    return Listing(statement, newest_first(WebhookDelivery), told=False)


@reads(WebhookAttempt, Permission.READ_WEBHOOKS)
def visible_attempts(viewer: Viewer) -> Statement:
    """Tries of deliveries to webhooks that are not deleted."""
    kept = exists().where(
        WebhookDelivery.id == WebhookAttempt.delivery_id, WebhookDelivery.endpoint_id.in_(_there(viewer))
    )
    return visible_to(viewer, WebhookAttempt).where(kept)


@reads(WebhookAttempt, Permission.READ_WEBHOOKS)
def search_attempts(viewer: Viewer) -> Listing:
    """Tries, in their order."""
    order = Order(WebhookAttempt.created_at, descending=False)
    return Listing(visible_to(viewer, WebhookAttempt), order, told=False)


def pending_count(viewer: Viewer) -> ColumnElement[int]:
    """How many deliveries of a webhook are not done."""
    waiting = select(func.count()).select_from(WebhookDelivery)
    own = (WebhookDelivery.endpoint_id == WebhookEndpoint.id, WebhookDelivery.status == DeliveryStatus.PENDING)
    return waiting.where(*own).correlate(WebhookEndpoint).scalar_subquery()


def body(viewer: Viewer) -> ColumnElement[Any]:
    """What is sent, for administrators, and for the client whose webhook it is as far as it may hear of such events."""
    if Permission.ADMIN in viewer.permissions:
        return WebhookDelivery.body.expression
    own = exists().where(WebhookEndpoint.id == WebhookDelivery.endpoint_id, _own(viewer))
    return case((and_(WebhookDelivery.type.in_(heard_by(viewer)), own), WebhookDelivery.body), else_=null())


def cursor_of(sequence: int | None) -> str | None:
    """The cursor of the event a delivery tells of; a test tells of none."""
    return None if sequence is None else cursors.place(sequence)


def is_active(status: WebhookStatus) -> bool:
    """Whether a webhook is told."""
    return status is WebhookStatus.ACTIVE


def _own(viewer: Viewer) -> ColumnElement[bool]:
    """Webhooks of the calling client, on behalf of nobody else than the viewer."""
    theirs = or_(WebhookEndpoint.user_id.is_(None), WebhookEndpoint.user_id == viewer.user_id)
    return and_(WebhookEndpoint.client_id == viewer.client_id, theirs) if viewer.client_id else false()


def _there(viewer: Viewer) -> Statement:
    return visible_to(viewer, WebhookEndpoint).with_only_columns(WebhookEndpoint.id)


def _wanted(where: DeliveryFilter) -> list[ColumnElement[bool]]:
    plain = {
        "webhook": WebhookDelivery.endpoint_id,
        "status": WebhookDelivery.status,
        "type": WebhookDelivery.type,
        "test": WebhookDelivery.test,
    }
    given = {each.name: getattr(where, each.name) for each in fields(where)}
    conditions: list[ColumnElement[bool]] = [
        column == given[name] for name, column in plain.items() if given[name] is not None
    ]
    if where.first_sequence is not None:
        conditions.append(WebhookDelivery.sequence >= where.first_sequence)
    if where.last_sequence is not None:
        conditions.append(WebhookDelivery.sequence <= where.last_sequence)
    if where.created_from is not None:
        conditions.append(WebhookDelivery.created_at >= start_of(where.created_from))
    if where.created_to is not None:
        conditions.append(WebhookDelivery.created_at <= end_of(where.created_to))
    return conditions


client = ToOne(clients.visible, WebhookEndpoint.client_id)
user = ToOne(users.visible, WebhookEndpoint.user_id)
secrets = ToMany(search_secrets, WebhookSecret.endpoint_id)
deliveries = ToMany(search_deliveries, WebhookDelivery.endpoint_id)
of_delivery = ToOne(visible, WebhookDelivery.endpoint_id)
event = ToOne(events.visible, WebhookDelivery.sequence, by=Event.sequence)
previewed = ToOne(events.visible, "event", by=Event.sequence)
attempts = ToMany(search_attempts, WebhookAttempt.delivery_id)

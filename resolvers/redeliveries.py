"""Sending to webhooks by hand: one delivery again, a stretch of the log again or for the first time, a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from domain.errors import Code, conflict, invalid, not_found, refuse
from domain.event_log import Event
from domain.events import EventType
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.webhooks import DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookStatus
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeliveryRange:
    """A stretch of the log, by number, by time or by both, bounds included; perhaps only what was given up in it."""

    webhook_id: str
    first_sequence: int | None = None
    last_sequence: int | None = None
    since: Moment | None = None
    until: Moment | None = None
    failed_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPing:
    """A test to be sent: of this kind of event, or of the first the webhook asked for."""

    webhook_id: str
    type: EventType | None = None


@dataclass(frozen=True, slots=True)
class _Sent:
    """A delivery that was made before; `held` is in somebody's hands at this moment."""

    id: str
    sequence: int
    held: bool


@dataclass(frozen=True, slots=True)
class _Missed:
    """An event that was never made a delivery."""

    sequence: int
    type: EventType


@requires(Permission.WRITE_WEBHOOKS)
async def redeliver(unit: Unit, id: str) -> Keys:
    """Send a delivery once more, under its old id and with its old body, from the start of the schedule."""
    known = await unit.known(WebhookDelivery, id)
    endpoint = await unit.known(WebhookEndpoint, known.endpoint_id, lock=True) if known else None
    if endpoint is None:
        raise not_found(WebhookDelivery.label, id)
    _check_active(endpoint, "id")
    delivery = await unit.load(WebhookDelivery, id)
    delivery.again(unit.now)
    endpoint.broken_until = None
    unit.audit("redeliverWebhook", delivery.id)
    unit.stir()
    return {"delivery": delivery.id}


@requires(Permission.WRITE_WEBHOOKS)
async def redeliver_range(unit: Unit, wanted: RedeliveryRange) -> Keys:
    """Send a stretch of the log once more; events that were never sent to this webhook are sent as well.

    One call puts a bounded number of deliveries on the way, the oldest first; `last_sequence` says how far it came.
    """
    _check_range(wanted)
    endpoint = await unit.load(WebhookEndpoint, wanted.webhook_id, "webhookId")
    _check_active(endpoint, "webhookId")
    most = unit.webhooks.redelivered
    found: list[_Sent | _Missed] = [*await _sent(unit, endpoint, wanted, most + 1)]
    if not wanted.failed_only:
        found += await _missed(unit, endpoint, wanted, most + 1)
    found.sort(key=lambda each: each.sequence)
    chosen = found[:most]
    await _again(unit, [each.id for each in chosen if isinstance(each, _Sent) and not each.held])
    for each in chosen:
        if isinstance(each, _Missed):
            # Without a body, which the sender writes: it knows as whom the webhook is told, and the words.
            unit.add(_fresh(unit, endpoint, each.type, each.sequence))
    endpoint.broken_until = None
    unit.audit("redeliverWebhooks", endpoint.id)
    unit.stir()
    last = chosen[-1].sequence if chosen else None
    more = len(found) > len(chosen)
    return {"webhook": endpoint.id, "redelivered": len(chosen), "last_sequence": last, "more": more}


@requires(Permission.WRITE_WEBHOOKS)
async def ping(unit: Unit, draft: WebhookPing) -> Keys:
    """Send a test with an example of an event; one that is still on its way is given up for it."""
    endpoint = await unit.load(WebhookEndpoint, draft.webhook_id, "webhookId")
    _check_active(endpoint, "webhookId")
    type_ = draft.type or EventType(endpoint.events[0])
    if not endpoint.wants(type_):
        raise invalid("type", f"type must be one the webhook asked for: {', '.join(endpoint.events)}.")
    waiting = (WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.status == DeliveryStatus.PENDING)
    replaced = {"status": DeliveryStatus.FAILED, "due_at": None, "failure": "A newer test took its place."}
    statement = update(WebhookDelivery).where(*waiting, WebhookDelivery.test).values(replaced)
    await unit.session.execute(statement.execution_options(synchronize_session=False))
    delivery = _fresh(unit, endpoint, type_, None)
    unit.add(delivery)
    endpoint.broken_until = None
    unit.audit("pingWebhook", endpoint.id)
    unit.stir()
    return {"webhook": endpoint.id, "delivery": delivery.id}


def _check_active(endpoint: WebhookEndpoint, field: str) -> None:
    if endpoint.status is not WebhookStatus.ACTIVE:
        raise conflict(f"The webhook is {endpoint.status}; resume it first.", field)


def _check_range(wanted: RedeliveryRange) -> None:
    bounds = (wanted.first_sequence, wanted.last_sequence, wanted.since, wanted.until)
    if all(each is None for each in bounds):
        raise refuse(Code.REQUIRED, "firstSequence, lastSequence, since or until is required.", "firstSequence")
    first, last = wanted.first_sequence, wanted.last_sequence
    if first is not None and last is not None and first > last:
        raise invalid("lastSequence", "lastSequence must not be smaller than firstSequence.")
    if wanted.since is not None and wanted.until is not None and start_of(wanted.since) > end_of(wanted.until):
        raise invalid("until", "until must not be earlier than since.")


async def _sent(unit: Unit, endpoint: WebhookEndpoint, wanted: RedeliveryRange, most: int) -> Sequence[_Sent]:
    """Deliveries of the stretch, the oldest first; what the log has forgotten counts by when it was made."""
    happened = func.coalesce(Event.occurred_at, WebhookDelivery.created_at)
    told = and_(Event.organization_id == WebhookDelivery.organization_id, Event.sequence == WebhookDelivery.sequence)
    held = func.coalesce(WebhookDelivery.leased_until > unit.now, False)
    statement: Statement = (
        select(WebhookDelivery.id, WebhookDelivery.sequence, held)
        .outerjoin(Event, told)
        .where(WebhookDelivery.endpoint_id == endpoint.id, *_within(wanted, WebhookDelivery.sequence, happened))
    )
    if wanted.failed_only:
        statement = statement.where(WebhookDelivery.status == DeliveryStatus.FAILED)
    rows = await unit.session.execute(statement.order_by(WebhookDelivery.sequence).limit(most))
    return [_Sent(*row) for row in rows]


async def _missed(unit: Unit, endpoint: WebhookEndpoint, wanted: RedeliveryRange, most: int) -> Sequence[_Missed]:
    """Events of the stretch that the webhook asks for and was never sent."""
    sent = select(WebhookDelivery.sequence).where(
        WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.sequence == Event.sequence
    )
    statement: Statement = (
        select(Event.sequence, Event.type)
        .where(Event.organization_id == endpoint.organization_id, Event.type.in_(endpoint.events))
        .where(~sent.exists(), *_within(wanted, Event.sequence, Event.occurred_at))
        .order_by(Event.sequence)
        .limit(most)
    )
    return [_Missed(*row) for row in await unit.session.execute(statement)]


def _within(wanted: RedeliveryRange, sequence: Any, happened: Any) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [sequence.is_not(None)]
    if wanted.first_sequence is not None:
        conditions.append(sequence >= wanted.first_sequence)
    if wanted.last_sequence is not None:
        conditions.append(sequence <= wanted.last_sequence)
    if wanted.since is not None:
        conditions.append(happened >= start_of(wanted.since))
    if wanted.until is not None:
        conditions.append(happened <= end_of(wanted.until))
    return conditions


async def _again(unit: Unit, ids: Sequence[str]) -> None:
    """As `WebhookDelivery.again`, for many."""
    fresh = {
        "status": DeliveryStatus.PENDING,
        "due_at": unit.now,
        "attempts": 0,
        "delivered_at": None,
        "failure": None,
    }
    statement = update(WebhookDelivery).where(WebhookDelivery.id.in_(ids)).values(fresh)
    await unit.session.execute(statement.execution_options(synchronize_session=False))


def _fresh(unit: Unit, endpoint: WebhookEndpoint, type: EventType, sequence: int | None) -> WebhookDelivery:
    return WebhookDelivery(
        id=WebhookDelivery.new_id(),
        organization_id=endpoint.organization_id,
        created_at=unit.now,
        endpoint_id=endpoint.id,
        sequence=sequence,
        type=type,
        name=unit.webhooks.name_of(endpoint.dialect, type),
        body="",
        test=sequence is None,
        status=DeliveryStatus.PENDING,
        due_at=unit.now,
    )

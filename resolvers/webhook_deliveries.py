"""Webhooks on their way: who listens, what is due, what became of it. Only the process itself calls these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import BindParameter, Insert, Select, Table, Update, and_, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from domain.event_log import Event
from domain.events import EventType
from domain.organizations import Organization
from domain.viewer import Dialect, Viewer
from domain.visibility import may_see, permission_for
from domain.webhooks import (
    DeliveryStatus,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
    WebhookStatus,
)
from resolvers.reads import Statement
from resolvers.unit import Unit

_ENDPOINTS = cast(Table, WebhookEndpoint.__table__)
_DELIVERIES = cast(Table, WebhookDelivery.__table__)
_SECRET_ROWS = cast(Table, WebhookSecret.__table__)
_ATTEMPTS = cast(Table, WebhookAttempt.__table__)
_EVENTS = cast(Table, Event.__table__)
_THEIR_EVENT = and_(
    _EVENTS.c.organization_id == _DELIVERIES.c.organization_id, _EVENTS.c.sequence == _DELIVERIES.c.sequence
)
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
TOLD = and_(_ENDPOINTS.c.status == WebhookStatus.ACTIVE, _ENDPOINTS.c.deleted_at.is_(None))
"""Endpoints that are told."""

# Built once: building them anew would cost more than running them.
_LOCK = (
    select(_ENDPOINTS.c.id, _ENDPOINTS.c.position)
    .where(_ENDPOINTS.c.id.in_(_IDS), TOLD)
    .order_by(_ENDPOINTS.c.id)
    .with_for_update()
)
_ADVANCE = update(_ENDPOINTS).where(_ENDPOINTS.c.id.in_(_IDS)).values(position=bindparam("position"))
_EXPLAIN = update(_ENDPOINTS).where(_ENDPOINTS.c.id == bindparam("known")).values(status_reason=bindparam("reason"))
_ONCE = ("endpoint_id", "sequence")
_INSERT: Mapping[str, Insert] = {
    # One that was asked for by hand before its turn came has been made already.
    "sqlite": sqlite.insert(_DELIVERIES).on_conflict_do_nothing(index_elements=_ONCE),
    "postgresql": postgresql.insert(_DELIVERIES).on_conflict_do_nothing(index_elements=_ONCE),
}
_OUTGOING: Statement = (
    select(
        _DELIVERIES.c.id,
        _DELIVERIES.c.organization_id,
        _DELIVERIES.c.taken,
        _DELIVERIES.c.attempts,
        _DELIVERIES.c.sequence,
        _DELIVERIES.c.type,
        _DELIVERIES.c.test,
        _DELIVERIES.c.body,
        _ENDPOINTS.c.id,
        _ENDPOINTS.c.dialect,
        _ENDPOINTS.c.query,
        _ENDPOINTS.c.url,
        _ENDPOINTS.c.strict_order,
        _EVENTS.c.audience,
        _EVENTS.c.actor_id,
    )
    .join(_ENDPOINTS, _ENDPOINTS.c.id == _DELIVERIES.c.endpoint_id)
    .outerjoin(_EVENTS, _THEIR_EVENT)
    .where(_DELIVERIES.c.id.in_(_IDS), _DELIVERIES.c.status == DeliveryStatus.PENDING, TOLD)
)
_SECRETS: Statement = (
    select(_SECRET_ROWS.c.endpoint_id, _SECRET_ROWS.c.sealed)
    .where(
        _SECRET_ROWS.c.endpoint_id.in_(_IDS),
        _SECRET_ROWS.c.expires_at.is_(None) | (_SECRET_ROWS.c.expires_at > bindparam("now")),
    )
    .order_by(_SECRET_ROWS.c.created_at.desc(), _SECRET_ROWS.c.id.desc())
)


def _noted(table: Table, *names: str) -> tuple[Select[Any], Update]:
    """How rows that an attempt changes are read, locked in one order by everybody, and written."""
    columns = [table.c[name] for name in ("id", *names)]
    locked = select(*columns).where(table.c.id.in_(_IDS)).order_by(table.c.id).with_for_update()
    changed = {name: bindparam(name, type_=table.c[name].type) for name in names}
    return locked, update(table).where(table.c.id == bindparam("known")).values(changed)


_NOTED, _KEEP = _noted(
    _DELIVERIES,
    *("taken", "status", "due_at", "leased_until", "attempts", "last_status", "failure", "delivered_at"),
)
_NOTED_ENDPOINTS, _KEEP_ENDPOINT = _noted(
    _ENDPOINTS, "failures", "broken_until", "last_attempt_at", "last_success_at", "last_status"
)
_INSERT_ATTEMPT = insert(_ATTEMPTS)

E = TypeVar("E", WebhookDelivery, WebhookEndpoint)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """An active endpoint: how it is told, and where it stands in the log; `forgotten` the log keeps no longer."""

    id: str
    organization_id: str
    dialect: Dialect | None
    query: str | None
    events: list[str]
    position: int
    forgotten: int

    @property
    def start(self) -> int:
        """The number after which it goes on."""
        return max(self.position, self.forgotten)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery as it is sent, and where; `audience` and `actor_id` are the event's, as long as the log keeps it."""

    id: str
    organization_id: str
    taken: int
    attempts: int
    sequence: int | None
    type: EventType
    test: bool
    body: str
    endpoint_id: str
    dialect: Dialect | None
    query: str | None
    url: str
    strict: bool
    audience: str | None
    actor_id: str | None

    def is_for(self, viewer: Viewer) -> bool:
        """Whether a viewer may still be told of it; a test tells of nothing."""
        if self.sequence is None:
            return True
        return permission_for(self.type) in viewer.permissions and may_see(viewer, self.audience, self.actor_id)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt. `final`: there is no further one; `pause_seconds` is what the receiver asked for."""

    delivery_id: str
    endpoint_id: str
    organization_id: str
    taken: int
    strict: bool
    at: datetime
    milliseconds: int
    status: int | None = None
    failure: str | None = None
    response: str | None = None
    final: bool = False
    pause_seconds: float = 0
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Retries:
    """How failures are met: the pauses before each attempt, by which fraction one is lengthened, and the breaker."""

    schedule: Sequence[float]
    breaker_failures: int
    breaker_seconds: float


def listening_organizations() -> Statement:
    """Organizations that have somebody to tell."""
    return select(WebhookEndpoint.organization_id).where(TOLD).distinct()


def listeners(organization_id: str) -> Statement:
    """The active endpoints of an organization: rows for `Listener`."""
    return (
        select(
            WebhookEndpoint.id,
            WebhookEndpoint.organization_id,
            WebhookEndpoint.dialect,
            WebhookEndpoint.query,
            WebhookEndpoint.events,
            WebhookEndpoint.position,
            Organization.forgotten_sequence,
        )
        .join(Organization, Organization.id == WebhookEndpoint.organization_id)
        .where(WebhookEndpoint.organization_id == organization_id, TOLD)
        .order_by(WebhookEndpoint.id)
    )


async def append(
    session: AsyncSession, told: Sequence[Listener], rows: Mapping[str, Sequence[Row]], position: int
) -> int:
    """Store the deliveries of a stretch of the log by endpoint, and move the endpoints on to its end; how many.

    An endpoint that another process has moved on, or its owner has stopped meanwhile, is left alone.
    """
    connection = await session.connection()
    found = await lock(connection, [each.id for each in told])
    still = [each for each in told if found.get(each.id) == each.position]
    fresh = [row for each in still for row in rows.get(each.id, ())]
    if fresh:
        await connection.execute(_INSERT[connection.dialect.name], fresh)
    for each in still:
        if each.forgotten > each.position:
            reason = f"The events {each.position + 1} to {each.forgotten} were no longer in the log and are not told."
            await connection.execute(_EXPLAIN, {"known": each.id, "reason": reason})
    await connection.execute(_ADVANCE, {"ids": [each.id for each in still], "position": position})
    return len(fresh)


async def lock(connection: AsyncConnection, endpoint_ids: Sequence[str]) -> dict[str, int]:
    """Active endpoints and their positions, kept from other processes; everybody locks them in the same order."""
    return {row.id: row.position for row in await connection.execute(_LOCK, {"ids": list(endpoint_ids)})}


def outgoing(delivery_ids: Sequence[str]) -> Statement:
    """Deliveries that are still to be made, of endpoints that are still active: rows for `Outgoing`."""
    return _OUTGOING.params(ids=list(delivery_ids))


def secrets(endpoint_ids: Sequence[str], now: datetime) -> Statement:
    """Endpoint and sealed text of the secrets in force, the newest first."""
    return _SECRETS.params(ids=list(endpoint_ids), now=now)


def event(organization_id: str, sequence: int) -> Statement:
    """One event of the log."""
    return select(Event).where(Event.organization_id == organization_id, Event.sequence == sequence)


async def write(session: AsyncSession, delivery_id: str, body: str) -> None:
    """Keep the body of a delivery that was made without one: every attempt sends the same."""
    statement = update(_DELIVERIES).where(_DELIVERIES.c.id == delivery_id, _DELIVERIES.c.body == "")
    await session.execute(statement.values(body=body))


async def note(session: AsyncSession, outcomes: Sequence[Outcome], retries: Retries, jitter: Sequence[float]) -> None:
    """Note what became of attempts, on deliveries and endpoints and in the list of attempts."""
    connection = await session.connection()
    endpoints = await _locked(connection, _NOTED_ENDPOINTS, WebhookEndpoint, [each.endpoint_id for each in outcomes])
    deliveries = await _locked(connection, _NOTED, WebhookDelivery, [each.delivery_id for each in outcomes])
    attempts: list[WebhookAttempt] = []
    changed: dict[str, WebhookDelivery] = {}
    for outcome, fraction in zip(outcomes, jitter, strict=True):
        delivery, endpoint = deliveries.get(outcome.delivery_id), endpoints.get(outcome.endpoint_id)
        # Once it is in other hands, those say what becomes of it.
        if delivery is None or endpoint is None or delivery.taken != outcome.taken:
            continue
        # It gives its place back, also when it was given up meanwhile, as a test is for a newer one.
        delivery.leased_until = None
        changed[delivery.id] = delivery
        if delivery.status is DeliveryStatus.PENDING:
            _note(delivery, endpoint, outcome, retries, fraction)
            attempts.append(_attempt(delivery, outcome))
    if changed:
        await connection.execute(_KEEP, [_values(each, _NOTED) for each in changed.values()])
    if attempts:
        await connection.execute(_KEEP_ENDPOINT, [_values(each, _NOTED_ENDPOINTS) for each in endpoints.values()])
        await connection.execute(_INSERT_ATTEMPT, [_row(each) for each in attempts])


async def _locked(
    connection: AsyncConnection, statement: Select[Any], entity: type[E], ids: Sequence[str]
) -> dict[str, E]:
    """Rows as entities that no session knows: their rules are wanted, and many of them are written at once."""
    rows = await connection.execute(statement, {"ids": sorted(set(ids))})
    return {row.id: entity(**row._mapping) for row in rows}


def _values(entity: WebhookDelivery | WebhookEndpoint, statement: Select[Any]) -> Row:
    values = {name: getattr(entity, name) for name in map(str, statement.selected_columns.keys())}
    return {"known": values.pop("id"), **values}


def _row(attempt: WebhookAttempt) -> Row:
    return {column.name: getattr(attempt, column.name) for column in _ATTEMPTS.c}


def _note(
    delivery: WebhookDelivery, endpoint: WebhookEndpoint, outcome: Outcome, retries: Retries, fraction: float
) -> None:
    if outcome.failure is None and outcome.status is not None:
        delivery.delivered(outcome.status, outcome.at)
        endpoint.succeeded(outcome.status, outcome.at)
        return
    schedule = () if outcome.final else retries.schedule
    delivery.failed(outcome.status, outcome.failure or "", outcome.at, schedule, fraction)
    endpoint.failed(outcome.status, outcome.at, retries.breaker_failures, retries.breaker_seconds)
    if outcome.pause_seconds:
        later = outcome.at + timedelta(seconds=outcome.pause_seconds)
        delivery.due_at = max(delivery.due_at, later) if delivery.due_at else None
        endpoint.broken_until = max(endpoint.broken_until or later, later)


def _attempt(delivery: WebhookDelivery, outcome: Outcome) -> WebhookAttempt:
    return WebhookAttempt(
        id=WebhookAttempt.new_id(),
        organization_id=outcome.organization_id,
        created_at=outcome.at,
        delivery_id=delivery.id,
        number=delivery.attempts,
        milliseconds=outcome.milliseconds,
        status=outcome.status,
        failure=outcome.failure,
        response=outcome.response,
    )


async def disable(unit: Unit, endpoint_id: str, reason: str) -> bool:
    """Give an endpoint up, and tell so; False when it was not active any more."""
    found: WebhookEndpoint | None = await unit.session.scalar(
        select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, TOLD).with_for_update()
    )
    if found is None:
        return False
    found.disable(reason)
    found.updated_at = unit.now
    unit.record(EventType.WEBHOOK_DISABLED, found, found.facts() | {"reason": reason})
    return True

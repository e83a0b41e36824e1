"""Deliveries in line: what is due at which endpoint, and taking it up. Only the process itself calls these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from domain.webhooks import WebhookDelivery, WebhookEndpoint
from resolvers.reads import Statement
from resolvers.webhook_deliveries import TOLD, lock


@dataclass(frozen=True, slots=True)
class Line:
    """Deliveries that wait for one endpoint: since when the next one is due, and how many are in somebody's hands."""

    endpoint_id: str
    strict: bool
    failures: int
    broken_until: datetime | None
    due_at: datetime | None
    held: int


_ENDPOINTS = cast(Table, WebhookEndpoint.__table__)
_DELIVERIES = cast(Table, WebhookDelivery.__table__)
_INSTANT = _DELIVERIES.c.due_at.type
_NOW = bindparam("now", type_=_INSTANT)
# Word for word as the index has it: a plan that PostgreSQL keeps for every value of a parameter could not use that.
_PENDING = _DELIVERIES.c.status == literal_column("'PENDING'")


def _lines() -> Select[Any]:
    own = _DELIVERIES.c.endpoint_id == _ENDPOINTS.c.id
    due = select(func.min(_DELIVERIES.c.due_at)).where(own, _DELIVERIES.c.due_at.is_not(None))
    # In strict order the oldest decides, whenever the others fall due. A test belongs to no order.
    strict = func.coalesce(_of_endpoint(due.where(_DELIVERIES.c.sequence.is_(None))), _oldest(_DELIVERIES.c.due_at))
    due_at = case((_ENDPOINTS.c.strict_order, strict), else_=_of_endpoint(due)).label("due_at")
    held = select(func.count()).where(own, _DELIVERIES.c.leased_until > _NOW)
    known = (_ENDPOINTS.c.id, _ENDPOINTS.c.strict_order, _ENDPOINTS.c.failures, _ENDPOINTS.c.broken_until)
    return select(*known, due_at, _of_endpoint(held)).where(TOLD).order_by(due_at)


def _oldest(column: Column[Any]) -> ScalarSelect[Any]:
    """A column of the first delivery of an endpoint, in the order of the log, that is not done."""
    own = and_(_DELIVERIES.c.endpoint_id == _ENDPOINTS.c.id, _PENDING)
    first = select(column).where(own, _DELIVERIES.c.sequence.is_not(None)).order_by(_DELIVERIES.c.sequence)
    return _of_endpoint(first.limit(1))


def _of_endpoint(statement: Select[Any]) -> ScalarSelect[Any]:
    return statement.correlate(_ENDPOINTS).scalar_subquery()


def _next() -> tuple[Select[Any], Select[Any]]:
    """What is taken of an endpoint next: the oldest, in strict order; otherwise what has been due for longest."""
    delivery = _DELIVERIES.c
    own = and_(delivery.endpoint_id == bindparam("endpoint"), _PENDING)
    # What is in somebody's hands, and was asked for again meanwhile, waits until those are done with it.
    free = select(delivery.id).where(own, delivery.leased_until.is_(None) | (delivery.leased_until <= _NOW))
    strict = free.order_by(delivery.sequence.is_(None).desc(), delivery.sequence)
    others = free.where(delivery.due_at <= _NOW).order_by(delivery.due_at, delivery.sequence)
    return strict.limit(1), others.limit(bindparam("most"))


# Built once: building them anew would cost more than running them.
_LINES = _lines()
_SOME_LINES = _LINES.where(_ENDPOINTS.c.id.in_(bindparam("ids", expanding=True)))
_OLDEST, _DUE = _next()
_TAKE = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        taken=_DELIVERIES.c.taken + 1,
        due_at=bindparam("until", type_=_INSTANT),
        leased_until=bindparam("until", type_=_INSTANT),
    )
    .returning(_DELIVERIES.c.organization_id, _DELIVERIES.c.id, _DELIVERIES.c.taken)
)


def lines(now: datetime) -> Statement:
    """What waits at each active endpoint: rows for `Line`, who has waited longest first."""
    return _LINES.params(now=now)


def unhindered(now: datetime) -> ColumnElement[bool]:
    """Whether a delivery that is due can be begun: its endpoint is told, not left alone, and nothing comes first."""
    well = and_(TOLD, _ENDPOINTS.c.broken_until.is_(None) | (_ENDPOINTS.c.broken_until <= now))
    others = select(_ENDPOINTS.c.id).where(well, _ENDPOINTS.c.strict_order.is_(False))
    first = select(_oldest(_DELIVERIES.c.id)).where(well, _ENDPOINTS.c.strict_order.is_(True))
    return _DELIVERIES.c.endpoint_id.in_(others) | _DELIVERIES.c.id.in_(first)


async def lock_lines(session: AsyncSession, now: datetime, endpoint_ids: Sequence[str]) -> list[Line]:
    """The lines of these endpoints, kept from other processes until the commit."""
    await lock(await session.connection(), endpoint_ids)
    return await locked_lines(session, now, endpoint_ids)


async def locked_lines(session: AsyncSession, now: datetime, endpoint_ids: Sequence[str]) -> list[Line]:
    """The lines of endpoints that are locked already."""
    connection = await session.connection()
    return [Line(*row) for row in await connection.execute(_SOME_LINES, {"now": now, "ids": list(endpoint_ids)})]


async def take(
    session: AsyncSession, wanted: Sequence[tuple[Line, int]], now: datetime, lease: timedelta
) -> Sequence[tuple[str, str, int]]:
    """Take up so many deliveries of each locked line: organization, id, and how often it has been taken by now."""
    connection = await session.connection()
    ids = [each for line, most in wanted for each in await _ids(connection, line, most, now)]
    rows = await connection.execute(_TAKE, {"ids": ids, "until": now + lease})
    found = {row.id: (row.organization_id, row.id, row.taken) for row in rows}
    return [found[each] for each in ids if each in found]


async def _ids(connection: AsyncConnection, line: Line, most: int, now: datetime) -> Sequence[str]:
    given = {"endpoint": line.endpoint_id, "now": now}
    if line.strict:
        return list(await connection.scalars(_OLDEST, given))
    return list(await connection.scalars(_DUE, given | {"most": most}))

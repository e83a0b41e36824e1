"""Forgetting what was kept long enough: the oldest part of the event log, and deliveries that are over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.event_log import Event
from domain.organizations import Organization
from domain.webhooks import DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookStatus
from resolvers.reads import Statement


def logs() -> Statement:
    """The organizations whose log holds anything."""
    statement = select(Organization.id).where(Organization.event_sequence > Organization.forgotten_sequence)
    return statement.order_by(Organization.id)


async def forget_events(
    session: AsyncSession, organization_id: str, before: datetime, waiting_before: datetime, most: int
) -> bool:
    """Forget the oldest events of a log, at most so many; whether there may be more.

    Those from before a moment go; but what an active webhook was not considered for yet goes only when it is from
    before an earlier one.
    """
    organization = await session.get(Organization, organization_id, with_for_update=True)
    if organization is None:
        return False
    forgotten = organization.forgotten_sequence
    oldest = await session.execute(
        select(Event.sequence, Event.occurred_at)
        .where(Event.organization_id == organization_id, Event.sequence > forgotten)
        .order_by(Event.sequence)
        .limit(most)
    )
    considered = await _considered(session, organization_id)
    last, count = forgotten, 0
    for sequence, occurred_at in oldest:
        needed = considered is not None and sequence > considered
        if occurred_at >= (waiting_before if needed else before):
            break
        last, count = sequence, count + 1
    if count:
        own = (Event.organization_id == organization_id, Event.sequence > forgotten, Event.sequence <= last)
        await session.execute(delete(Event).where(*own).execution_options(synchronize_session=False))
        # What the log keeps no longer is known from the same commit on that drops it.
        organization.forgotten_sequence = last
    return count == most


async def _considered(session: AsyncSession, organization_id: str) -> int | None:
    """The number of the newest event that every active webhook was considered for; None when there is none."""
    active = (WebhookEndpoint.status == WebhookStatus.ACTIVE, WebhookEndpoint.deleted_at.is_(None))
    own = WebhookEndpoint.organization_id == organization_id
    found: int | None = await session.scalar(select(func.min(WebhookEndpoint.position)).where(own, *active))
    return found


def with_deliveries() -> Statement:
    """The organizations that have webhooks, deleted ones too."""
    return select(WebhookEndpoint.organization_id).distinct().order_by(WebhookEndpoint.organization_id)


async def forget_deliveries(session: AsyncSession, organization_id: str, before: datetime, most: int) -> bool:
    """Forget deliveries from before a moment that are over, with their attempts; whether there may be more."""
    over = (WebhookDelivery.created_at < before, WebhookDelivery.status != DeliveryStatus.PENDING)
    own = select(WebhookDelivery.id).where(WebhookDelivery.organization_id == organization_id, *over)
    ids = list(await session.scalars(own.order_by(WebhookDelivery.created_at).limit(most)))
    if ids:
        # Asked once more: what somebody has put on its way again meanwhile stays.
        gone = delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids), *over)
        await session.execute(gone.execution_options(synchronize_session=False))
    return len(ids) == most

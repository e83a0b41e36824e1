"""Events and deliveries are forgotten when they were kept long enough, and what somebody waits for is kept longer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.engagement import EngagementEvent
from domain.event_log import Event
from domain.events import EventType
from domain.organizations import Organization
from domain.viewer import Viewer
from domain.webhooks import DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookStatus
from domain.writing import WriterUse
from gateway.database import Database
from gateway.settings_work import EventSettings
from gateway.work import retention as retention_module
from gateway.work.retention import Retention
from resolvers import tracking
from resolvers.tracking import Reading
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.factories.abm import make_campaign
from tests.factories.models import use_row
from tests.factories.organizations import store
from tests.factories.queues import queue_endpoint
from tests.factories.webhook_rows import attempt_row, delivery_row


@pytest.fixture(autouse=True)
def _a_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention_module, "AT_ONCE", 3)


@pytest.fixture
def retention(database: Database) -> Retention:
    """Everything is kept for ten days."""
    return Retention(database, EventSettings(days=10, delivery_days=10))


async def happened(database: Database, organization: str, *days_ago: float) -> None:
    """One event for each number of days."""
    now = database.clock.now()
    rows = [
        Event(
            organization_id=organization,
            sequence=number,
            type=EventType.LEAD_CREATED,
            occurred_at=now - timedelta(days=days),
            subject_id="lead_1",
            data={},
        )
        for number, days in enumerate(days_ago, 1)
    ]
    await store(database, *rows)

    async def number(session: object) -> None:
        known = update(Organization).where(Organization.id == organization).values(event_sequence=len(rows))
        await session.execute(known)  # type: ignore[attr-defined]

    await database.store(number)


async def kept(database: Database, organization: str) -> tuple[list[int], int]:
    """The numbers in the log, and the newest that it keeps no longer."""
    events = select(Event.sequence).where(Event.organization_id == organization).order_by(Event.sequence)
    forgotten = select(Organization.forgotten_sequence).where(Organization.id == organization)
    return [row[0] for row in await database.rows(events)], (await database.rows(forgotten))[0][0]


async def test_the_oldest_part_of_a_log_is_forgotten(
    database: Database, organization: str, retention: Retention, clock: SetClock
) -> None:
    await happened(database, organization, 30, 20, 15, 11, 10, 9, 1)
    await retention.forget_events()
    assert await kept(database, organization) == ([5, 6, 7], 4)
    await retention.forget_events()
    assert await kept(database, organization) == ([5, 6, 7], 4)
    clock.advance(days=30)
    await retention.forget_events()
    assert await kept(database, organization) == ([], 7)


async def test_what_an_active_webhook_was_not_considered_for_stays_twice_as_long(
    database: Database, organization: str, retention: Retention
) -> None:
    await happened(database, organization, 30, 21, 19, 15, 12, 1)
    await queue_endpoint(database, organization, position=1)
    await queue_endpoint(database, organization, position=0, status=WebhookStatus.PAUSED)
    await queue_endpoint(database, organization, position=0, deleted_at=database.clock.now())
    await queue_endpoint(database, organization, position=6)
    await retention.forget_events()
    assert await kept(database, organization) == ([3, 4, 5, 6], 2)


async def test_what_is_kept_for_ever_stays(database: Database, organization: str) -> None:
    await happened(database, organization, 1000)
    forever = Retention(database, EventSettings(days=0, delivery_days=0))
    await forever.forget_events()
    await forever.forget_deliveries()
    assert await kept(database, organization) == ([1], 0)


async def test_deliveries_that_are_over_are_forgotten_with_their_attempts(
    database: Database, organization: str, retention: Retention, clock: SetClock
) -> None:
    hook = await queue_endpoint(database, organization, position=9)
    old, new = clock.now() - timedelta(days=11), clock.now() - timedelta(days=9)
    delivery = partial(delivery_row, organization, hook)
    over = [delivery(old, sequence=number, status=DeliveryStatus.DELIVERED) for number in range(1, 5)]
    failed = delivery(old, sequence=5, status=DeliveryStatus.FAILED)
    stays = [
        delivery(old, sequence=6, status=DeliveryStatus.PENDING),
        delivery(new, sequence=7, status=DeliveryStatus.DELIVERED),
    ]
    await store(database, *over, failed, *stays)
    tries = [attempt_row(organization, each.id, old) for each in (failed, stays[0])]
    await store(database, *tries)

    await retention.forget_deliveries()

    left = await database.rows(select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == hook))
    assert {row[0] for row in left} == {each.id for each in stays}
    own = WebhookAttempt.organization_id == organization
    assert [row[0] for row in await database.rows(select(WebhookAttempt.id).where(own))] == [tries[1].id]


async def test_uses_of_models_are_forgotten_by_age(database: Database, organization: str, retention: Retention) -> None:
    now = database.clock.now()
    await store(database, *(use_row(organization, now - timedelta(days=days)) for days in (9, 11, 12, 13, 14, 15)))

    await retention.forget_uses(0)
    own = select(WriterUse.id).where(WriterUse.organization_id == organization)
    assert len(await database.rows(own)) == 6
    await retention.forget_uses(10)
    assert len(await database.rows(own)) == 1


async def test_by_what_people_read_is_forgotten_and_that_they_did_is_not(
    database: Database, organization: str, retention: Retention, clock: SetClock
) -> None:
    reached = await make_campaign(database, organization)
    own = select(
        EngagementEvent.user_agent, EngagementEvent.ip_address, EngagementEvent.counted, EngagementEvent.source_key
    )
    own = own.where(EngagementEvent.campaign_id == reached.campaign)
    own = own.order_by(EngagementEvent.occurred_at, EngagementEvent.user_agent)

    async def load(program: str) -> None:
        async def seen(unit: Unit) -> Keys:
            reading = Reading(program, "203.0.113.7")
            return await tracking.seen_by_somebody(unit, reached.campaign, unit.now.date(), reading)

        await database.transact(Viewer.nobody(organization, "Reader"), seen)

    for program in "ABCD":
        await load(program)
    keys = {row.source_key for row in await database.rows(own)}
    clock.at += timedelta(days=30)
    await load("E")

    log = select(Event.data).where(Event.organization_id == organization).order_by(Event.sequence)
    log = log.where(Event.type == EventType.ENGAGEMENT_DETECTED)

    async def told() -> list[tuple[Any, Any]]:
        return [(data["userAgent"], data["ipAddress"]) for (data,) in await database.rows(log)]

    await retention.forget_readers(31)
    assert {row.user_agent for row in await database.rows(own)} == set("ABCDE")
    assert await told() == [(program, "203.0.113.7") for program in "ABCDE"]
    await retention.forget_readers(29)
    *old, new = await database.rows(own)
    assert await told() == [*[(None, None)] * 4, ("E", "203.0.113.7")]
    assert {tuple(row)[:3] for row in old} == {(None, None, True)}
    assert not keys & {row.source_key for row in old}
    assert (new.user_agent, new.ip_address) == ("E", "203.0.113.7")

    # Where nothing is kept, nothing is stored or told, and a bare picture counts once a day.
    database.reader_days = 0
    clock.at += timedelta(days=1)
    for program in "FG":
        await load(program)
    await retention.forget_readers(0)
    assert [tuple(row)[:3] for row in await database.rows(own)] == [(None, None, True)] * 6
    assert await told() == [(None, None)] * 6

"""Deadlines are told as they come near and once they have passed: each once, the nearest only, everywhere."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.compliance import ComplianceAlert, ComplianceItem, ComplianceStatus
from domain.event_log import Event
from domain.events import EventType
from domain.work import PeriodicTask
from gateway.database import Database
from gateway.settings_compliance import ComplianceSettings
from gateway.work.deadlines import Deadlines
from gateway.work.periodic import PeriodicQueue, Task
from rest_compat.clickup_brain.telling import TELLING
from tests.clocks import SetClock
from tests.factories.compliance import item_row
from tests.factories.organizations import make_organization, store
from tests.rest_compat.clickup_brain.printed import fits
from tests.rest_compat.printed import same_form

TODAY = date(2024, 1, 15)


@pytest.fixture
def deadlines(database: Database) -> Deadlines:
    return Deadlines(database, ComplianceSettings(alerts_at_once=60))


async def told(database: Database, organization: str) -> list[tuple[str, int]]:
    """Of which item, at which distance, in the order of telling; 0 once it is overdue."""
    columns = select(ComplianceItem.title, ComplianceAlert.days).join(
        ComplianceAlert, ComplianceAlert.item_id == ComplianceItem.id
    )
    own = columns.where(ComplianceAlert.organization_id == organization)
    rows = await database.rows(own.order_by(ComplianceAlert.created_at, ComplianceItem.title))
    return [(row[0], row[1]) for row in rows]


async def test_each_distance_is_told_once(
    database: Database, organization: str, clock: SetClock, deadlines: Deadlines
) -> None:
    at = clock.now()
    await store(database, item_row(organization, at, TODAY + timedelta(days=40), title="a"))
    for day in range(60):
        await deadlines.tell()
        await deadlines.tell()
        if day < 10:
            assert await told(database, organization) == []
        clock.advance(days=1)
    assert await told(database, organization) == [("a", 30), ("a", 7), ("a", 1), ("a", 0)]

    events = await database.rows(select(Event).where(Event.organization_id == organization).order_by(Event.sequence))
    bodies: list[Any] = [TELLING.write(row) for row in events]
    for body in bodies:
        fits("webhooks/compliance.alert", body)
        same_form(TELLING.sample(EventType.COMPLIANCE_ALERT, at), body)
    assert [body["data"]["type"] for body in bodies] == ["deadline_approaching"] * 3 + ["overdue"]
    assert bodies[0]["data"]["severity"] == "high"
    assert bodies[0]["data"]["compliance_item"]["deadline"] == "2024-02-24"


async def test_after_a_time_in_which_nobody_looked_only_the_nearest_is_told(
    database: Database, organization: str, clock: SetClock, deadlines: Deadlines
) -> None:
    at = clock.now()
    rows = [
        item_row(organization, at, TODAY + timedelta(days=days), title=title, status=status)
        for title, days, status in (
            ("overdue", -400, ComplianceStatus.PENDING),
            ("today", 0, ComplianceStatus.IN_PROGRESS),
            ("this week", 5, ComplianceStatus.PENDING),
            ("far", 31, ComplianceStatus.PENDING),
            ("done", -3, ComplianceStatus.COMPLETED),
        )
    ]
    gone = item_row(organization, at, TODAY, title="gone", deleted_at=at)
    never = item_row(organization, at, None, title="never")
    await store(database, *rows, gone, never)
    # Another organization has very many, and waits for its turn as often as need be.
    busy = await make_organization(database)
    await store(database, *(item_row(busy, at, TODAY, title=f"{n:03}") for n in range(130)))
    quiet = await make_organization(database)
    assert await deadlines.pressing()
    await deadlines.tell()
    assert await told(database, organization) == [("overdue", 0), ("this week", 7), ("today", 1)]
    assert [len(await told(database, each)) for each in (busy, quiet)] == [60, 0]
    await deadlines.tell()
    assert await deadlines.pressing()
    await deadlines.tell()
    assert len(await told(database, busy)) == 130
    assert not await deadlines.pressing()
    assert len(await told(database, organization)) == 3


async def test_other_distances_can_be_set(database: Database, organization: str, clock: SetClock) -> None:
    settings = ComplianceSettings.model_validate({"alert_days": "90, 14"})
    database.alert_days = settings.alert_days
    await store(database, item_row(organization, clock.now(), TODAY + timedelta(days=60), title="a"))
    await Deadlines(database, settings).tell()
    clock.advance(days=55)
    await Deadlines(database, settings).tell()
    assert await told(database, organization) == [("a", 90), ("a", 14)]


async def test_what_is_pressing_is_looked_for_at_the_start(
    database: Database, organization: str, clock: SetClock, deadlines: Deadlines
) -> None:
    hours = timedelta(hours=1)
    task = Task(f"tell {organization}", hours, deadlines.tell, deadlines.pressing)
    while await deadlines.pressing():
        await deadlines.tell()
    assert await PeriodicQueue(database, [task]).next_due() == clock.now() + hours
    await store(database, item_row(organization, clock.now(), TODAY, title="a"))
    started = PeriodicQueue(database, [task])
    assert await started.next_due() == clock.now()
    for job in await started.take(1):
        await started.run(job)
    assert await told(database, organization) == [("a", 1)]
    row = (
        await database.rows(select(PeriodicTask.due_at, PeriodicTask.failure).where(PeriodicTask.name == task.name))
    )[0]
    assert tuple(row) == (clock.now() + hours, None)

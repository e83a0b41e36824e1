"""The log followed: every event once, in order, without gaps, whoever writes and however slowly one listens."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from domain.errors import DomainError, invalid, unavailable
from domain.event_log import Event
from domain.events import EventType
from domain.leads import Lead
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.unit import Keys, Unit
from tests.clocks import SetClock
from tests.conftest import opened
from tests.factories.leads import make_lead
from tests.factories.organizations import make_organization, make_viewer
from tests.waiting import until

WRITERS, ROUNDS = 8, 25
PATIENCE = 15
"""Seconds after which a test that waits for an event has failed."""


def telling(lead: str, events: int, name: str = "", fail: bool = False, pause: float = 0) -> Any:
    """A use case that tells `events` things about a lead, perhaps slowly, perhaps in vain."""

    async def work(unit: Unit) -> Keys:
        found = await unit.session.get_one(Lead, lead)
        for number in range(events):
            unit.record(EventType.LEAD_UPDATED, found, {"name": f"{name}/{number}"}, lead_id=lead)
        if pause:
            await asyncio.sleep(pause)
        if fail:
            raise invalid("name", "in vain")
        return {}

    return work


async def tell(database: Database, viewer: Viewer, lead: str, events: int = 1, **options: Any) -> None:
    await database.transact(viewer, telling(lead, events, **options))


@asynccontextmanager
async def following(database: Database, viewer: Viewer, after: int) -> AsyncIterator[AsyncIterator[Event]]:
    pages = database.pages(viewer.organization_id, after)
    async with aclosing(pages), aclosing(event async for page in pages for event in page) as events:
        yield events


async def take(database: Database, viewer: Viewer, after: int, most: int) -> list[Event]:
    """The next events after a place; the listener leaves then."""
    taken: list[Event] = []
    async with asyncio.timeout(PATIENCE), following(database, viewer, after) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == most:
                return taken
    raise AssertionError("a feed never ends by itself")


@pytest.fixture
async def lead(database: Database, organization: str) -> str:
    return await make_lead(database, organization)


def feed_tasks() -> list[str]:
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("event feed")]


async def test_a_follower_that_resumes_sees_every_event_once_and_in_order(
    database: Database, viewer: Viewer, lead: str
) -> None:
    """Writers are slow between their work and the commit, or give up: the order of the log is that of commits."""
    chance = random.Random(7)
    plans = [
        [(chance.randint(1, 3), chance.random() < 0.2, chance.choice([0, 0, 0.002, 0.01])) for _ in range(ROUNDS)]
        for _ in range(WRITERS if not database.engines.embedded else 3)
    ]
    expected = [
        f"{writer}.{number}/{each}"
        for writer, plan in enumerate(plans)
        for number, (events, fail, _) in enumerate(plan)
        for each in range(0 if fail else events)
    ]

    async def write(writer: int) -> None:
        for number, (events, fail, pause) in enumerate(plans[writer]):
            try:
                await tell(database, viewer, lead, events, name=f"{writer}.{number}", fail=fail, pause=pause)
            except DomainError:
                assert fail

    async def follow() -> list[Event]:
        seen: list[Event] = []
        while len(seen) < len(expected):
            place = seen[-1].sequence if seen else 0
            seen += await take(database, viewer, place, min(chance.randint(1, 40), len(expected) - len(seen)))
        return seen

    async with asyncio.TaskGroup() as group:
        followers = [group.create_task(follow()) for _ in range(2)]
        for writer in range(len(plans)):
            group.create_task(write(writer))

    for follower in followers:
        seen = follower.result()
        assert [event.sequence for event in seen] == list(range(1, len(expected) + 1))
        assert sorted(event.data["name"] for event in seen) == sorted(expected)
    assert feed_tasks() == []


@pytest.mark.postgres
async def test_processes_see_each_others_events(postgres_database_url: str, clock: SetClock, server: Database) -> None:
    viewer = await make_viewer(server, await make_organization(server))
    lead = await make_lead(server, viewer.organization_id)
    async with opened(postgres_database_url, clock, poll_seconds=0.01) as other, asyncio.TaskGroup() as group:
        here = group.create_task(take(server, viewer, 0, 40))
        there = group.create_task(take(other, viewer, 0, 40))
        for number in range(20):
            group.create_task(tell(server, viewer, lead, name=f"here {number}"))
            group.create_task(tell(other, viewer, lead, name=f"there {number}"))
    names = [event.data["name"] for event in here.result()]
    assert names == [event.data["name"] for event in there.result()]
    assert len(set(names)) == 40


async def test_a_listener_far_behind_is_served_from_the_database(database: Database, viewer: Viewer, lead: str) -> None:
    await tell(database, viewer, lead, 1500)
    async with following(database, viewer, 1499) as ahead:
        assert (await asyncio.wait_for(anext(ahead), PATIENCE)).sequence == 1500
        await tell(database, viewer, lead, 1100)
        seen = await take(database, viewer, 0, 2600)
        assert [event.sequence for event in seen] == list(range(1, 2601))
        rest = [await asyncio.wait_for(anext(ahead), PATIENCE) for _ in range(1100)]
        assert [event.sequence for event in rest] == list(range(1501, 2601))


async def test_a_place_beyond_the_newest_waits_for_what_follows_it(
    database: Database, viewer: Viewer, lead: str
) -> None:
    async with following(database, viewer, 2) as events:
        first = asyncio.ensure_future(anext(events))
        await until(lambda: bool(feed_tasks()))
        await tell(database, viewer, lead, 2)
        await tell(database, viewer, lead, 2)
        assert (await asyncio.wait_for(first, PATIENCE)).sequence == 3


async def test_many_listeners_share_one_reader(database: Database, viewer: Viewer, lead: str) -> None:
    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(take(database, viewer, 0, 5)) for _ in range(50)]
        await until(lambda: bool(feed_tasks()))
        assert len(feed_tasks()) == 1
        for _ in range(5):
            await tell(database, viewer, lead)
    assert {tuple(event.sequence for event in each.result()) for each in listeners} == {(1, 2, 3, 4, 5)}
    assert feed_tasks() == []


async def test_a_cancelled_listener_leaves_no_task_and_takes_nobody_with_it(
    database: Database, viewer: Viewer, lead: str
) -> None:
    leaving = asyncio.create_task(take(database, viewer, 0, 5))
    staying = asyncio.create_task(take(database, viewer, 0, 1))
    await until(lambda: bool(feed_tasks()))
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await tell(database, viewer, lead)
    assert [event.sequence for event in await staying] == [1]
    assert feed_tasks() == []


async def test_a_listener_cancelled_at_once_leaves_nothing(database: Database, viewer: Viewer) -> None:
    for turns in range(12):
        leaving = asyncio.create_task(take(database, viewer, 0, 1))
        for _ in range(turns):
            await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        await until(lambda: not feed_tasks())
    assert feed_tasks() == []


async def test_organizations_are_followed_apart(
    database: Database, viewer: Viewer, stranger: Viewer, lead: str
) -> None:
    theirs = await make_lead(database, stranger.organization_id)
    await tell(database, stranger, theirs, name="theirs")
    await tell(database, viewer, lead, name="ours")
    assert [event.data["name"] for event in await take(database, viewer, 0, 1)] == ["ours/0"]
    assert [event.data["name"] for event in await take(database, stranger, 0, 1)] == ["theirs/0"]


@pytest.mark.parametrize("failure", [unavailable("away"), ZeroDivisionError("a bug")], ids=["away", "bug"])
async def test_a_feed_goes_on_after_a_failure(
    database: Database,
    viewer: Viewer,
    lead: str,
    failure: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with following(database, viewer, 0) as events:
        first = asyncio.ensure_future(anext(events))
        await until(lambda: bool(feed_tasks()))
        with monkeypatch.context() as away:

            def fail() -> None:
                raise failure

            away.setattr(database, "snapshot", fail)
            await tell(database, viewer, lead)
            await until(lambda: "event feed" in caplog.text)
        assert (await asyncio.wait_for(first, PATIENCE)).sequence == 1

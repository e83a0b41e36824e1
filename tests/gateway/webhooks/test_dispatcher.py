"""Following the log for webhooks: soon after a commit, and for nothing where nobody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from domain.events import EventType
from domain.webhooks import WebhookStatus
from gateway.database import Database
from gateway.webhooks import dispatcher as dispatcher_module
from tests.conftest import CountStatements
from tests.factories.lead_calls import Leads
from tests.factories.webhooks import Deliverer, delivering, make_endpoint
from tests.graphs import Graph


@pytest.fixture
def leads(graph: Graph) -> Leads:
    return Leads(graph)


@asynccontextmanager
async def following(deliverer: Deliverer, database: Database) -> AsyncIterator[None]:
    """The dispatcher runs beside, and hears of commits as it does in a process."""
    dispatcher = deliverer.webhooks.dispatcher
    database.committed = dispatcher.stir
    task = asyncio.create_task(dispatcher.run())
    try:
        yield
    finally:
        database.committed = None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def told(deliverer: Deliverer, endpoint: str, count: int) -> list[int]:
    """The numbers of an endpoint's deliveries once there are so many."""
    async with asyncio.timeout(10):
        while len(found := await deliverer.deliveries(endpoint)) < count:  # noqa: ASYNC110 - rows wake nobody
            await asyncio.sleep(0.01)
    return [each.sequence for each in found]


async def test_a_commit_is_followed_at_once_and_a_burst_together(
    database: Database, organization: str, leads: Leads
) -> None:
    made = asyncio.Event()
    endpoint = await make_endpoint(database, organization, "https://example.com/", EventType.LEAD_CREATED)
    # The poll is too slow to be what finds the events.
    async with delivering(database, poll_seconds=600, gather_seconds=0.05) as deliverer:
        deliverer.webhooks.dispatcher.made = made.set
        async with following(deliverer, database):
            await leads.create()
            assert await told(deliverer, endpoint, 1) == [1]
            assert made.is_set()
            for _ in range(5):
                await leads.create()
            assert await told(deliverer, endpoint, 6) == [1, 2, 3, 4, 5, 6]


# On a shared server there are the endpoints of other tests.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_where_nobody_listens_a_commit_costs_no_statement(
    database: Database, organization: str, leads: Leads, count_statements: CountStatements
) -> None:
    async with delivering(database, poll_seconds=600) as deliverer, following(deliverer, database):
        await leads.create()
        await asyncio.sleep(0.1)
        with count_statements() as ran:
            for _ in range(5):
                await leads.create()
            await asyncio.sleep(0.1)

    assert [statement for statement in ran if "webhook" in statement] == []


async def test_an_endpoint_that_is_new_is_noticed_while_others_write(
    database: Database, organization: str, leads: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_module, "_NEWS_SECONDS", 0.05)
    async with delivering(database, poll_seconds=600) as deliverer, following(deliverer, database):
        await leads.create()
        await asyncio.sleep(0.1)
        endpoint = await make_endpoint(
            database, organization, "https://example.com/", EventType.LEAD_CREATED, position=1
        )
        await leads.create()

        assert await told(deliverer, endpoint, 1) == [2]


async def test_what_nobody_told_of_is_found_by_the_poll(database: Database, organization: str, leads: Leads) -> None:
    async with delivering(database, poll_seconds=0.05) as deliverer, following(deliverer, database):
        database.committed = None
        endpoint = await make_endpoint(database, organization, "https://example.com/", EventType.LEAD_CREATED)
        await leads.create()

        assert await told(deliverer, endpoint, 1) == [1]


async def test_a_failure_to_follow_the_log_is_made_good(
    database: Database, organization: str, leads: Leads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher_module, "_PAUSE_SECONDS", 0.01)
    endpoint = await make_endpoint(database, organization, "https://example.com/", EventType.LEAD_CREATED)
    async with delivering(database) as deliverer:
        dispatcher, failed = deliverer.webhooks.dispatcher, asyncio.Event()
        whole = dispatcher.dispatch

        async def dispatch(organization_id: str) -> bool:
            if not failed.is_set():
                failed.set()
                raise RuntimeError("once")
            return await whole(organization_id)

        monkeypatch.setattr(dispatcher, "dispatch", dispatch)
        async with following(deliverer, database):
            await leads.create()
            assert await told(deliverer, endpoint, 1) == [1]

    assert failed.is_set()
    assert (await deliverer.endpoint(endpoint)).status is WebhookStatus.ACTIVE

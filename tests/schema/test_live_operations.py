"""What administrators see of the running process, and of whose."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.connections import ConnectionKind
from domain.emails import EmailStatus
from domain.permissions import Role
from domain.values import iso
from domain.viewer import Viewer
from domain.webhooks import DeliveryStatus, WebhookStatus
from gateway.database import Database
from tests.clocks import SetClock
from tests.conftest import CountStatements, MakeViewer
from tests.factories.leads import email_row, make_lead
from tests.factories.organizations import make_organization, store
from tests.factories.queues import queue_attempt, queue_delivery, queue_endpoint
from tests.graphs import Graph

CONNECTIONS = """query ($first: Int) { liveConnections(first: $first) { totalCount nodes {
  id kind openedAt address clientId clientName client { name } userId user { name } operations sent waiting } } }"""


async def test_open_streams_are_listed_with_who_listens(graph: Graph, viewer_of: MakeViewer, clock: SetClock) -> None:
    listener = await viewer_of(role=Role.SALES_REP)
    with graph.connections.holding(ConnectionKind.CLICKUP_BRAIN_SSE, listener, "192.0.2.9") as one:
        one.operations, one.sent, one.waiting = 2, 30, 1
        found = (await graph.data(CONNECTIONS))["liveConnections"]
    assert found["totalCount"] == 1
    (node,) = found["nodes"]
    assert (node["kind"], node["openedAt"], node["address"]) == ("CLICKUP_BRAIN_SSE", iso(clock.at), "192.0.2.9")
    assert (node["operations"], node["sent"], node["waiting"]) == (2, 30, 1)
    assert (node["clientId"], node["userId"]) == (listener.client_id, listener.user_id)
    assert node["clientName"] == listener.name
    assert (node["user"] is None) == (listener.user_id is None)
    assert (await graph.data(CONNECTIONS))["liveConnections"] == {"totalCount": 0, "nodes": []}


async def test_streams_of_others_are_not_listed_those_of_the_sandbox_are(
    graph: Graph, viewer: Viewer, stranger: Viewer, database: Database
) -> None:
    sandbox = await make_organization(database, name="Sandbox")
    tester = replace(viewer, organization_id=sandbox, home_organization_id=viewer.organization_id, name="Tester")
    hold = graph.connections.holding
    with hold(ConnectionKind.GRAPHQL_SSE, stranger, None), hold(ConnectionKind.GRAPHQL_SSE, tester, None):
        found = (await graph.data(CONNECTIONS))["liveConnections"]
    assert [node["clientName"] for node in found["nodes"]] == ["Tester"]
    assert found["totalCount"] == 1


async def test_a_page_of_streams_is_bounded(graph: Graph, viewer: Viewer, count_statements: CountStatements) -> None:
    with ExitStack() as open_:
        for _ in range(121):
            open_.enter_context(graph.connections.holding(ConnectionKind.GRAPHQL_SSE, viewer, None))
        with count_statements() as ran:
            found = (await graph.data(CONNECTIONS, first=2))["liveConnections"]
        assert found["totalCount"] == 121
        assert [node["id"] for node in found["nodes"]] == [each.id for each in graph.connections.all()[:2]]
        # The clients of all of them together, and their users.
        assert len(ran) <= 2
        assert len((await graph.data(CONNECTIONS))["liveConnections"]["nodes"]) == 50
        assert len((await graph.data(CONNECTIONS, first=1_000))["liveConnections"]["nodes"]) == 100


@pytest.fixture
async def queued(database: Database, viewer: Viewer, stranger: Viewer, clock: SetClock) -> None:
    """In two organizations: deliveries and mail that are due, planned, done and failed, lately and long ago."""
    now, day = clock.now(), timedelta(days=1)
    for organization in (viewer.organization_id, stranger.organization_id):
        endpoint = await queue_endpoint(database, organization)
        for due_at in (now - day, now, now + day):
            await queue_delivery(database, organization, endpoint, due_at=due_at)
        for tried in (now - timedelta(hours=1), now - 2 * day):
            given_up = await queue_delivery(
                database, organization, endpoint, due_at=None, status=DeliveryStatus.FAILED, created_at=now - 4 * day
            )
            for at in (tried - timedelta(minutes=1), tried):
                await queue_attempt(database, organization, given_up, at)
        lead = await make_lead(database, organization)
        rows = [
            {"status": EmailStatus.SCHEDULED, "due_at": now + day},
            {"status": EmailStatus.FAILED},
            {"status": EmailStatus.FAILED, "created_at": now - 9 * day, "scheduled_for": now},
            {"status": EmailStatus.FAILED, "created_at": now - 2 * day},
        ]
        await store(database, *(email_row(lead, organization, now, **each) for each in rows))


_OTHERS = ("BATCH_ENTRIES", "BATCH_CALLBACKS", "CAMPAIGN_CONTENT", "CAMPAIGN_ACTIONS", "RESEARCH")
"""Queues with nothing in them."""


async def test_queues_tell_how_much_waits_and_was_given_up(graph: Graph, queued: None, clock: SetClock) -> None:
    found = (await graph.data("{ queues { queue due waiting oldestDueAt failedLastDay } }"))["queues"]
    assert found == [
        {
            "queue": "WEBHOOK_DELIVERIES",
            "due": 2,
            "waiting": 1,
            "oldestDueAt": iso(clock.now() - timedelta(days=1)),
            "failedLastDay": 1,
        },
        {"queue": "MAIL", "due": 0, "waiting": 1, "oldestDueAt": None, "failedLastDay": 2},
        *({"queue": name, "due": 0, "waiting": 0, "oldestDueAt": None, "failedLastDay": 0} for name in _OTHERS),
    ]


async def test_what_cannot_be_begun_is_not_late(
    graph: Graph, database: Database, viewer: Viewer, clock: SetClock
) -> None:
    """Nobody who looks whether work is taken up is alarmed by what waits for its receiver, or for another delivery."""
    now, hour = clock.now(), timedelta(hours=1)
    stopped = ({"status": WebhookStatus.PAUSED}, {"status": WebhookStatus.DISABLED}, {"broken_until": now + hour})
    for values in stopped:
        endpoint = await queue_endpoint(database, viewer.organization_id, **values)
        await queue_delivery(database, viewer.organization_id, endpoint, sequence=1, due_at=now - hour)
    for due_at in (now + hour, now):
        endpoint = await queue_endpoint(database, viewer.organization_id, strict_order=True)
        await queue_delivery(database, viewer.organization_id, endpoint, sequence=1, due_at=due_at)
        await queue_delivery(database, viewer.organization_id, endpoint, sequence=2, due_at=now - hour)
    found = (await graph.data("{ queues { due waiting oldestDueAt } }"))["queues"]
    assert found[0] == {"due": 1, "waiting": 6, "oldestDueAt": iso(now)}


async def test_endpoints_are_counted_by_state(
    graph: Graph, database: Database, viewer: Viewer, stranger: Viewer, clock: SetClock
) -> None:
    later = clock.now() + timedelta(minutes=5)
    for values in (
        {},
        {"broken_until": later},
        {"broken_until": clock.now()},
        {"status": WebhookStatus.PAUSED, "broken_until": later},
        {"status": WebhookStatus.DISABLED},
        {"deleted_at": clock.now()},
    ):
        await queue_endpoint(database, viewer.organization_id, **values)
    await queue_endpoint(database, stranger.organization_id)
    found = (await graph.data("{ webhookHealth { active broken paused disabled } }"))["webhookHealth"]
    assert found == {"active": 3, "broken": 1, "paused": 1, "disabled": 1}

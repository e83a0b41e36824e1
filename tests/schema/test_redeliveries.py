"""Deliveries in the graph: looked at, sent again one by one or as a stretch of the log, tested."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.viewer import Viewer
from domain.webhooks import DeliveryStatus, WebhookStatus
from gateway.database import Database
from resolvers.cursors import place
from tests.clocks import SetClock
from tests.factories.contexts import terms_of
from tests.factories.hooks import Hooks, hooks
from tests.factories.organizations import store
from tests.factories.webhook_rows import attempt_row

__all__ = ["hooks"]

PENDING, DELIVERED, FAILED = DeliveryStatus.PENDING, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED
RANGE = "redelivered lastSequence more"


async def test_a_delivery_is_looked_at(hooks: Hooks, database: Database) -> None:
    await hooks.lead()
    webhook = await hooks.register(dialect="CRM_ULTRA")
    now = database.clock.now()
    delivery = await hooks.deliver(webhook, 1, FAILED, name="lead.created", failure="It was answered with 500.")
    tries = [
        attempt_row(
            hooks.organization,
            delivery,
            now + timedelta(seconds=number),
            number=number,
            milliseconds=12,
            status=500,
            response="no",
        )
        for number in (1, 2)
    ]
    await store(database, *tries)
    query = """query ($d: ID!) { webhookDelivery(id: $d) {
      id sequence cursor type name test status attempts dueAt failure body endpoint { id } event { type lead { email } }
      attemptLog { nodes { number status response milliseconds } } } }"""
    found = (await hooks.graph.data(query, d=delivery))["webhookDelivery"]
    assert found == {
        "id": delivery,
        "sequence": 1,
        "cursor": place(1),
        "type": "LEAD_CREATED",
        "name": "lead.created",
        "test": False,
        "status": "FAILED",
        "attempts": 3,
        "dueAt": None,
        "failure": "It was answered with 500.",
        "body": "{}",
        "endpoint": {"id": webhook},
        "event": {"type": "LEAD_CREATED", "lead": {"email": "ann@example.com"}},
        "attemptLog": {
            "nodes": [{"number": n, "status": 500, "response": "no", "milliseconds": 12} for n in (1, 2)],
        },
    }


async def test_deliveries_are_filtered(hooks: Hooks, clock: SetClock) -> None:
    webhook, other = await hooks.register(), await hooks.register()
    await hooks.deliver(webhook, 1, FAILED)
    await hooks.deliver(webhook, 2, DELIVERED, type="LEAD_UPDATED")
    await hooks.deliver(other, 1, PENDING)
    clock.advance(days=1)
    await hooks.done("pingWebhook", webhookId=webhook)
    query = "query ($w: WebhookDeliveryFilter) { webhookDeliveries(where: $w) { totalCount } }"
    own = "query ($id: ID!, $w: WebhookDeliveryFilter) { webhook(id: $id) { deliveries(where: $w) { totalCount } } }"

    async def count(**where: Any) -> int:
        return int((await hooks.graph.data(query, w=where))["webhookDeliveries"]["totalCount"])

    assert await count() == 4
    assert [await count(webhook=each) for each in (webhook, other, "wh_other")] == [3, 1, 0]
    assert [await count(status=each) for each in ("FAILED", "DELIVERED", "PENDING")] == [1, 1, 2]
    assert [await count(test=each) for each in (True, False)] == [1, 3]
    assert await count(type="LEAD_UPDATED") == 1
    assert [await count(firstSequence=2), await count(lastSequence=1)] == [1, 2]
    assert [await count(createdFrom="2024-01-16"), await count(createdTo="2024-01-15")] == [1, 3]
    page = await hooks.graph.data(own, id=webhook, w={"status": "FAILED"})
    assert page["webhook"]["deliveries"] == {"totalCount": 1}


async def test_webhooks_are_filtered(hooks: Hooks, viewer: Viewer) -> None:
    own = await hooks.register(dialect="CRM_ULTRA")
    await hooks.done("pauseWebhook", by={"id": await hooks.register()})
    query = "query ($w: WebhookFilter) { webhooks(where: $w) { nodes { id } } }"

    async def found(as_: Viewer | None = None, **where: Any) -> int:
        return len((await hooks.graph.data(query, viewer=as_, w=where))["webhooks"]["nodes"])

    assert [await found(status=each) for each in ("ACTIVE", "PAUSED")] == [1, 1]
    assert [await found(dialect=each) for each in ("CRM_ULTRA", "COPYCAR")] == [1, 0]
    assert [await found(mine=each) for each in (True, False)] == [2, 0]
    assert [await found(viewer, mine=each) for each in (True, False)] == [0, 2]
    assert await found(client=hooks.graph.viewer.client_id) == 2
    assert own


@pytest.mark.parametrize("status", [FAILED, DELIVERED, PENDING])
async def test_one_is_sent_again_from_the_start(hooks: Hooks, database: Database, status: DeliveryStatus) -> None:
    webhook = await hooks.register()
    later = database.clock.now() + timedelta(hours=20)
    delivery = await hooks.deliver(webhook, 1, status, failure="no", due_at=later if status is PENDING else None)
    await hooks.set(webhook, failures=30, broken_until=later)
    done = await hooks.done("redeliverWebhook", "delivery { id status attempts failure dueAt }", by={"id": delivery})
    assert done["delivery"] == {
        "id": delivery,
        "status": "PENDING",
        "attempts": 0,
        "failure": None,
        "dueAt": "2024-01-15T14:30:00Z",
    }
    assert (await hooks.stored(webhook)).broken_until is None
    assert (await hooks.noted())[-1] == ("redeliverWebhook", delivery)
    assert [each[0] for each in await hooks.told()] == ["WEBHOOK_CREATED"]


async def test_who_works_on_it_is_woken(hooks: Hooks, database: Database) -> None:
    webhook = await hooks.register()
    delivery = await hooks.deliver(webhook, 1, FAILED)
    woken: list[int] = []
    database.made_due = lambda: woken.append(1)
    await hooks.done("redeliverWebhook", by={"id": delivery})
    await hooks.done("redeliverWebhooks", webhookId=webhook, firstSequence=1)
    await hooks.done("pingWebhook", webhookId=webhook)
    await hooks.done("updateWebhook", id=webhook, description="x")
    assert len(woken) == 3


@pytest.mark.parametrize("status", [WebhookStatus.PAUSED, WebhookStatus.DISABLED])
async def test_nothing_is_sent_to_a_webhook_that_is_not_active(hooks: Hooks, status: WebhookStatus) -> None:
    webhook = await hooks.register()
    delivery = await hooks.deliver(webhook, 1, FAILED)
    await hooks.set(webhook, status=status)
    assert await hooks.refused("redeliverWebhook", by={"id": delivery}) == [("CONFLICT", "id")]
    wanted = {"webhookId": webhook, "firstSequence": 1}
    assert await hooks.refused("redeliverWebhooks", **wanted) == [("CONFLICT", "webhookId")]
    assert await hooks.refused("pingWebhook", webhookId=webhook) == [("CONFLICT", "webhookId")]


async def test_a_stretch_is_sent_again_and_what_was_never_sent_too(hooks: Hooks) -> None:
    for _ in range(4):
        await hooks.lead()
    webhook = await hooks.register()
    await hooks.deliver(webhook, 2, DELIVERED, body="two", delivered_at=hooks.database.clock.now())
    await hooks.deliver(webhook, 3, FAILED, body="three")
    done = await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=2, lastSequence=4)
    assert (done["redelivered"], done["lastSequence"], done["more"]) == (3, 4, False)
    now = hooks.database.clock.now()
    assert [tuple(each) for each in await hooks.deliveries(webhook)] == [
        (2, PENDING, now, 0, False, "two"),
        (3, PENDING, now, 0, False, "three"),
        (4, PENDING, now, 0, False, ""),
    ]
    assert (await hooks.noted())[-1] == ("redeliverWebhooks", webhook)
    await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=1)
    # Its own registration, number 5, is no kind of event that it asked for.
    assert [each[0] for each in await hooks.deliveries(webhook)] == [1, 2, 3, 4]


async def test_only_what_was_given_up(hooks: Hooks) -> None:
    for _ in range(3):
        await hooks.lead()
    webhook = await hooks.register()
    await hooks.deliver(webhook, 1, DELIVERED)
    await hooks.deliver(webhook, 2, FAILED)
    done = await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=1, failedOnly=True)
    assert (done["redelivered"], done["lastSequence"]) == (1, 2)
    assert [(each[0], each[1]) for each in await hooks.deliveries(webhook)] == [(1, DELIVERED), (2, PENDING)]
    again = await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=1, failedOnly=True)
    assert (again["redelivered"], again["lastSequence"], again["more"]) == (0, None, False)


async def test_a_stretch_of_time(hooks: Hooks, clock: SetClock) -> None:
    await hooks.lead()
    clock.advance(days=1)
    await hooks.lead()
    webhook = await hooks.register()
    # Number 9 is in the log no longer: the day it was made on counts.
    await hooks.deliver(webhook, 9, FAILED)
    clock.advance(days=1)
    await hooks.lead()

    async def sent(**bounds: Any) -> Any:
        return (await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, **bounds))["redelivered"]

    assert await sent(until="2024-01-15") == 1
    assert await sent(since="2024-01-16", until="2024-01-16") == 2
    assert await sent(since="2024-01-17") == 1
    assert [each[0] for each in await hooks.deliveries(webhook)] == [1, 2, 4, 9]
    assert await sent(since="2024-01-16", lastSequence=2) == 1


async def test_a_call_does_a_bounded_part(hooks: Hooks, database: Database) -> None:
    database.webhooks = terms_of(database, redelivered=2)
    for _ in range(3):
        await hooks.lead()
    webhook = await hooks.register()
    await hooks.deliver(webhook, 2, FAILED)
    first = await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=1)
    assert (first["redelivered"], first["lastSequence"], first["more"]) == (2, 2, True)
    rest = await hooks.done("redeliverWebhooks", RANGE, webhookId=webhook, firstSequence=first["lastSequence"] + 1)
    assert (rest["redelivered"], rest["lastSequence"], rest["more"]) == (1, 3, False)


async def test_what_is_in_hand_stays_there(hooks: Hooks, database: Database) -> None:
    webhook = await hooks.register()
    lease = database.clock.now() + timedelta(minutes=1)
    delivery = await hooks.deliver(webhook, 1, PENDING, due_at=lease, leased_until=lease)
    await hooks.done("redeliverWebhooks", webhookId=webhook, firstSequence=1)
    ((_, _, due, attempts, *_),) = await hooks.deliveries(webhook)
    assert (due, attempts) == (lease, 3)
    await hooks.done("redeliverWebhook", by={"id": delivery})
    ((_, _, due, attempts, *_),) = await hooks.deliveries(webhook)
    assert (due, attempts) == (lease, 0)


async def test_a_stretch_has_bounds(hooks: Hooks) -> None:
    webhook = await hooks.register()
    for given, refusal in (
        ({}, ("REQUIRED", "firstSequence")),
        ({"failedOnly": True}, ("REQUIRED", "firstSequence")),
        ({"firstSequence": 2, "lastSequence": 1}, ("INVALID", "lastSequence")),
        ({"since": "2024-01-02", "until": "2024-01-01"}, ("INVALID", "until")),
    ):
        assert await hooks.refused("redeliverWebhooks", webhookId=webhook, **given) == [refusal]


async def test_a_test_is_sent_with_an_example(hooks: Hooks) -> None:
    webhook = await hooks.register("NOTE_CREATED", "LEAD_CREATED", dialect="CRM_ULTRA")
    fields = "delivery { type name test sequence cursor event { type } status }"
    made = await hooks.done("pingWebhook", fields, webhookId=webhook)
    assert made["delivery"] == {
        "type": "NOTE_CREATED",
        "name": "note.created",
        "test": True,
        "sequence": None,
        "cursor": None,
        "event": None,
        "status": "PENDING",
    }
    other = await hooks.done("pingWebhook", fields, webhookId=webhook, type="LEAD_CREATED")
    assert other["delivery"]["name"] == "lead.created"
    # The first gave way; tests hold back nothing and do not pile up.
    assert sorted((each[1], each[4]) for each in await hooks.deliveries(webhook)) == [(FAILED, True), (PENDING, True)]
    assert await hooks.refused("pingWebhook", webhookId=webhook, type="TASK_CREATED") == [("INVALID", "type")]

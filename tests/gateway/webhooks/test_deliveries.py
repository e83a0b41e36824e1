"""What happens is told: to whom it may, at least once under one id, with the same bytes, and in order where asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.clients import ApiClient
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Role
from domain.users import User
from domain.viewer import Dialect
from domain.webhooks import DeliveryStatus, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookStatus
from gateway.database import Database
from resolvers import webhook_lines
from tests.clocks import SetClock
from tests.conftest import MakeViewer
from tests.factories.contexts import terms_of
from tests.factories.credentials import make_client
from tests.factories.lead_calls import Leads
from tests.factories.organizations import store
from tests.factories.webhook_rows import delivery_row
from tests.factories.webhooks import Deliverer, Receiver, Told, answer, delivering, make_endpoint, receiving
from tests.graphs import Graph

CREATED, UPDATED = EventType.LEAD_CREATED, EventType.LEAD_UPDATED
NOTE = "mutation ($i: CreateNoteInput!) { createNote(input: $i) { errors { message } } }"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def deliverer(database: Database) -> AsyncIterator[Deliverer]:
    async with delivering(database) as deliverer:
        yield deliverer


@pytest.fixture
def leads(graph: Graph) -> Leads:
    return Leads(graph)


async def change(database: Database, entity: Any, id: str, **values: Any) -> None:
    async def work(session: Any) -> None:
        await session.execute(update(entity).where(entity.id == id).values(**values))

    await database.store(work)


async def attempts(database: Database, delivery_id: str) -> Sequence[Any]:
    columns = WebhookAttempt.__table__.columns
    statement = select(*columns).where(WebhookAttempt.delivery_id == delivery_id)
    return await database.rows(statement.order_by(WebhookAttempt.number))


async def test_an_event_is_told_in_the_words_of_the_product(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url("/in?a=1"), CREATED, dialect=Dialect.CRM_ULTRA)
    lead = await leads.create(firstName="Ädä", customFields={"10": 2.0, "b": 1e-7, "a": "\u2028"})

    await deliverer.dispatch(organization)
    assert await deliverer.sweep(organization) == 1

    (told,) = receiver.told
    assert told.path == "/in?a=1"
    assert (told.json["event"], told.json["data"]["id"]) == ("lead.created", lead["id"])
    assert told.headers["content-type"] == "application/json; charset=utf-8"
    assert told.headers["user-agent"].startswith("Trigraph-Webhooks/")
    assert (told.sequence, told.headers["x-trigraph-attempt"]) == (1, "1")
    (delivery,) = await deliverer.deliveries(endpoint)
    assert (delivery.status, delivery.id, delivery.body.encode()) == (DeliveryStatus.DELIVERED, told.id, told.body)
    assert await deliverer.sweep(organization) == 0


async def test_the_graph_s_own_words_carry_type_place_and_facts(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    await make_endpoint(database, organization, receiver.url(), CREATED, UPDATED)
    lead = await leads.create()

    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    (told,) = receiver.told
    assert list(told.json) == ["type", "timestamp", "sequence", "cursor", "data"]
    assert (told.json["type"], told.json["sequence"]) == ("LEAD_CREATED", 1)
    assert told.json["cursor"] == told.headers["x-trigraph-cursor"]
    assert told.json["data"]["subjectId"] == lead["id"]


async def test_a_failed_delivery_is_tried_again_as_it_was_and_given_up_in_the_end(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    receiver.answers(500, 404, 302)
    await deliverer.dispatch(organization)

    for _ in range(3):
        assert await deliverer.sweep(organization) == 1
        assert await deliverer.sweep(organization) == 0
        clock.advance(seconds=60)

    assert await deliverer.sweep(organization) == 0
    assert len({(told.id, told.body) for told in receiver.told}) == 1
    assert [told.headers["x-trigraph-attempt"] for told in receiver.told] == ["1", "2", "3"]
    (delivery,) = await deliverer.deliveries(endpoint)
    assert (delivery.status, delivery.attempts, delivery.last_status) == (DeliveryStatus.FAILED, 3, 302)
    tried = await attempts(database, delivery.id)
    assert [(each.number, each.status, each.response) for each in tried] == [
        (1, 500, "OK"),
        (2, 404, "OK"),
        (3, 302, "OK"),
    ]
    assert tried[0].failure == "It was answered with 500."
    assert tried[2].failure == "It was answered with 302, a redirect; those are not followed."
    assert (await deliverer.endpoint(endpoint)).failures == 3


async def test_a_receiver_that_is_gone_is_told_nothing_more_and_that_is_an_event(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    receiver.answers(410)
    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)
    await leads.create()
    clock.advance(minutes=5)

    await deliverer.dispatch(organization)
    assert await deliverer.sweep(organization) == 0

    found = await deliverer.endpoint(endpoint)
    assert (found.status, found.status_reason) == (WebhookStatus.DISABLED, "It answered 410 Gone.")
    assert [each.status for each in await deliverer.deliveries(endpoint)] == [DeliveryStatus.FAILED]
    assert await leads.told() == ["LEAD_CREATED", "WEBHOOK_DISABLED", "LEAD_CREATED"]


async def test_a_failing_endpoint_is_left_alone_then_tried_once_then_told_everything(
    receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    async with delivering(
        database, schedule="0,1,1,1,1,1", breaker_failures=3, breaker_seconds=60, at_once_per_endpoint=3
    ) as deliverer:
        await make_endpoint(database, organization, receiver.url(), CREATED)
        for _ in range(5):
            await leads.create()
        receiver.answers(500)
        await deliverer.dispatch(organization)

        assert await deliverer.sweep(organization) == 3
        clock.advance(seconds=59)
        assert await deliverer.sweep(organization) == 0
        assert await deliverer.webhooks.queue.next_due() is not None
        clock.advance(seconds=1)
        assert await deliverer.sweep(organization) == 1
        clock.advance(seconds=60)
        receiver.answers(200)
        receiver.told.clear()
        assert await deliverer.sweep(organization) == 5
        # The trial went alone, and only then the others came.
        assert len({told.id for told in receiver.told}) == 5


async def test_strict_order_holds_under_failures_and_across_a_delivery_that_is_given_up(
    receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    failing = {2: 1, 3: 9, 5: 2}

    async def respond(told: Told) -> bytes:
        failing[told.sequence] = failing.get(told.sequence, 0) - 1
        return answer(500 if failing[told.sequence] >= 0 else 200)

    receiver.respond = respond
    async with delivering(database) as deliverer:
        endpoint = await make_endpoint(database, organization, receiver.url(), CREATED, strict_order=True)
        for _ in range(6):
            await leads.create()
        await deliverer.dispatch(organization)
        for _ in range(12):
            await deliverer.sweep(organization)
            clock.advance(seconds=60)

    assert [told.sequence for told in receiver.told] == [1, 2, 2, 3, 3, 3, 4, 5, 5, 5, 6]
    assert receiver.most_under_way == 1
    states = [each.status.value for each in await deliverer.deliveries(endpoint)]
    assert states == ["DELIVERED", "DELIVERED", "FAILED", "DELIVERED", "DELIVERED", "DELIVERED"]


async def test_nothing_overtakes_in_strict_order_when_an_old_delivery_is_asked_for_again(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED, strict_order=True)
    for _ in range(3):
        await leads.create()
    receiver.answers(200, 500)
    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)
    first = (await deliverer.deliveries(endpoint))[0]
    again = {"status": DeliveryStatus.PENDING, "due_at": clock.now(), "attempts": 0, "delivered_at": None}
    await change(database, WebhookDelivery, first.id, **again)
    receiver.told.clear()
    receiver.answers(500, 200)

    for _ in range(3):
        await deliverer.sweep(organization)
        clock.advance(seconds=60)

    assert [told.sequence for told in receiver.told] == [1, 1, 2, 3]


async def test_a_test_that_gave_way_holds_its_place_no_longer_than_it_is_under_way(
    deliverer: Deliverer, receiver: Receiver, organization: str, database: Database, graph: Graph
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED, strict_order=True)
    database.webhooks = terms_of(database)
    ping = "mutation ($id: ID!) { pingWebhook(input: {webhookId: $id}) { delivery { id } errors { message } } }"
    second: list[str] = []

    async def respond(told: Told) -> bytes:
        if not second:
            second.append((await graph.data(ping, id=endpoint))["pingWebhook"]["delivery"]["id"])
        return answer()

    receiver.respond = respond
    first = (await graph.data(ping, id=endpoint))["pingWebhook"]["delivery"]["id"]
    await deliverer.sweep(organization)

    assert [told.id for told in receiver.told] == [first, *second]
    states = {each.id: each.status.value for each in await deliverer.deliveries(endpoint)}
    assert states == {first: "FAILED", second[0]: "DELIVERED"}


async def test_no_more_endpoints_are_kept_from_others_than_can_get_something(
    deliverer: Deliverer,
    receiver: Receiver,
    leads: Leads,
    organization: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    await deliverer.dispatch(organization)
    locked: list[int] = []
    whole = webhook_lines.lock_lines

    async def lock_lines(session: Any, now: Any, endpoint_ids: Sequence[str]) -> Any:
        locked.append(len(endpoint_ids))
        return await whole(session, now, endpoint_ids)

    monkeypatch.setattr(webhook_lines, "lock_lines", lock_lines)

    assert len(await deliverer.webhooks.queue.take(2)) == 2
    assert locked == [2]


async def test_a_slow_endpoint_holds_back_nobody_else(
    receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    never = asyncio.Event()

    async def respond(told: Told) -> bytes:
        if told.path == "/slow":
            await never.wait()
        return answer()

    receiver.respond = respond
    async with delivering(database, at_once=6, at_once_per_endpoint=2) as deliverer:
        slow = await make_endpoint(database, organization, receiver.url("/slow"), CREATED)
        fast = await make_endpoint(database, organization, receiver.url("/fast"), CREATED)
        for _ in range(8):
            await leads.create()
        await deliverer.dispatch(organization)
        queue = deliverer.webhooks.queue
        waiting: list[asyncio.Task[None]] = []
        while len([told for told in receiver.told if told.path == "/fast"]) < 8:
            jobs = [job for job in await queue.take(6) if job.organization_id == organization]
            # There may be nothing to take while the first of them are on their way.
            running = [asyncio.create_task(queue.run(job)) for job in jobs] or [asyncio.create_task(asyncio.sleep(0.2))]
            waiting += (await asyncio.wait(running, timeout=0.2))[1]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    assert {each.status for each in await deliverer.deliveries(fast)} == {DeliveryStatus.DELIVERED}
    assert len([told for told in receiver.told if told.path == "/slow"]) == 2
    assert {each.status for each in await deliverer.deliveries(slow)} == {DeliveryStatus.PENDING}


async def test_a_crash_between_sending_and_noting_repeats_a_delivery_and_loses_none(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    await deliverer.dispatch(organization)
    reached, never = asyncio.Event(), asyncio.Event()

    async def respond(told: Told) -> bytes:
        reached.set()
        await never.wait()
        return answer()

    receiver.respond = respond
    queue = deliverer.webhooks.queue
    (job,) = [job for job in await queue.take(50) if job.organization_id == organization]
    attempt = asyncio.create_task(queue.run(job))
    await reached.wait()
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    receiver.answers(200)

    assert await deliverer.sweep(organization) == 0
    clock.advance(minutes=1)
    assert await deliverer.sweep(organization) == 1

    assert len(receiver.told) == 2
    assert len({(told.id, told.body, told.sequence) for told in receiver.told}) == 1
    # Whoever begins the first attempt again finds that it is over.
    await queue.run(job)
    assert len(receiver.told) == 2
    assert [each.status for each in await deliverer.deliveries(endpoint)] == [DeliveryStatus.DELIVERED]


async def test_what_was_begun_before_a_crash_is_made_at_once_when_it_is_begun_again(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    await deliverer.dispatch(organization)
    async with delivering(database) as killed:
        (job,) = [job for job in await killed.webhooks.queue.take(50) if job.organization_id == organization]

    await deliverer.webhooks.queue.run(job)
    await deliverer.webhooks.queue.run(job)

    assert len(receiver.told) == 1


@pytest.mark.parametrize("ending", ["revoked", "expired", "user"])
async def test_an_endpoint_nobody_answers_for_any_more_is_told_nothing(
    deliverer: Deliverer,
    receiver: Receiver,
    leads: Leads,
    organization: str,
    database: Database,
    viewer_of: MakeViewer,
    clock: SetClock,
    ending: str,
) -> None:
    user = (await viewer_of(role=Role.SALES_REP)).user_id or ""
    client = await make_client(database, organization)
    made = [
        await make_endpoint(database, organization, receiver.url(), CREATED, client=client, user_id=user)
        for _ in range(2)
    ]
    await leads.create()
    # One of them has a delivery under way, the other was not considered for the event yet.
    await change(database, WebhookEndpoint, made[1], status=WebhookStatus.PAUSED)
    await deliverer.dispatch(organization)
    await change(database, WebhookEndpoint, made[1], status=WebhookStatus.ACTIVE)
    now = clock.now()
    if ending == "user":
        await change(database, User, user, disabled_at=now)
    else:
        await change(database, ApiClient, client, **{f"{ending}_at" if ending == "revoked" else "expires_at": now})

    await deliverer.sweep(organization)
    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    assert receiver.told == []
    reasons = {
        "revoked": "Its client was revoked.",
        "expired": "Its client has expired.",
        "user": "The user it acts for is disabled.",
    }
    for each in made:
        found = await deliverer.endpoint(each)
        assert (found.status, found.status_reason) == (WebhookStatus.DISABLED, reasons[ending])


async def test_what_several_see_alike_is_selected_once(
    receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    selected: list[str] = []

    class Selecting:
        async def told(self, query: str, event: Any, viewer: Any) -> dict[str, Any]:
            selected.append(viewer.client_id)
            return {"data": {"events": {"sequence": event.sequence}}}

    query = "subscription { events { sequence } }"
    for _ in range(3):
        await make_endpoint(database, organization, receiver.url(), CREATED, query=query)
    await leads.create()

    async with delivering(database, Selecting()) as deliverer:
        await deliverer.dispatch(organization)
        assert await deliverer.sweep(organization) == 3

    assert len(selected) == 1
    assert len({told.body for told in receiver.told}) == 1


async def test_notes_are_told_to_those_who_may_read_them(
    deliverer: Deliverer,
    receiver: Receiver,
    leads: Leads,
    graph: Graph,
    organization: str,
    database: Database,
    viewer_of: MakeViewer,
) -> None:
    author, other = await viewer_of(role=Role.SALES_REP), await viewer_of(role=Role.ADMIN)
    clients = {each.user_id: await make_client(database, organization, scopes=("read",)) for each in (author, other)}
    for user, client in clients.items():
        url = receiver.url("/author" if user == author.user_id else "/other")
        await make_endpoint(database, organization, url, EventType.NOTE_CREATED, client=client, user_id=user)
    lead = await leads.create()
    for visibility in ("PRIVATE", "PUBLIC"):
        note = {"leadId": lead["id"], "content": visibility, "visibility": visibility}
        assert (await graph.data(NOTE, viewer=author, i=note))["createNote"]["errors"] == []

    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    heard = sorted((told.path, told.sequence) for told in receiver.told)
    assert heard == [("/author", 2), ("/author", 3), ("/other", 3)]


@pytest.mark.parametrize("narrowed", ["scopes", "user"])
async def test_what_waits_is_not_told_once_rights_were_narrowed(
    deliverer: Deliverer,
    receiver: Receiver,
    leads: Leads,
    graph: Graph,
    organization: str,
    database: Database,
    viewer_of: MakeViewer,
    clock: SetClock,
    narrowed: str,
) -> None:
    author, other = await viewer_of(role=Role.SALES_REP), await viewer_of(role=Role.ADMIN)
    client = await make_client(database, organization, scopes=("read",), user=author.user_id)
    kind = EventType.NOTE_CREATED
    endpoint = await make_endpoint(database, organization, receiver.url(), kind, client=client, user_id=author.user_id)
    lead = await leads.create()
    note = {"leadId": lead["id"], "content": "mine alone", "visibility": "PRIVATE"}
    assert (await graph.data(NOTE, viewer=author, i=note))["createNote"]["errors"] == []
    receiver.answers(500)
    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)
    assert len(receiver.told) == 1

    if narrowed == "scopes":
        await change(database, ApiClient, client, scopes=["read:reports"])
    else:
        await change(database, WebhookEndpoint, endpoint, user_id=other.user_id)
    clock.advance(seconds=60)
    await deliverer.sweep(organization)

    assert len(receiver.told) == 1
    (found,) = await deliverer.deliveries(endpoint)
    assert (found.status, found.failure) == (DeliveryStatus.FAILED, "The event is not for whom the webhook acts.")


async def test_scopes_of_the_credential_bound_what_is_told(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    await make_endpoint(database, organization, receiver.url(), CREATED, scopes=["read:reports"])
    await leads.create()

    await deliverer.dispatch(organization)

    assert await deliverer.sweep(organization) == 0


async def test_a_product_is_told_of_what_it_has_a_name_for(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    dialect = Dialect.CLICKUP_BRAIN
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED, dialect=dialect)
    await leads.create()

    await deliverer.dispatch(organization)

    assert await deliverer.deliveries(endpoint) == []
    assert (await deliverer.endpoint(endpoint)).position == 1


async def test_a_paused_endpoint_stands_still_and_catches_up(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()
    await deliverer.dispatch(organization)
    await change(database, WebhookEndpoint, endpoint, status=WebhookStatus.PAUSED)
    await leads.create()

    await deliverer.dispatch(organization)
    assert await deliverer.sweep(organization) == 0
    assert (await deliverer.endpoint(endpoint)).position == 1
    await change(database, WebhookEndpoint, endpoint, status=WebhookStatus.ACTIVE)
    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    assert [told.sequence for told in receiver.told] == [1, 2]


async def test_an_endpoint_behind_the_log_goes_on_from_what_is_left_and_says_so(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    for _ in range(4):
        await leads.create()
    await change(database, Organization, organization, forgotten_sequence=3)

    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    assert [told.sequence for told in receiver.told] == [4]
    found = await deliverer.endpoint(endpoint)
    assert (found.position, found.status) == (4, WebhookStatus.ACTIVE)
    assert found.status_reason == "The events 1 to 3 were no longer in the log and are not told."


async def test_endpoints_at_different_places_meet(
    receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    async with delivering(database, page=2) as deliverer:
        near = await make_endpoint(database, organization, receiver.url(), CREATED, position=4)
        far = await make_endpoint(database, organization, receiver.url(), CREATED)
        for _ in range(7):
            await leads.create()

        await deliverer.dispatch(organization)

        assert [each.sequence for each in await deliverer.deliveries(near)] == [5, 6, 7]
        assert [each.sequence for each in await deliverer.deliveries(far)] == [1, 2, 3, 4, 5, 6, 7]


async def test_a_body_that_is_too_large_is_not_sent_and_says_why(
    receiver: Receiver, leads: Leads, graph: Graph, organization: str, database: Database
) -> None:
    async with delivering(database, body_bytes=1024) as deliverer:
        endpoint = await make_endpoint(database, organization, receiver.url(), EventType.NOTE_CREATED)
        lead = await leads.create()
        for content in ("x" * 2000, "x"):
            await graph.data(NOTE, i={"leadId": lead["id"], "content": content})
        await deliverer.dispatch(organization)
        await deliverer.sweep(organization)

    large, small = await deliverer.deliveries(endpoint)
    assert (large.status, small.status) == (DeliveryStatus.FAILED, DeliveryStatus.DELIVERED)
    assert "no more than 1024 are sent" in large.failure


@pytest.mark.parametrize(("status", "value", "seconds"), [(429, "600", 600), (503, "99999", 3600), (500, "600", 60)])
async def test_a_busy_receiver_is_left_alone_as_long_as_it_asks_within_reason(
    deliverer: Deliverer,
    receiver: Receiver,
    leads: Leads,
    organization: str,
    database: Database,
    clock: SetClock,
    status: int,
    value: str,
    seconds: float,
) -> None:
    async def respond(told: Told) -> bytes:
        return answer(status, f"Retry-After: {value}\r\n")

    receiver.respond = respond
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    await leads.create()

    await deliverer.dispatch(organization)
    await deliverer.sweep(organization)

    (delivery,) = await deliverer.deliveries(endpoint)
    assert delivery.due_at == clock.now() + timedelta(seconds=seconds)


async def test_a_delivery_made_without_a_body_gets_one_that_stays(
    deliverer: Deliverer, receiver: Receiver, leads: Leads, organization: str, database: Database, clock: SetClock
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED, dialect=Dialect.CRM_ULTRA)
    await leads.create()
    await change(database, WebhookEndpoint, endpoint, position=1)
    await store(database, *(unwritten(database, organization, endpoint, test) for test in (False, True)))
    receiver.answers(500, 500, 200)

    await deliverer.sweep(organization)
    clock.advance(minutes=1)
    await deliverer.sweep(organization)

    real, test = await deliverer.deliveries(endpoint)
    real, test = (test, real) if real.test else (real, test)
    assert len({told.body for told in receiver.told if told.id == real.id}) == 1
    assert len([told for told in receiver.told if told.id == real.id]) == 2
    # A test is tried once, and is no event of the log.
    assert (real.status, test.status) == (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
    (tested,) = [told for told in receiver.told if told.id == test.id]
    assert tested.json["event"] == "lead.created"
    assert "x-trigraph-sequence" not in tested.headers


def unwritten(database: Database, organization: str, endpoint: str, test: bool) -> WebhookDelivery:
    now = database.clock.now()
    return delivery_row(organization, endpoint, now, sequence=None if test else 1, body="", test=test, due_at=now)


async def test_several_processes_make_each_delivery_once_and_keep_within_the_bounds_together(
    receiver: Receiver, leads: Leads, organization: str, database: Database
) -> None:
    endpoint = await make_endpoint(database, organization, receiver.url(), CREATED)
    strict = await make_endpoint(database, organization, receiver.url(), CREATED, strict_order=True)
    for _ in range(9):
        await leads.create()
    async with (
        delivering(database, page=3, at_once_per_endpoint=4) as one,
        delivering(database, page=3, at_once_per_endpoint=4) as other,
    ):
        await asyncio.gather(*(each.dispatch(organization) for each in (one, other, one, other)))
        taken = await asyncio.gather(*(each.webhooks.queue.take(50) for each in (one, other)))

    jobs = [job for jobs in taken for job in jobs if job.organization_id == organization]
    assert len(set(jobs)) == len(jobs) == 5
    for each in (endpoint, strict):
        assert [delivery.sequence for delivery in await one.deliveries(each)] == list(range(1, 10))

"""Webhooks in the graph: registered, changed, paused, resumed, deleted, signed anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Code
from domain.permissions import Permission, Role
from domain.receivers import Reach, new_secret
from domain.viewer import Viewer
from domain.webhooks import DeliveryStatus, WebhookStatus
from gateway.database import Database
from resolvers import webhook_writes
from resolvers.unit import Keys, Unit
from resolvers.webhook_writes import WebhookSecretRotation
from tests.clocks import SetClock
from tests.conftest import MakeViewer
from tests.factories.contexts import terms_of
from tests.factories.credentials import make_client
from tests.factories.hooks import URL, Hooks, hooks

__all__ = ["hooks"]

FIELDS = """webhook { id url description dialect events query strictOrder status active statusReason pending position
  health { failures brokenUntil lastAttemptAt lastSuccessAt lastStatus } createdAt updatedAt client { id } user { id }
  secrets { nodes { id hint createdAt expiresAt } } }"""
QUERY = "subscription { events { type lead { id email } } }"


async def test_a_webhook_is_registered(hooks: Hooks) -> None:
    await hooks.lead()
    made = await hooks.done(
        "createWebhook",
        f"{FIELDS} secret",
        url=URL,
        events=["LEAD_CREATED", "NOTE_CREATED", "LEAD_CREATED"],
        description=" Mirror ",
    )
    webhook, secret = made["webhook"], made["secret"]
    viewer = hooks.graph.viewer
    (kept,) = webhook["secrets"]["nodes"]
    assert webhook == {
        "id": webhook["id"],
        "url": URL,
        "description": "Mirror",
        "dialect": None,
        "events": ["LEAD_CREATED", "NOTE_CREATED"],
        "query": None,
        "strictOrder": False,
        "status": "ACTIVE",
        "active": True,
        "statusReason": None,
        "pending": 0,
        # The lead was number 1, the registration is number 2: the next is told.
        "position": 2,
        "health": dict.fromkeys(("brokenUntil", "lastAttemptAt", "lastSuccessAt", "lastStatus")) | {"failures": 0},
        "createdAt": "2024-01-15T14:30:00Z",
        "updatedAt": "2024-01-15T14:30:00Z",
        "client": {"id": viewer.client_id},
        "user": {"id": viewer.user_id},
        "secrets": {"nodes": [kept]},
    }
    assert kept["hint"] == secret[:10]
    assert await hooks.secrets(webhook["id"]) == [(secret, None)]
    assert (await hooks.stored(webhook["id"])).scopes == list(viewer.scopes)
    assert (await hooks.told())[1:] == [("WEBHOOK_CREATED", webhook["id"], None)]
    assert await hooks.noted() == [("createWebhook", webhook["id"])]
    facts = await hooks.facts()
    assert facts["host"] == "example.com"
    assert URL not in str(facts)
    assert secret not in str(facts)


async def test_a_secret_can_be_brought_or_be_done_without(hooks: Hooks) -> None:
    brought = await hooks.done(
        "createWebhook", "webhook { id } secret", url=URL, events=["LEAD_CREATED"], secret="word" * 3
    )
    assert brought["secret"] is None
    assert await hooks.secrets(brought["webhook"]["id"]) == [("word" * 3, None)]
    unsigned = await hooks.done("createWebhook", "webhook { id } secret", url=URL, events=["LEAD_CREATED"], secret=None)
    assert unsigned["secret"] is None
    assert await hooks.secrets(unsigned["webhook"]["id"]) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://u:p@example.com/"}, "url"),
        ({"url": " "}, "url"),
        ({"events": []}, "events"),
        ({"events": ["LEAD_DELETED"], "dialect": "CRM_ULTRA"}, "events"),
        ({"events": ["LEAD_CREATED"], "dialect": "COPYCAR"}, "events"),
        ({"secret": "short"}, "secret"),
        ({"secret": "whsec_AAAA"}, "secret"),
        ({"query": "subscription { events { nothing } }"}, "query"),
        ({"query": "{ leads { totalCount } }"}, "query"),
        ({"query": "subscription { events { nothing } }", "dialect": "CRM_ULTRA"}, "query"),
        ({"description": "x" * 201}, "description"),
    ],
)
async def test_what_cannot_be_registered(hooks: Hooks, given: dict[str, Any], field: str) -> None:
    wanted = {"url": URL, "events": ["LEAD_CREATED"]} | given
    refused = await hooks.refused("createWebhook", **wanted)
    assert [each[1] for each in refused] == [field]
    assert refused[0][0] in ("INVALID", "REQUIRED")


async def test_every_mistake_is_told_at_once(hooks: Hooks) -> None:
    refused = await hooks.refused("createWebhook", url="nowhere", events=[], secret="short", query="{")
    assert [field for _, field in refused] == ["url", "events", "query", "secret"]


async def test_an_operator_can_allow_addresses_and_bound_their_number(hooks: Hooks, database: Database) -> None:
    database.webhooks = terms_of(database, networks=("127.0.0.0/8",), endpoints=2)
    assert isinstance(database.webhooks.reach, Reach)
    first = await hooks.register(url="http://127.0.0.1:9000/hook")
    await hooks.register()
    assert await hooks.refused("createWebhook", url=URL, events=["LEAD_CREATED"]) == [("CONFLICT", None)]
    await hooks.done("deleteWebhook", by={"id": first})
    await hooks.register()


async def test_two_at_once_do_not_exceed_the_bound(hooks: Hooks, database: Database) -> None:
    database.webhooks = terms_of(database, endpoints=1)
    both = await asyncio.gather(
        *(hooks.do("createWebhook", "webhook { id }", url=URL, events=["LEAD_CREATED"]) for _ in "ab")
    )
    assert sorted(len(each["errors"]) for each in both) == [0, 1]


async def test_a_webhook_is_changed(hooks: Hooks, clock: SetClock) -> None:
    webhook = await hooks.register(query=QUERY)
    clock.advance(minutes=1)
    changed = await hooks.done(
        "updateWebhook",
        FIELDS,
        id=webhook,
        url="https://example.org/",
        events=["NOTE_CREATED"],
        query=None,
        strictOrder=True,
    )
    assert {name: changed["webhook"][name] for name in ("url", "events", "query", "strictOrder", "updatedAt")} == {
        "url": "https://example.org/",
        "events": ["NOTE_CREATED"],
        "query": None,
        "strictOrder": True,
        "updatedAt": "2024-01-15T14:31:00Z",
    }
    await hooks.done("updateWebhook", id=webhook, strictOrder=True)
    assert [each[0] for each in await hooks.told()] == ["WEBHOOK_CREATED", "WEBHOOK_UPDATED"]
    assert [each[0] for each in await hooks.noted()] == ["createWebhook", "updateWebhook"]
    assert await hooks.refused("updateWebhook", id=webhook, url=None) == [("REQUIRED", "url")]
    assert await hooks.refused("updateWebhook", id=webhook, events=None) == [("REQUIRED", "events")]
    assert await hooks.refused("updateWebhook", id=webhook, url="https://10.0.0.1/") == [("INVALID", "url")]


async def test_a_pause_loses_nothing_unless_it_is_said(hooks: Hooks) -> None:
    webhook = await hooks.register()
    paused = await hooks.done("pauseWebhook", "webhook { status active }", by={"id": webhook})
    assert paused["webhook"] == {"status": "PAUSED", "active": False}
    await hooks.done("pauseWebhook", by={"id": webhook})
    await hooks.lead()
    await hooks.done("resumeWebhook", webhookId=webhook)
    assert (await hooks.stored(webhook)).position == 1
    await hooks.done("pauseWebhook", by={"id": webhook})
    await hooks.done("resumeWebhook", webhookId=webhook, missed=False)
    assert (await hooks.stored(webhook)).position == 5
    await hooks.done("resumeWebhook", webhookId=webhook)
    operations = ["createWebhook", "pauseWebhook", "resumeWebhook", "pauseWebhook", "resumeWebhook"]
    assert [each[0] for each in await hooks.noted()] == operations


async def test_what_was_given_up_goes_on_from_now(hooks: Hooks, database: Database) -> None:
    webhook = await hooks.register()
    broken = {"failures": 20, "broken_until": database.clock.now() + timedelta(hours=1)}
    await hooks.set(webhook, status=WebhookStatus.DISABLED, status_reason="It is gone.", **broken)
    await hooks.lead()
    resumed = await hooks.done("resumeWebhook", FIELDS, webhookId=webhook)
    assert (resumed["webhook"]["status"], resumed["webhook"]["statusReason"]) == ("ACTIVE", None)
    assert (resumed["webhook"]["position"], resumed["webhook"]["health"]["failures"]) == (2, 0)
    assert resumed["webhook"]["health"]["brokenUntil"] is None
    await hooks.set(webhook, status=WebhookStatus.DISABLED)
    await hooks.lead()
    await hooks.done("resumeWebhook", webhookId=webhook, missed=True)
    assert (await hooks.stored(webhook)).position == 2


async def test_a_deleted_webhook_is_gone_with_its_deliveries(hooks: Hooks, database: Database) -> None:
    webhook = await hooks.register()
    now = database.clock.now()
    delivery = await hooks.deliver(webhook, 9, DeliveryStatus.PENDING, due_at=now)
    deleted = await hooks.done("deleteWebhook", "deletedId deleted deletedAt", by={"id": webhook})
    assert deleted == {"deletedId": webhook, "deleted": True, "deletedAt": "2024-01-15T14:30:00Z", "errors": []}
    ((_, status, due, *_),) = await hooks.deliveries(webhook)
    assert (status, due) == (DeliveryStatus.FAILED, None)
    assert await hooks.secrets(webhook) == []
    query = "query ($w: ID!, $d: ID!) { webhook(id: $w) { id } webhookDelivery(id: $d) { id } webhooks { totalCount } }"
    gone = await hooks.graph.data(query, w=webhook, d=delivery)
    assert gone == {"webhook": None, "webhookDelivery": None, "webhooks": {"totalCount": 0}}
    assert await hooks.refused("deleteWebhook", by={"id": webhook}) == [("NOT_FOUND", "id")]
    assert await hooks.refused("redeliverWebhook", by={"id": delivery}) == [("NOT_FOUND", "id")]


async def test_two_secrets_sign_for_a_day(hooks: Hooks, clock: SetClock) -> None:
    webhook = await hooks.register(secret="first secret")
    clock.advance(seconds=1)
    made = await hooks.done("rotateWebhookSecret", "secret webhook { secrets { nodes { hint } } }", webhookId=webhook)
    second = made["secret"]
    assert [each["hint"] for each in made["webhook"]["secrets"]["nodes"]] == [second[:10], "fir"]
    day = clock.now() + timedelta(days=1)
    assert await hooks.secrets(webhook) == [(second, None), ("first secret", day)]
    clock.advance(seconds=1)
    own = new_secret()
    brought = await hooks.done("rotateWebhookSecret", "secret", webhookId=webhook, secret=own, overlapSeconds=60)
    assert brought["secret"] is None
    assert await hooks.secrets(webhook) == [(own, None), (second, clock.now() + timedelta(minutes=1))]
    last = await hooks.done("rotateWebhookSecret", "secret", webhookId=webhook, overlapSeconds=0)
    assert await hooks.secrets(webhook) == [(last["secret"], None)]
    assert [each[0] for each in await hooks.noted()] == ["createWebhook", *3 * ["rotateWebhookSecret"]]


async def test_an_unsigned_webhook_can_be_given_a_secret(hooks: Hooks) -> None:
    webhook = await hooks.register(secret=None)
    made = await hooks.done("rotateWebhookSecret", "secret", webhookId=webhook)
    assert await hooks.secrets(webhook) == [(made["secret"], None)]


async def test_what_no_rotation_takes(hooks: Hooks) -> None:
    webhook = await hooks.register(secret="first secret")

    async def refused(**given: Any) -> list[tuple[str, str]]:
        return await hooks.refused("rotateWebhookSecret", webhookId=webhook, **given)

    assert await refused(secret="first secret") == [("INVALID", "secret")]
    assert await refused(secret="short") == [("INVALID", "secret")]
    assert await refused(overlapSeconds=-1) == [("INVALID", "overlapSeconds")]
    assert await hooks.secrets(webhook) == [("first secret", None)]


async def test_two_who_rotate_at_once_leave_two_secrets(hooks: Hooks, database: Database) -> None:
    webhook = await hooks.register()
    viewer = hooks.graph.viewer

    async def rotate(unit: Unit) -> Keys:
        return await webhook_writes.rotate_secret(unit, WebhookSecretRotation(webhook_id=webhook))

    made = await asyncio.gather(*(database.transact(viewer, rotate) for _ in range(4)))
    kept = await hooks.secrets(webhook)
    assert len(kept) == 2
    assert {secret for secret, _ in kept} <= {str(each["secret"]) for each in made}
    assert [end is None for _, end in kept] == [True, False]


@pytest.fixture
async def narrow(database: Database, viewer_of: MakeViewer, organization: str) -> Viewer:
    """A sales agent's client that may manage webhooks and read leads, and no more."""
    viewer = await viewer_of(role=Role.SALES_REP, scopes=("read:leads", "write:leads"))
    client = await make_client(database, organization, dialect=None, scopes=viewer.scopes, user=viewer.user_id)
    return replace(viewer, client_id=client)


async def test_who_sees_less_brings_nothing_to_themselves(hooks: Hooks, narrow: Viewer) -> None:
    webhook = await hooks.register(query=QUERY)
    assert Permission.WRITE_WEBHOOKS in narrow.permissions
    for name, given in {
        "updateWebhook": {"id": webhook, "url": "https://evil.example.com/"},
        "rotateWebhookSecret": {"webhookId": webhook},
    }.items():
        assert (await hooks.ask(name, "__typename", narrow, **given)).codes == [Code.FORBIDDEN]
    answer = await hooks.ask("updateWebhook", "__typename", narrow, id=webhook, query=None)
    assert answer.codes == [Code.FORBIDDEN]
    await hooks.done("updateWebhook", "__typename", narrow, id=webhook, url=URL, description="Mine?")
    await hooks.done("pauseWebhook", "__typename", narrow, by={"id": webhook})


async def test_one_who_sees_as_much_may_change_it_all(hooks: Hooks, narrow: Viewer) -> None:
    webhook = await hooks.register(viewer=narrow)
    await hooks.done("updateWebhook", "__typename", narrow, id=webhook, url="https://example.org/")
    await hooks.done("rotateWebhookSecret", "__typename", narrow, webhookId=webhook)
    await hooks.done("updateWebhook", id=webhook, url="https://example.net/")
    assert (await hooks.stored(webhook)).url == "https://example.net/"


async def test_another_persons_private_events_stay_theirs(
    hooks: Hooks, narrow: Viewer, viewer_of: MakeViewer, database: Database, organization: str
) -> None:
    colleague = replace(
        await viewer_of(role=Role.SALES_REP, scopes=("read", "write")),
        client_id=await make_client(database, organization, dialect=None),
    )
    webhook = await hooks.register("NOTE_CREATED", viewer=narrow)
    answer = await hooks.ask("updateWebhook", "__typename", colleague, id=webhook, url="https://evil.example.com/")
    assert answer.codes == [Code.FORBIDDEN]


async def test_what_was_sent_is_shown_to_its_client_and_to_administrators(
    hooks: Hooks, narrow: Viewer, viewer_of: MakeViewer
) -> None:
    webhook = await hooks.register(viewer=narrow)
    delivery = await hooks.deliver(webhook, 7, DeliveryStatus.DELIVERED, body='{"secret":1}')
    query = "query ($d: ID!) { webhookDelivery(id: $d) { name body } }"

    async def body(viewer: Viewer) -> str | None:
        found: str | None = (await hooks.graph.data(query, viewer=viewer, d=delivery))["webhookDelivery"]["body"]
        return found

    assert await body(narrow) == '{"secret":1}'
    assert await body(hooks.graph.viewer) == '{"secret":1}'
    assert await body(await viewer_of(role=Role.SALES_MANAGER, scopes=("read", "write"))) is None
    assert await body(replace(narrow, user_id="user_other")) is None
    deaf = replace(narrow, permissions=frozenset({Permission.READ_WEBHOOKS}))
    assert await body(deaf) is None

"""Webhooks at ClickUp Brain's door: registered as printed, listed, removed; and what their receivers are told."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from domain.event_log import Event
from domain.events import EventType
from domain.viewer import Dialect
from domain.webhooks import WebhookEndpoint, WebhookSecret
from rest_compat.clickup_brain.telling import NAMES, TELLING
from tests.factories.contexts import terms_of
from tests.factories.credentials import make_key
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import example, fits, refused

PATHS = ("/api/v1/webhooks", "/v1/webhooks")


@pytest.fixture(autouse=True)
def terms(database):
    database.webhooks = terms_of(database)


@pytest.fixture
def send(app, key):
    async def send(method, target, value=None, bearer=key):
        body = b"" if value is None else json.dumps(value).encode()
        head = {"authorization": f"Bearer {bearer}", "content-type": "application/json"}
        return await call(app, method, target, body=body, headers=head)

    return send


@pytest.mark.parametrize("path", PATHS)
async def test_webhook_configuration(send, database, organization, path):
    answer = await send("POST", path, example("webhooks_create", "request"))
    assert answer.status == 201
    told = answer.json()
    fits("webhooks_create", told)
    printed = example("webhooks_create", "request")
    assert told == {
        "webhook_id": told["webhook_id"],
        "url": printed["url"],
        "events": printed["events"],
        "status": "active",
        "created_at": "2024-01-15T14:30:00Z",
    }
    secret = select(WebhookSecret.sealed).where(WebhookSecret.organization_id == organization)
    ((sealed,),) = await database.rows(secret)
    assert database.vault.open(sealed) == "your_webhook_secret"
    dialect = select(WebhookEndpoint.dialect).where(WebhookEndpoint.organization_id == organization)
    assert await database.rows(dialect) == [(Dialect.CLICKUP_BRAIN,)]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"events": ["lead.created"]}, "events"),
        ({"events": []}, "events"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"secret": "short"}, "secret"),
    ],
)
async def test_what_cannot_be_registered(send, changed, field):
    answer = await send("POST", PATHS[0], example("webhooks_create", "request") | changed)
    assert list(refused(answer, 400, "BAD_REQUEST")["details"]) == [field]


async def test_a_client_lists_and_removes_its_own(send, database, organization, jane):
    made = (await send("POST", PATHS[0], example("webhooks_create", "request"))).json()
    listed = (await send("GET", PATHS[1])).json()
    assert listed == {"webhooks": [made], "total_count": 1}
    one = f"{PATHS[0]}/{made['webhook_id']}"
    assert (await send("GET", one)).json() == made
    other = await make_key(database, organization, user=jane, dialect=Dialect.CLICKUP_BRAIN)
    assert (await send("GET", PATHS[0], bearer=other)).json() == {"webhooks": [], "total_count": 0}
    removed = await send("DELETE", one)
    assert removed.json() == {
        "webhook_id": made["webhook_id"],
        "deleted": True,
        "deleted_at": "2024-01-15T14:30:00Z",
    }
    refused(await send("GET", one), 404, "NOT_FOUND")
    refused(await send("DELETE", one), 404, "NOT_FOUND")


@pytest.mark.parametrize("type_", NAMES)
def test_samples_and_events_are_as_documented(type_, clock):
    sample = TELLING.sample(type_, clock.now())
    fits(f"webhooks/{NAMES[type_]}", sample)
    # A database may give an object back with its keys in another order.
    shuffled = dict(sorted(sample["data"].items(), reverse=True))
    event = Event(
        sequence=1, organization_id="org_1", type=type_, occurred_at=clock.now(), subject_id="x", data=shuffled
    )
    body = TELLING.write(event)
    assert json.dumps(body) == json.dumps(sample)


def test_what_is_printed_of_an_alert(clock):
    alert = TELLING.sample(EventType.COMPLIANCE_ALERT, clock.now())["data"]
    item = {"id": "comp_123", "title": "GDPR Data Processing", "deadline": "2024-06-30", "jurisdiction": "EU"}
    assert alert == {
        "alert_id": "alert_789",
        "type": "deadline_approaching",
        "severity": "high",
        "compliance_item": item,
    }

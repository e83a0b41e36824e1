"""Webhooks at CRM-Ultra's door: registered as printed, listed, removed; and what their receivers are told."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from domain.event_log import Event
from domain.events import EventType
from domain.viewer import Dialect
from domain.webhooks import WebhookEndpoint, WebhookSecret
from rest_compat.crm_ultra.telling import NAMES, TELLING
from tests.factories.contexts import terms_of
from tests.factories.leads import template_row
from tests.factories.organizations import store
from tests.rest_compat.asgi import call
from tests.rest_compat.crm_ultra.printed import example, fits, same_form

PRINTED = {"url": "https://your-domain.com/webhook", "events": ["lead.created", "lead.assigned"]}


@pytest.fixture(autouse=True)
def terms(database):
    database.webhooks = terms_of(database)


@pytest.fixture
def secrets(database, organization):
    async def opened():
        own = select(WebhookSecret.sealed).where(WebhookSecret.organization_id == organization)
        return [database.vault.open(sealed) for (sealed,) in await database.rows(own)]

    return opened


async def test_register_webhook(crm, database, organization, secrets):
    answer = await crm.post("/webhooks", example("webhooks_create", "request"))
    fits("webhooks_create", answer)
    assert answer == PRINTED | {"id": answer["id"], "active": True, "createdAt": "2024-01-15T14:30:00Z"}
    assert await secrets() == ["your_webhook_secret"]
    stored = select(WebhookEndpoint.dialect, WebhookEndpoint.events)
    ((dialect, events),) = await database.rows(stored.where(WebhookEndpoint.organization_id == organization))
    assert (dialect, events) == (Dialect.CRM_ULTRA, ["LEAD_CREATED", "LEAD_ASSIGNED"])


async def test_the_documented_command_sends_json_under_the_label_of_a_form(app, crm):
    body = json.dumps(example("webhooks_create", "request")).encode()
    label = {"content-type": "application/x-www-form-urlencoded", "x-api-key": crm.key}
    answer = await call(app, "POST", "/v1/webhooks", body=body, headers=label)
    assert answer.status == 201


async def test_without_a_secret_there_is_no_signature(crm, secrets):
    await crm.post("/webhooks", PRINTED)
    await crm.post("/webhooks", PRINTED | {"secret": None})
    assert await secrets() == []


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"events": ["lead.created", "lead.deleted"]}, "events", "must be one of lead.created, lead.updated"),
        ({"events": ["compliance.alert"]}, "events", "must be one of lead.created"),
        ({"events": ["LEAD_CREATED"]}, "events", "must be one of lead.created"),
        ({"events": []}, "events", "at least one"),
        ({"events": "lead.created"}, "events", "must be a list"),
        ({"url": "http://your-domain.com/webhook"}, "url", "https"),
        ({"url": "https://localhost/webhook"}, "url", "public"),
        ({"url": 5}, "url", "must be text"),
        ({"secret": "short"}, "secret", "8 to 512"),
    ],
)
async def test_what_cannot_be_registered(crm, changed, field, why):
    status, code, details = await crm.refusal("POST", "/webhooks", PRINTED | changed)
    assert (status, code, list(details)) == (422, "validation_error", [field])
    assert why in details[field]


@pytest.mark.parametrize("field", ["url", "events"])
async def test_what_has_to_be_there(crm, field):
    sent = {name: value for name, value in PRINTED.items() if name != field}
    assert await crm.refusal("POST", "/webhooks", sent) == (422, "validation_error", {field: "is required"})


async def test_an_integration_lists_and_removes_its_own(crm, key_of, jane):
    made = [await crm.post("/webhooks", PRINTED) for _ in range(2)]
    listed = await crm.get("/webhooks?limit=1&page=2")
    assert listed["data"] == [made[0]]
    assert listed["pagination"]["total"] == 2
    assert await crm.get(f"/webhooks/{made[0]['id']}") == made[0]
    removed = await crm.send("DELETE", f"/webhooks/{made[0]['id']}")
    assert (removed.status, removed.json()) == (
        200,
        {"id": made[0]["id"], "deleted": True, "deletedAt": "2024-01-15T14:30:00Z"},
    )
    assert (await crm.refusal("GET", f"/webhooks/{made[0]['id']}"))[:2] == (404, "resource_not_found")
    assert (await crm.refusal("DELETE", f"/webhooks/{made[0]['id']}"))[:2] == (404, "resource_not_found")
    crm.key = await key_of(jane)
    assert (await crm.get("/webhooks"))["data"] == []


async def test_who_may_not_write_leads_registers_nothing(crm, key_of, jane):
    crm.key = await key_of(jane, scopes=("read:leads",))
    assert (await crm.refusal("POST", "/webhooks", PRINTED))[:2] == (403, "insufficient_permissions")
    assert (await crm.get("/webhooks"))["data"] == []
    crm.key = await key_of(jane, scopes=("write:leads",))
    assert (await crm.refusal("GET", "/webhooks"))[:2] == (403, "insufficient_permissions")


async def told(database, organization):
    """What receivers would be told of every event of the log that has a name, by that name."""
    columns = [getattr(Event, each.key) for each in Event.__mapper__.column_attrs]
    rows = await database.rows(
        select(*columns).where(Event.organization_id == organization, Event.type.in_(NAMES)).order_by(Event.sequence)
    )
    found = [Event(**dict(zip([each.key for each in columns], row, strict=True))) for row in rows]
    return {NAMES[event.type]: TELLING.write(event) for event in found}


async def test_everything_is_told_in_the_documented_shape(crm, jane, database, organization, clock, postbox):
    template = template_row(organization, database.clock.now())
    await store(database, template)
    lead = (await crm.post("/leads", example("leads_create", "request")))["id"]
    await crm.put(f"/leads/{lead}", {"assignedTo": jane})
    await crm.put(f"/leads/{lead}", {"status": "WON"})
    await crm.post(f"/leads/{lead}/notes", example("notes_create", "request"))
    task = await crm.post(f"/leads/{lead}/tasks", example("tasks_create", "request") | {"assigneeId": jane})
    done = await crm.put(f"/tasks/{task['id']}", {"status": "COMPLETED"})
    mail = await crm.post(f"/leads/{lead}/emails", {"templateId": template.id})
    bodies = await told(database, organization)
    assert set(bodies) == set(NAMES.values()) - {"email.opened"}
    for name, body in bodies.items():
        fits(f"webhooks/{name}", body)
        same_form(TELLING.sample(EventType(next(t for t, n in NAMES.items() if n == name)), clock.now()), body)
    person = {"id": jane, "name": "Jane Smith", "email": "jane@company.com"}
    assert bodies["lead.assigned"]["data"]["assignedTo"] == person
    assert bodies["note.created"]["data"]["createdBy"] == person
    assert bodies["task.created"]["data"] == task
    assert bodies["task.completed"]["data"] == done
    assert bodies["email.sent"]["data"] == mail | {"leadId": lead}
    assert bodies["lead.converted"]["data"]["status"] == "WON"


def event(type_, **data):
    return Event(sequence=1, organization_id="org_1", type=type_, subject_id="x", data=data)


async def test_the_first_opening_is_told(crm, database, organization, graph_opens):
    lead = (await crm.post("/leads", example("leads_create", "request")))["id"]
    mail = await crm.post(f"/leads/{lead}/emails", {"subject": "Hello", "body": "World"})
    await graph_opens(mail["id"])
    body = (await told(database, organization))["email.opened"]
    fits("webhooks/email.opened", body)
    opened = {"opened": True, "openedAt": "2024-01-15T14:30:00Z", "leadId": lead}
    assert body["data"] == mail | opened


@pytest.fixture
def graph_opens(graph):
    async def opens(mail):
        query = "mutation ($id: ID!) { markEmailOpened(id: $id) { errors { code } } }"
        assert (await graph.data(query, id=mail))["markEmailOpened"]["errors"] == []

    return opens


def test_nobody_is_told_as_nobody(clock):
    facts = {
        "id": "task_1",
        "title": "Call",
        "description": None,
        "priority": "HIGH",
        "status": "OPEN",
        "dueDate": None,
    }
    facts |= {"createdAt": "2024-01-15T14:30:00Z", "leadId": "lead_1", "assignee": None, "assigneeName": None}
    lonely = event(EventType.TASK_CREATED, **facts)
    lonely.occurred_at = clock.now()
    body = TELLING.write(lonely)
    fits("webhooks/task.created", body)
    assert body["data"]["assignee"] is None
    campaigns = event(EventType.TASK_CREATED, **facts | {"leadId": None})
    assert TELLING.write(campaigns) is None


def test_what_was_recorded_without_names_is_not_told(clock):
    lead = dict.fromkeys(("status", "source", "email", "firstName", "lastName", "insuranceType"))
    old = event(EventType.LEAD_ASSIGNED, id="lead_1", assignedTo="user_1", **lead)
    old.occurred_at = clock.now()
    assert TELLING.write(old) is None


@pytest.mark.parametrize("type_", NAMES)
def test_samples_are_as_documented(type_, clock):
    sample = TELLING.sample(type_, clock.now())
    fits(f"webhooks/{NAMES[type_]}", sample)
    assert sample["timestamp"] == "2024-01-15T14:30:00Z"

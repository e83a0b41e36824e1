"""Credentials, headers and errors as CRM-Ultra documents them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from domain.viewer import Dialect
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.crm_ultra.errors import ERRORS
from rest_compat.engine.app import DialectApp
from rest_compat.engine.faults import Fault
from rest_compat.engine.resolution import resolve
from rest_compat.engine.services import DoorSettings, RateState
from schema.graph import graphql_schema
from tests.clocks import PRINTED
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import call
from tests.rest_compat.crm_ultra.printed import example, fits, same_form
from tests.rest_compat.fakes import FakeServices

RATE = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-retry-after")


def refused(answer, status, code):
    fits("error", answer.json())
    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": "{key}"}, {"Authorization": "Bearer {key}"}, {"authorization": "bearer {key}"}]
)
async def test_a_key_in_either_header(app, crm, headers):
    head = {name: value.format(key=crm.key) for name, value in headers.items()}
    assert (await call(app, "GET", "/v1/leads", headers=head)).status == 200


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "nope"}, {"Authorization": "Basic eDp5"}, {"X-API-Key": ""}])
async def test_without_a_good_key(app, crm, headers):
    answer = await call(app, "GET", "/v1/leads", headers=headers)
    refused(answer, 401, "invalid_api_key")
    assert answer.json()["error"]["message"] == "API key is invalid or expired"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not set(RATE) & set(answer.headers)


@pytest.mark.parametrize("dialect", [Dialect.COPYCAR, None])
async def test_keys_of_other_doors_do_not_open_this_one(app, crm, key_of, jane, dialect):
    key = await key_of(jane, dialect=dialect)
    refused(await call(app, "GET", "/v1/leads", headers={"X-API-Key": key}), 401, "invalid_api_key")


async def test_a_key_that_may_only_read(crm, jane, key_of):
    crm.key = await key_of(jane, scopes=("read",))
    assert await crm.get("/leads")
    assert await crm.refusal("POST", "/leads", {"source": "website", "email": "a@example.com"}) == (
        403,
        "insufficient_permissions",
        {},
    )


@pytest.mark.parametrize("scope", ["write", "write:leads"])
async def test_a_key_that_may_only_write_is_told_what_it_wrote(crm, jane, key_of, scope):
    crm.key = await key_of(jane, scopes=(scope,))
    lead = await crm.post("/leads", {"source": "website", "email": "a@example.com"})
    task = await crm.post(f"/leads/{lead['id']}/tasks", {"title": "Call", "assigneeId": jane})
    told = [
        (await crm.put(f"/leads/{lead['id']}", {"assignedTo": jane}))["assignedTo"],
        (await crm.post(f"/leads/{lead['id']}/notes", {"content": "Called"}))["createdBy"],
        (await crm.put(f"/tasks/{task['id']}", {"status": "COMPLETED"}))["assignee"],
    ]
    assert [each["id"] for each in told] == [jane] * 3
    assert (await crm.refusal("GET", "/leads"))[:2] == (403, "insufficient_permissions")
    crm.key = await key_of(jane, scopes=("read:leads",))
    assert (await crm.get("/leads"))["data"][0]["assignedTo"]["id"] == jane
    assert (await crm.get(f"/leads/{lead['id']}/activities"))["activities"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/leads", 200), ("GET", "/leads/x", 404), ("GET", "/nothing", 404), ("PATCH", "/leads", 405)],
)
async def test_rate_headers_whenever_the_credential_is_known(crm, method, target, status):
    answer = await crm.send(method, target)
    assert answer.status == status
    assert [answer.headers[name] for name in RATE] == ["1000", "999", "1705329060", "0"]


async def test_405_names_what_is_allowed(crm):
    answer = await crm.send("PATCH", "/leads/lead_1")
    refused(answer, 405, "resource_not_found")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"


@pytest.mark.parametrize(
    ("body", "label", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"source": NaN}', "application/json", 400),
        (b"\xef\xbb\xbf{}", "application/json", 400),
        (b'{"source": "\\ud800"}', "application/json", 400),
        (b"source=website", "application/x-www-form-urlencoded", 415),
        (b"<lead/>", "application/xml", 415),
        (b"x" * 2_000_000, "application/json", 413),
    ],
)
async def test_bodies_that_cannot_be_taken(app, crm, body, label, status):
    headers = {"X-API-Key": crm.key, "Content-Type": label}
    refused(await call(app, "POST", "/v1/leads", body=body, headers=headers), status, "validation_error")


async def test_a_body_that_stops_arriving_is_refused_in_time():
    settings = DoorSettings("https://graph.example", body_timeout_seconds=0.01)
    app = DialectApp(CRM_ULTRA, graphql_schema, FakeServices(), settings)
    headers = {"x-api-key": "good", "content-length": "100"}
    refused(await call(app, "POST", "/v1/leads", body=b"{", headers=headers, stalls=True), 408, "validation_error")


async def test_json_under_the_form_label_of_curl(app, crm):
    body = json.dumps(example("leads_create", "request")).encode()
    headers = {"X-API-Key": crm.key, "Content-Type": "application/x-www-form-urlencoded"}
    made = await call(app, "POST", "/v1/leads", body=body, headers=headers)
    assert made.status == 201
    target = f"/v1/leads/{made.json()['id']}"
    assert (await call(app, "PUT", target, body=b'{"score": 5}', headers=headers)).json()["score"] == 5


async def test_a_write_repeated_under_its_key_happens_once(crm):
    sent = example("leads_create", "request")
    first = await crm.send("POST", "/leads", sent, idempotency_key="once")
    second = await crm.send("POST", "/leads", sent, idempotency_key="once")
    assert (second.status, second.json()) == (201, first.json())
    other = await crm.send("POST", "/leads", sent | {"city": "Rome"}, idempotency_key="once")
    refused(other, 409, "conflict")
    assert (await crm.get("/leads"))["pagination"]["total"] == 1


@pytest.mark.parametrize("reason", [reason for reason, row in ERRORS.rows.items() if row.status != 429])
def test_every_error_has_the_printed_form(reason):
    printed = {"error": {"code": "", "message": "", "details": {"field": ""}, "request_id": ""}}
    facts = ERRORS.facts(Fault(reason, fields={"field": "why"}), "req_1", PRINTED)
    same_form(printed, ERRORS.envelope(facts))
    assert facts.message == facts.message.strip() != ""


async def test_the_printed_429():
    services = FakeServices()
    services.state = RateState(1000, 0, datetime.fromtimestamp(1705324800, UTC), retry_after=15)
    app = DialectApp(CRM_ULTRA, graphql_schema, services, DoorSettings("https://graph.example"))
    answer = await call(app, "GET", "/v1/leads", headers={"x-api-key": "good"})
    fits("error_rate_limited", answer.json())
    assert answer.status == 429
    assert answer.json() == {
        "error": {
            "code": "rate_limit_exceeded",
            "message": "API rate limit exceeded. Try again in 15 seconds.",
            "retry_after": 15,
        }
    }
    assert answer.headers["retry-after"] == "15"
    assert [answer.headers[name] for name in RATE] == ["1000", "0", "1705324800", "15"]
    assert answer.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("host", "path", "rest"),
    [
        ("api.crm-ultra.com", "/v1/leads", "/v1/leads"),
        ("api.crm-ultra.com:443", "/oauth/token", "/oauth/token"),
        ("localhost:8000", "/crm-ultra/v1/leads", "/v1/leads"),
        ("localhost:8000", "/v1/leads", "/v1/leads"),
        ("localhost:8000", "/oauth/authorize", "/oauth/authorize"),
        ("localhost:8000", "/v10/leads", None),
        ("localhost:8000", "/graphql", None),
    ],
)
def test_where_it_is_mounted(host, path, rest):
    assert resolve([CRM_ULTRA], host, path) == (rest and (CRM_ULTRA, rest))


async def test_its_openapi_keeps_the_rules(document):
    openapi_rules.check(document)
    assert len(list(openapi_rules.operations(document))) == 20
    assert document["servers"] == [{"url": "https://graph.example/crm-ultra/v1"}]


async def test_its_docs_show_the_documented_command(app):
    page = (await call(app, "GET", "/docs")).body.decode()
    assert "X-API-Key: your_api_key_here" in page
    assert "https://graph.example/crm-ultra/v1/leads?status=new&amp;assignedTo=user_abc123" in page
    assert "query ListLeads(" in page
    assert "@percent" not in page

"""Whose a request is: host, then mount, then the bare path on a neutral host (X-01, X-04)."""

from __future__ import annotations

import json

import pytest

from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.app import DialectApp
from rest_compat.engine.door import DialectDoor
from rest_compat.engine.resolution import resolve, sandbox_host
from rest_compat.engine.services import DoorSettings
from schema.graph import graphql_schema
from tests.rest_compat.asgi import call
from tests.rest_compat.fakes import FakeServices

DIALECTS = (COPYCAR, CLICKUP_BRAIN, CRM_ULTRA)
NEUTRAL = "graph.example"


@pytest.mark.parametrize(
    ("host", "path", "dialect", "rest"),
    [
        ("api.copycarai.com", "/v2/ultimate/accounts", COPYCAR, "/v2/ultimate/accounts"),
        ("api.copycarai.com", "/v1/leads", COPYCAR, "/v1/leads"),
        ("api.clickup-brain.com:443", "/v1/leads", CLICKUP_BRAIN, "/v1/leads"),
        ("Sandbox-API.ClickUp-Brain.com.", "/api/v1/quotas", CLICKUP_BRAIN, "/api/v1/quotas"),
        ("api.crm-ultra.com", "/v1/quotas", CRM_ULTRA, "/v1/quotas"),
        (NEUTRAL, "/copycar/v2/ultimate/accounts", COPYCAR, "/v2/ultimate/accounts"),
        (NEUTRAL, "/copycar", COPYCAR, "/"),
        (NEUTRAL, "/clickup-brain/v1/leads", CLICKUP_BRAIN, "/v1/leads"),
        (NEUTRAL, "/crm-ultra/v1/quotas", CRM_ULTRA, "/v1/quotas"),
        (NEUTRAL, "/v2/ultimate", COPYCAR, "/v2/ultimate"),
        (NEUTRAL, "/v2/ultimate/nothing", COPYCAR, "/v2/ultimate/nothing"),
        (NEUTRAL, "/v2/ultimately", None, None),
        (NEUTRAL, "/v2", None, None),
        (NEUTRAL, "/api/v1", CLICKUP_BRAIN, "/api/v1"),
        (NEUTRAL, "/api/v1/", CLICKUP_BRAIN, "/api/v1/"),
        (NEUTRAL, "/api/v1/nothing", CLICKUP_BRAIN, "/api/v1/nothing"),
        (NEUTRAL, "/api", None, None),
        (NEUTRAL, "/api/v10/x", None, None),
        *((NEUTRAL, f"/v1/{own}", CLICKUP_BRAIN, f"/v1/{own}") for own in ("compliance", "marketing", "quotas")),
        (NEUTRAL, "/v1/feedback/collect", CLICKUP_BRAIN, "/v1/feedback/collect"),
        (NEUTRAL, "/v1/stream/events", CLICKUP_BRAIN, "/v1/stream/events"),
        (NEUTRAL, "/v1/quotas/", CLICKUP_BRAIN, "/v1/quotas/"),
        (NEUTRAL, "/v1/quotasx", CRM_ULTRA, "/v1/quotasx"),
        (NEUTRAL, "/v1", CRM_ULTRA, "/v1"),
        (NEUTRAL, "/v1/", CRM_ULTRA, "/v1/"),
        (NEUTRAL, "/v1/webhooks", CRM_ULTRA, "/v1/webhooks"),
        (NEUTRAL, "/oauth/nothing", CRM_ULTRA, "/oauth/nothing"),
        (NEUTRAL, "/graphql", None, None),
        (NEUTRAL, "/", None, None),
    ],
)
def test_who_answers(host, path, dialect, rest):
    assert resolve(DIALECTS, host, path) == (dialect and (dialect, rest))


@pytest.mark.parametrize(
    ("host", "sandbox"),
    [("sandbox-api.clickup-brain.com:443", True), ("api.clickup-brain.com", False), (NEUTRAL, None)],
)
def test_which_hosts_are_of_the_sandbox(host, sandbox):
    assert sandbox_host(CLICKUP_BRAIN, host) is sandbox
    assert sandbox_host(CRM_ULTRA, host) is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/ultimate/nothing", ("success", "error", "request_id", "timestamp")),
        ("/api/v1/nothing", ("error",)),
        ("/v1/nothing", ("error",)),
        ("/oauth/nothing", ("error",)),
    ],
)
async def test_what_nobody_serves_is_answered_in_the_envelope_of_who_most_probably_asked(path, body):
    settings = DoorSettings("https://graph.example")
    door = DialectDoor([DialectApp(each, graphql_schema, FakeServices(), settings) for each in DIALECTS], _nobody)
    answer = await call(door, "GET", path, headers={"host": NEUTRAL})
    told = answer.json()
    codes = {"/v2": "INVALID_REQUEST", "/api": "NOT_FOUND", "/v1": "resource_not_found", "/oauth": "resource_not_found"}
    assert (answer.status, tuple(told)) == (404, body)
    assert told["error"]["code"] == codes["/" + path.split("/")[1]]


async def _nobody(scope, receive, send):
    raise AssertionError("no dialect took the request")


HOOK = {"url": "https://example.com/", "events": ["compliance.alert"], "secret": "your_webhook_secret"}
NAMES = {"CRM_ULTRA": "invalid_api_key", "CLICKUP_BRAIN": "UNAUTHORIZED"}


async def asked(path="/v1/webhooks", *, value=HOOK, host=NEUTRAL, body=None, method="POST", **headers):
    """The dialect that answers a request without a key it knows."""
    settings = DoorSettings("https://graph.example", max_body_bytes=10_000)
    door = DialectDoor([DialectApp(each, graphql_schema, FakeServices(), settings) for each in DIALECTS], _nobody)
    content = json.dumps(value).encode() if body is None else body
    head = {"host": host, "content-type": "application/json", "content-length": str(len(content))}
    head |= {name.replace("_", "-"): text for name, text in headers.items()}
    answer = await call(door, method, path, body=content, headers=head)
    assert answer.status == 401
    code = answer.json()["error"]["code"]
    return next(name for name, own in NAMES.items() if own == code)


CRM_HOOK = HOOK | {"events": ["lead.created"]}


@pytest.mark.parametrize("product", NAMES)
async def test_a_common_path_goes_by_the_credential(product):
    for value in (HOOK, CRM_HOOK):
        assert await asked(value=value, x_product=product) == product
    for path in ("/v1/webhooks", "/v1/webhooks/", "/v1/webhooks/wh_1"):
        assert await asked(path, method="GET", body=b"", x_product=product) == product


async def test_without_a_credential_it_goes_by_the_events():
    assert await asked() == "CLICKUP_BRAIN"
    assert await asked(value=CRM_HOOK) == "CRM_ULTRA"
    assert await asked(x_product="COPYCAR") == "CLICKUP_BRAIN"


@pytest.mark.parametrize(
    "value",
    [
        HOOK | {"events": ["compliance.alert", "lead.created"]},
        HOOK | {"events": ["unheard.of"]},
        HOOK | {"events": []},
        HOOK | {"events": "compliance.alert"},
        HOOK | {"events": [["compliance.alert"]]},
        ["compliance.alert"],
        {},
    ],
)
async def test_what_says_nothing_certain_is_crm_ultras(value):
    assert await asked(value=value) == "CRM_ULTRA"


async def test_bodies_that_cannot_be_looked_at_are_crm_ultras():
    assert await asked(body=b"{") == "CRM_ULTRA"
    assert await asked(body=b"", method="GET") == "CRM_ULTRA"
    assert await asked(value=HOOK | {"padding": "x" * 20_000}) == "CRM_ULTRA"


async def test_host_and_mount_come_before_the_credential():
    assert await asked(host="api.crm-ultra.com", x_product="CLICKUP_BRAIN") == "CRM_ULTRA"
    assert await asked(host="api.clickup-brain.com", value=CRM_HOOK, x_product="CRM_ULTRA") == "CLICKUP_BRAIN"
    assert await asked("/crm-ultra/v1/webhooks", x_product="CLICKUP_BRAIN") == "CRM_ULTRA"
    assert await asked("/clickup-brain/v1/webhooks", value=CRM_HOOK, x_product="CRM_ULTRA") == "CLICKUP_BRAIN"
    assert await asked("/api/v1/webhooks", value=CRM_HOOK, x_product="CRM_ULTRA") == "CLICKUP_BRAIN"


async def test_the_body_that_was_looked_at_is_read_again():
    settings = DoorSettings("https://graph.example")
    door = DialectDoor([DialectApp(each, graphql_schema, FakeServices(), settings) for each in DIALECTS], _nobody)
    value = HOOK | {"events": ["compliance.alert", 5]}
    body = json.dumps(value).encode()
    head = {"host": NEUTRAL, "content-length": str(len(body)), "x-api-key": "good", "content-type": "application/json"}
    answer = await call(door, "POST", "/v1/webhooks", body=body, headers=head, chunks=3)
    assert answer.status == 422
    assert list(answer.json()["error"]["details"]) == ["events"]

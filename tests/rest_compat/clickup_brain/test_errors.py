"""ClickUp Brain's words for what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Code, Kind
from domain.limits import LimitWindow
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.clickup_brain.errors import ERRORS
from rest_compat.engine.app import DialectApp
from rest_compat.engine.faults import Fault
from rest_compat.engine.services import DoorSettings, RateState
from schema.graph import graphql_schema
from tests.clocks import PRINTED
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import call
from tests.rest_compat.clickup_brain.printed import CODES, RATE_LIMIT_EXCEEDED, fits, refused
from tests.rest_compat.fakes import FakeServices

EXHAUSTED = RateState(1000, 0, datetime(2024, 1, 15, 11, tzinfo=UTC), 90, LimitWindow.HOUR)


@pytest.fixture
def door() -> DialectApp:
    return DialectApp(CLICKUP_BRAIN, graphql_schema, FakeServices(), DoorSettings("https://graph.example"))


@pytest.mark.parametrize("reason", [reason for reason, row in ERRORS.rows.items() if row.status != 429])
def test_every_reason_has_the_printed_form(reason):
    answer = ERRORS.tell(Fault(reason, "what happened", fields={"jurisdiction": "is required"}), "req_1", PRINTED, "")
    fits("error", answer.body)
    error = answer.body["error"]
    assert error["details"] == {"jurisdiction": "is required"}
    if answer.status in CODES:
        assert error["code"] == CODES[answer.status][0]
    else:
        assert error["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("reason", [Kind.INVALID, Kind.NOT_FOUND, Kind.UNAUTHENTICATED, Kind.UNAVAILABLE])
def test_the_printed_sentences(reason):
    answer = ERRORS.tell(Fault(reason, "what happened"), "req_1", PRINTED, "")
    assert answer.body["error"]["message"] == CODES[answer.status][1]


def test_the_printed_429():
    fault = Fault(Kind.RATE_LIMITED, retry_after=90, data=EXHAUSTED.facts)
    answer = ERRORS.tell(fault, "req_123456", PRINTED, "")
    assert answer.body == RATE_LIMIT_EXCEEDED
    assert (answer.status, answer.headers) == (429, (("Retry-After", "90"),))


@pytest.mark.parametrize(("code", "error"), [(None, ""), (Code.INVALID_TOKEN, ', error="invalid_token"')])
def test_the_challenge_names_a_token_only_where_one_was_sent(code, error):
    answer = ERRORS.tell(Fault(Kind.UNAUTHENTICATED, code=code), "req_1", PRINTED, "")
    assert answer.headers == (("WWW-Authenticate", f'Bearer realm="clickup-brain"{error}'),)


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("GET", "/api/v1", 404, "NOT_FOUND"),
        ("GET", "/api/v1/endpoint", 404, "NOT_FOUND"),
        ("GET", "/v1/nothing", 404, "NOT_FOUND"),
        ("GET", "/quotas", 404, "NOT_FOUND"),
        ("POST", "/api/v1/quotas", 405, "BAD_REQUEST"),
        ("DELETE", "/v1/quotas", 405, "BAD_REQUEST"),
        ("GET", "/api/v1/quotas", 401, "UNAUTHORIZED"),
    ],
)
async def test_what_is_refused_before_any_work(door, method, target, status, code):
    answer = await call(door, method, target)
    assert refused(answer, status, code)["details"] == {}
    assert (answer.headers.get("allow") == "GET, HEAD, OPTIONS") is (status == 405)


async def test_its_openapi_keeps_the_rules(door):
    document = (await call(door, "GET", "/openapi.json")).json()
    openapi_rules.check(document)
    assert document["servers"] == [
        {"url": "https://graph.example/clickup-brain/api/v1"},
        {"url": "https://graph.example/clickup-brain/v1"},
    ]
    assert document["security"] == [{"ApiKey": []}, {"OAuth": []}, {"Jwt": []}]
    flows = document["components"]["securitySchemes"]["OAuth"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "https://graph.example/clickup-brain/oauth/token"


async def test_its_docs_show_the_printed_answer(door):
    page = (await call(door, "GET", "/docs")).body.decode()
    assert "Authorization: Bearer YOUR_API_KEY" in page
    assert "&quot;remaining&quot;: 750" in page
    assert "query Quotas" in page

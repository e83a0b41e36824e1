"""CopyCar's words for what goes wrong, and the pages its errors point to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Code, Kind
from domain.limits import LimitWindow
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.copycar.errors import ERRORS
from rest_compat.engine.app import DialectApp
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.services import DoorSettings, RateState
from schema.graph import graphql_schema
from tests.clocks import PRINTED
from tests.rest_compat.asgi import call
from tests.rest_compat.copycar.printed import CODES, RATE_LIMIT_EXCEEDED, fits
from tests.rest_compat.fakes import FakeServices

SITE = "https://graph.example/copycar"
EXHAUSTED = RateState(10_000, 0, datetime(2024, 1, 22, 11, tzinfo=UTC), 1800, LimitWindow.HOUR)


def told(fault: Fault) -> dict:
    body = ERRORS.tell(fault, "req_1", PRINTED, SITE).body
    fits("error", body)
    return body["error"]


@pytest.mark.parametrize("reason", [reason for reason, row in ERRORS.rows.items() if row.status != 429])
def test_every_reason_has_the_printed_form_and_a_printed_code(reason):
    error = told(Fault(reason, "what happened", fields={"company.name": "is required"}))
    assert error["message"].startswith(CODES[error["code"]])
    assert error["details"] == {"company.name": "is required"}


@pytest.mark.parametrize(
    ("code", "printed"), [(Code.INVALID_TOKEN, "INVALID_TOKEN"), (Code.REQUIRED, "MISSING_REQUIRED_FIELD")]
)
def test_codes_that_have_words_of_their_own(code, printed):
    assert told(Fault(code.kind, code=code))["code"] == printed


def test_the_printed_429():
    at = datetime(2024, 1, 22, 10, 30, tzinfo=UTC)
    fault = Fault(Kind.RATE_LIMITED, retry_after=EXHAUSTED.retry_after, data=EXHAUSTED.facts)
    answer = ERRORS.tell(fault, "req_123456789", at, SITE)
    assert answer.body == RATE_LIMIT_EXCEEDED
    assert (answer.status, answer.headers) == (429, (("Retry-After", "1800"),))


def test_the_quota_of_the_month():
    state = {"limit": 100_000, "remaining": 12, "resets_at": datetime(2024, 2, 1, tzinfo=UTC), "retry_after": 60}
    error = told(Fault(Kind.QUOTA_EXCEEDED, "spent", retry_after=60, data=state))
    assert (error["code"], error["message"]) == ("QUOTA_EXCEEDED", CODES["QUOTA_EXCEEDED"])
    assert error["details"] == {"limit": 100_000, "remaining": 12, "reset_time": "2024-02-01T00:00:00Z"}


async def test_an_exhausted_hour_is_told_without_headers_of_its_own():
    services = FakeServices()
    services.state = EXHAUSTED
    app = DialectApp(COPYCAR, graphql_schema, services, DoorSettings("https://graph.example"))
    answer = await call(app, "GET", "/v2/ultimate/accounts", headers={"x-api-key": "good"})
    fits("error", answer.json())
    assert (answer.status, answer.headers["retry-after"]) == (429, "1800")
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


def test_the_challenge_names_a_token_only_where_one_was_sent():
    plain = ERRORS.tell(Fault(Kind.UNAUTHENTICATED), "req_1", PRINTED, SITE)
    token = ERRORS.tell(Fault(Kind.UNAUTHENTICATED, code=Code.INVALID_TOKEN), "req_1", PRINTED, SITE)
    assert dict(plain.headers)["WWW-Authenticate"] == 'Bearer realm="copycar"'
    assert dict(token.headers)["WWW-Authenticate"] == 'Bearer realm="copycar", error="invalid_token"'


def test_all_that_can_be_told_is_explained():
    assert set(COPYCAR.advice) == {row.code for row in ERRORS.every_row()} == set(CODES)


@pytest.mark.parametrize(
    ("what", "code"), [("", "ACCOUNT_NOT_FOUND"), ("campaign", "CAMPAIGN_NOT_FOUND"), ("content", "CONTENT_NOT_FOUND")]
)
def test_what_is_not_there_has_a_code_of_its_own(what, code):
    error = told(Fault(Kind.NOT_FOUND, what=what))
    assert (error["code"], error["message"]) == (code, CODES[code])


@pytest.mark.parametrize("reason", [*Kind, *Refusal])
async def test_the_addresses_in_an_error_answer(reason):
    app = DialectApp(COPYCAR, graphql_schema, FakeServices(), DoorSettings("https://graph.example"))
    fault = Fault(reason, data=EXHAUSTED.facts)
    error = told(fault)
    for name in ("documentation_url", "support_url"):
        page = await call(app, "GET", error[name].removeprefix(SITE))
        assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'none'" in page.headers["content-security-policy"]
    explained = (await call(app, "GET", error["documentation_url"].removeprefix(SITE))).body.decode()
    assert f"<h1>{error['code']}</h1>" in explained
    assert str(ERRORS.row(fault).status) in explained


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        (None, "whoever runs this server"),
        ("help@example.com", '<a href="mailto:help@example.com">help@example.com</a>'),
        ("https://help.example.com/?a=1&b=2", '<a href="https://help.example.com/?a=1&amp;b=2">'),
    ],
)
async def test_the_support_page_names_who_helps(contact, link):
    settings = DoorSettings("https://graph.example", support_contact=contact)
    app = DialectApp(COPYCAR, graphql_schema, FakeServices(), settings)
    page = (await call(app, "GET", "/docs/support")).body.decode()
    assert link in page
    assert "request_id" in page


async def test_a_page_about_no_error_is_not_there(app):
    assert (await call(app, "GET", "/docs/errors/nothing")).status == 404
    assert (await call(app, "POST", "/docs/errors/timeout")).status == 405

"""A line for every call: what it holds, and what it never holds."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import create_app
from gateway.call_log import CallLog
from gateway.calls import CallRecord, Holder
from gateway.database import Database
from gateway.logging import configure
from gateway.settings import LogFormat, LogLevel, load
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential
from tests.factories.organizations import make_organization
from tests.gateway.conftest import Listen

HOLDER = Holder("org_1", "client_1", "key_1", "user_1")

Serving = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def serving(sqlite_database_url: str, clock: SetClock, tmp_path: Path) -> Serving:
    """An application with these settings."""

    @asynccontextmanager
    async def served(**given: Any) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, data_dir=tmp_path, **given), clock=clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client:
            yield client
        await app.state.parts.audit.stop()
        await app.state.parts.database.engines.dispose()

    return served


def call_of(holder: Holder | None = HOLDER, **known: Any) -> CallRecord:
    """A call that was served."""
    call = CallRecord("req_1", "192.0.2.1", holder=holder)
    call.enter("GRAPHQL", "query Mine { leads }")
    for name, value in {"status": 200, **known}.items():
        setattr(call, name, value)
    return call


def test_a_line_says_who_called_what_and_how_it_ended(listen: Listen) -> None:
    lines = listen()
    CallLog(every=True).note(call_of(cost=21, code="FORBIDDEN"))
    (line,) = lines()
    assert isinstance(line.pop("duration_ms"), int)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {
        "message": "call",
        "level": "info",
        "logger": "gateway.call_log",
        "door": "GRAPHQL",
        "operation": "query Mine { leads }",
        "outcome": "REFUSED",
        "status": 200,
        "code": "FORBIDDEN",
        "cost": 21,
        "request_id": "req_1",
        "address": "192.0.2.1",
        "organization_id": "org_1",
        "client_id": "client_1",
        "user_id": "user_1",
    }


def test_it_can_be_turned_off_except_for_calls_of_nobody_known(listen: Listen) -> None:
    lines = listen()
    log = CallLog(every=False)
    log.note(call_of())
    log.note(CallRecord("req_2"))
    log.note(call_of(None, status=401, code="UNAUTHENTICATED", operation="POST /graphql"))
    (line,) = lines()
    assert (line["message"], line["level"]) == ("call of nobody known", "info")
    assert (line["address"], line["code"], line["operation"]) == ("192.0.2.1", "UNAUTHENTICATED", "POST /graphql")
    assert "client_id" not in line


def test_what_is_below_the_level_is_dropped(listen: Listen) -> None:
    lines = listen(LogLevel.WARNING)
    CallLog(every=True).note(call_of())
    assert lines() == []


def test_people_read_it_too(capsys: pytest.CaptureFixture[str], logging_restored: None) -> None:
    configure(LogLevel.INFO, LogFormat.CONSOLE)
    CallLog(every=True).note(call_of(cost=21))
    written = capsys.readouterr().err
    assert "call" in written
    assert "client_id=client_1" in written
    assert "cost=21" in written


def test_development_tells_less_than_production() -> None:
    assert not load(env_file=None).log_calls
    assert load(env_file=None, environment="production").log_calls
    assert not load(env_file=None, environment="production", log_calls=False).log_calls


async def test_no_line_holds_what_was_sent(serving: Serving, embedded: Database, listen: Listen) -> None:
    organization = await make_organization(embedded)
    client_id = await make_client(embedded, organization)
    key = await make_credential(embedded, organization, client_id)
    secret, told = "hush-hush-token", "told-in-confidence"
    lines = listen()
    async with serving(environment="production") as client:
        variables = {"query": "query ($id: ID!) { lead(id: $id) { id } }", "variables": {"id": told}}
        await client.post(f"/graphql?access_token={secret}", json=variables, headers={"X-API-Key": key})
        await client.get(f"/v1/leads/{told}?access_token={secret}", headers={"Authorization": f"Bearer {secret}"})
        await client.get(f"/api/v1/stream/events?access_token={secret}")
        await client.get(f"/{told}?access_token={secret}")
        await client.post("/oauth/token", data={"client_secret": secret, "grant_type": "client_credentials"})
    found = lines()
    assert {line["door"] for line in found if "door" in line} >= {"GRAPHQL", "CRM_ULTRA", "OAUTH"}
    text = json.dumps(found)
    assert client_id in text
    assert [each for each in (secret, told, key) if each in text] == []


def test_libraries_do_not_tell_the_addresses_they_ask(listen: Listen) -> None:
    lines = listen(LogLevel.DEBUG)
    for library in ("httpx", "httpcore.connection", "urllib3.connectionpool"):
        logging.getLogger(library).info("HTTP Request: POST https://receiver.example.com/?access_token=hush")
    assert lines() == []

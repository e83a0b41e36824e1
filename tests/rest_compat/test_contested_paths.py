"""The path that two products share, over a whole process: who registers what is decided by their key (X-03)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.viewer import Dialect
from gateway.app import create_app
from gateway.settings import load
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.bodies import read
from rest_compat.engine.contested import settle
from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.requests import Call
from rest_compat.engine.services import DoorSettings
from tests.clocks import SetClock
from tests.factories.credentials import make_key
from tests.factories.organizations import make_organization
from tests.rest_compat.fakes import FakeServices

CRM, BRAIN = ["lead.created"], ["compliance.alert"]


@pytest.fixture
async def door(sqlite_database_url: str, tmp_path: Path, clock: SetClock) -> AsyncIterator[Any]:
    app = create_app(load(env_file=None, data_dir=tmp_path, database_url=sqlite_database_url), clock=clock)
    database = app.state.parts.database
    organization = await make_organization(database)
    keys = {dialect: await make_key(database, organization, dialect=dialect) for dialect in (*Dialect, None)}
    transport = httpx.ASGITransport(app=app)

    async def register(dialect: Dialect | None, events: list[str]) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://neutral.example") as client:
            sent = {"url": "https://example.com/hook", "events": events}
            head = {"Authorization": f"Bearer {keys[dialect]}"}
            return await client.post("/v1/webhooks", json=sent, headers=head)

    yield register
    await database.engines.dispose()


async def test_each_key_registers_at_its_own_product(door: Any) -> None:
    crm, brain = await door(Dialect.CRM_ULTRA, CRM), await door(Dialect.CLICKUP_BRAIN, BRAIN)
    assert (crm.status_code, crm.json()["active"]) == (201, True)
    assert (brain.status_code, brain.json()["status"]) == (201, "active")


async def test_the_key_outweighs_the_events(door: Any) -> None:
    crm, brain = await door(Dialect.CRM_ULTRA, BRAIN), await door(Dialect.CLICKUP_BRAIN, CRM)
    assert (crm.status_code, crm.json()["error"]["code"]) == (422, "validation_error")
    assert (brain.status_code, brain.json()["error"]["code"]) == (400, "BAD_REQUEST")


async def test_other_keys_open_neither(door: Any) -> None:
    for dialect in (Dialect.COPYCAR, None):
        assert (await door(dialect, CRM)).json()["error"]["code"] == "invalid_api_key"
        assert (await door(dialect, BRAIN)).json()["error"]["code"] == "UNAUTHORIZED"


async def test_a_body_that_stops_arriving_while_it_is_looked_at_is_told_so() -> None:
    async def stuck() -> Any:
        await asyncio.Event().wait()

    settings = DoorSettings("https://gateway.test", body_timeout_seconds=0.01)
    call = Call("POST", b"/v1/webhooks", b"", {"content-length": "2"}, "req_1")
    dialect, receive = await settle([CLICKUP_BRAIN, CRM_ULTRA], call, stuck, FakeServices(), settings)
    assert dialect is CLICKUP_BRAIN
    with pytest.raises(Fault) as refused:
        await read(receive, call.headers, settings)
    assert refused.value.reason is Refusal.TOO_SLOW

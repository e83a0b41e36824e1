"""The process as a whole: calls of every door are recorded, operations of GraphQL are charged, REST ones are not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from domain.audit import AuditEntry
from domain.limits import LimitGroup
from domain.permissions import Role
from domain.viewer import Dialect
from gateway.app import create_app
from gateway.assembly import Parts
from gateway.database import Database
from gateway.settings import load
from gateway.settings_sections import LimitSettings
from tests.clocks import SetClock
from tests.factories.credentials import make_client, make_credential, resolve
from tests.factories.organizations import make_organization, make_user

Serving = Callable[..., AbstractAsyncContextManager[tuple[httpx.AsyncClient, Parts]]]
INTROSPECTION = {"query": "{ __schema { queryType { name } } }"}
LEADS = {"query": "query Mine { leads(first: 5) { nodes { id notes(first: 2) { nodes { id } } } } }"}


@pytest.fixture
def serving(sqlite_database_url: str, clock: SetClock) -> Serving:
    """An application with these settings, asked from an address of its own."""

    @asynccontextmanager
    async def served(**given: Any) -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, **given), clock=clock)
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://graph.test") as client:
            yield client, app.state.parts
        await app.state.parts.audit.stop()
        await app.state.parts.database.engines.dispose()

    return served


@pytest.fixture
async def organization(embedded: Database) -> str:
    return await make_organization(embedded)


async def key_of(database: Database, organization: str, dialect: Dialect | None, tier: str = "Free") -> dict[str, str]:
    """Headers with a new key."""
    client = await make_client(database, organization, dialect=dialect, tier=tier)
    return {"X-API-Key": await make_credential(database, organization, client, dialect=dialect)}


async def recorded(parts: Parts) -> list[tuple[Any, ...]]:
    """Door, operation, outcome, code, status and cost of every call that was put down to somebody."""
    await parts.audit.flush()
    entry = AuditEntry
    columns = (entry.door, entry.operation, entry.outcome, entry.code, entry.status, entry.cost)
    return [tuple(row) for row in await parts.database.rows(select(*columns).order_by(entry.id))]


async def test_calls_of_both_kinds_of_doors_are_recorded(
    serving: Serving, embedded: Database, organization: str
) -> None:
    crm = await key_of(embedded, organization, Dialect.CRM_ULTRA)
    other = await key_of(embedded, organization, Dialect.COPYCAR, "Ultimate")
    async with serving() as (client, parts):
        await client.post("/graphql", json=LEADS, headers=crm)
        await client.get("/v1/leads/lead_nobody?note=private", headers=crm)
        await client.get("/v1/leads", headers=crm)
        await client.get("/v1/nothing/of/the/kind", headers=crm)
        await client.get("/v1/leads", headers=other)
        await client.get("/v1/leads", headers={"X-API-Key": "unknown"})
        await client.get("/healthz")
        told = await recorded(parts)
    assert told == [
        ("GRAPHQL", "query Mine { leads }", "DONE", None, 200, 21),
        ("CRM_ULTRA", "GET /v1/leads/{lead_id}", "REFUSED", "resource_not_found", 404, None),
        ("CRM_ULTRA", "GET /v1/leads", "DONE", None, 200, None),
        ("CRM_ULTRA", "GET unknown route", "REFUSED", "resource_not_found", 404, None),
        ("CRM_ULTRA", "GET /v1/leads", "REFUSED", "invalid_api_key", 401, None),
    ]


async def test_operations_are_charged_to_the_tier_and_rest_is_not(
    serving: Serving, embedded: Database, organization: str
) -> None:
    headers = await key_of(embedded, organization, Dialect.CRM_ULTRA)
    async with serving(limits=LimitSettings(points_free=150)) as (client, parts):
        first = (await client.post("/graphql", json=INTROSPECTION, headers=headers)).json()
        for _ in range(5):
            assert (await client.get("/v1/leads", headers=headers)).status_code == 200
        refused = await client.post("/graphql", json=INTROSPECTION, headers=headers)
        viewer = await resolve(embedded, {name.lower(): value for name, value in headers.items()})
        assert viewer is not None
        standings = {each.allowance.group: each.used for each in await parts.limits.standings(viewer)}
        codes = [row[3] for row in await recorded(parts)]
    assert first["extensions"]["cost"]["remaining"] == 50
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["remaining"]) == (429, 50)
    assert standings[LimitGroup.POINTS] == 100
    assert codes == [None] * 6 + ["RATE_LIMITED"]


async def test_what_a_payload_refuses_is_a_refusal(serving: Serving, embedded: Database, organization: str) -> None:
    admin = await make_user(embedded, organization, role=Role.ADMIN)
    scopes = ["read", "write", "admin"]
    client_id = await make_client(embedded, organization, dialect=None, user=admin, scopes=scopes)
    headers = {"X-API-Key": await make_credential(embedded, organization, client_id, dialect=None)}
    query = 'mutation Make { createTeam(input: {name: "%s"}) { team { id } errors { code } } }'
    async with serving() as (client, parts):
        for name in (" ", "North"):
            assert (await client.post("/graphql", json={"query": query % name}, headers=headers)).status_code == 200
        told = [row[1:4] for row in await recorded(parts)]
    operation = "mutation Make { createTeam }"
    # The change itself is noted by the use case, in the transaction that makes it; its call follows.
    assert told == [(operation, "REFUSED", "REQUIRED"), ("createTeam", "DONE", None), (operation, "DONE", None)]

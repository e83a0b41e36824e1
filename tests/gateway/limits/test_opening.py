"""The limits as they are set, and their Redis from the start of the process to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.clients import TIERS
from domain.limits import POINTS_PER_MINUTE, LimitGroup
from domain.viewer import Dialect
from gateway.app import create_app
from gateway.database import Database
from gateway.limits.opening import open_limits, reach
from gateway.settings import InvalidSettings, Settings, load
from tests.factories.credentials import make_key
from tests.factories.organizations import make_organization, make_user
from tests.gateway.limits.conftest import Client
from tests.redises import RedisServer


def settings(**given: Any) -> Settings:
    return load(env_file=None, **given)


async def test_every_tier_has_the_points_that_are_set_for_it(embedded: Database, client: Client) -> None:
    set_ = {f"points_{tier.lower()}": 1_000 + n for n, tier in enumerate(POINTS_PER_MINUTE)}
    limits = open_limits(settings(limits=set_), embedded)
    usual = open_limits(settings(), embedded)

    for n, tier in enumerate(POINTS_PER_MINUTE):
        dialect = next(dialect for dialect, tiers in TIERS.items() if tier in tiers)
        for opened, expected in ((limits, 1_000 + n), (usual, POINTS_PER_MINUTE[tier])):
            (standing,) = (await opened.charge(client(dialect, tier), {LimitGroup.POINTS: 1})).standings
            assert standing.allowance.limit == expected


async def test_the_factor_that_is_set_holds(embedded: Database, client: Client) -> None:
    limits = open_limits(settings(limits={"factor": 0.5}), embedded)

    minute, hour = (await limits.charge(client(Dialect.CRM_ULTRA, "Free"), {LimitGroup.API_REQUESTS: 1})).standings

    assert (minute.allowance.limit, hour.allowance.limit) == (30, 500)


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("limits", "factor", 0),
        ("limits", "points_free", 0),
        ("limits", "counters", 0),
        ("redis", "timeout_seconds", 0),
        ("redis", "url", "http://example.com"),
        ("redis", "url", "redis://"),
        ("redis", "url", "redis://user:hushhush@example.com:port"),
        ("redis", "url", "example.com:6379"),
    ],
)
def test_what_cannot_be_is_refused_by_its_variable_and_without_a_password(section: str, name: str, value: Any) -> None:
    with pytest.raises(InvalidSettings) as refused:
        settings(**{section: {name: value}})

    (problem,) = refused.value.problems
    assert problem.startswith(f"TRIGRAPH_{section}_{name}".upper())
    assert "hushhush" not in problem


async def test_without_redis_there_is_nothing_to_reach() -> None:
    assert await reach(settings()) is None


@pytest.mark.redis
async def test_the_process_counts_in_its_redis_and_leaves_no_connection(
    sqlite_database_url: str, embedded: Database, own_redis: RedisServer, tmp_path: Path
) -> None:
    organization = await make_organization(embedded)
    user = await make_user(embedded, organization)
    key = await make_key(embedded, organization, user=user)
    given = {"database_url": sqlite_database_url, "data_dir": tmp_path, "redis": {"url": own_redis.url}}
    app = create_app(settings(**given))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://graph.test") as client,
    ):
        answer = await client.get("/v1/users/me", headers={"X-API-Key": key})
        query = "{ viewer { budget { requests { window used remaining } points { used } } } }"
        told = await client.post("/graphql", json={"query": query}, headers={"X-API-Key": key})

    budget = told.json()["data"]["viewer"]["budget"]
    assert budget["requests"] == [
        {"window": "MINUTE", "used": 1, "remaining": 999},
        {"window": "HOUR", "used": 1, "remaining": 49_999},
    ]
    # What it costs to ask was charged before it was answered.
    assert budget["points"]["used"] > 0
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (200, "999")
    counted = own_redis.say("KEYS", "*:api_requests:minute:*")
    assert own_redis.say("GET", counted) == "1"
    assert len(own_redis.say("CLIENT", "LIST").splitlines()) == 1

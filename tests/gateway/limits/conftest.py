"""Limits over both ways of counting."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from domain.values import new_id
from domain.viewer import Dialect, Viewer
from gateway.limits.counters import Counters, MemoryCounters
from gateway.limits.shared import RedisCounters

TIMEOUT_SECONDS = 2.0

Client = Callable[..., Viewer]


@asynccontextmanager
async def redis_counters(
    url: str, *, cluster: bool = False, patience: float = TIMEOUT_SECONDS
) -> AsyncIterator[RedisCounters]:
    """Counters in a Redis, closed at the end."""
    counters = RedisCounters(url, cluster=cluster, connections=5, timeout_seconds=patience)
    try:
        yield counters
    finally:
        await counters.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def counters(request: pytest.FixtureRequest) -> AsyncIterator[Counters]:
    """Both ways of counting: the test runs once with each."""
    if request.param == "memory":
        yield MemoryCounters(10_000)
        return
    async with redis_counters(request.getfixturevalue("redis_url")) as counters:
        yield counters


@pytest.fixture
def client() -> Client:
    """Makes viewers of clients nobody has counted before: `client(Dialect.CRM_ULTRA, "Free", user_id=...)`."""

    def make(dialect: Dialect | None, tier: str, **known: Any) -> Viewer:
        viewer = Viewer("org_1", new_id("client"), None, None, frozenset(), (), dialect, tier, "Test")
        return replace(viewer, **known)

    return make

"""When Redis goes away, limits go on in each process; when it is back, they are shared again by themselves."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from domain.limits import LimitGroup
from domain.viewer import Dialect, Viewer
from gateway.database import Database
from gateway.limits.counters import MemoryCounters
from gateway.limits.fallback import FallbackCounters
from gateway.limits.limits import Limits
from tests.factories.limits import limits_of
from tests.gateway.limits.conftest import Client, redis_counters
from tests.redises import RedisServer

pytestmark = pytest.mark.redis

CALL = {LimitGroup.API_REQUESTS: 1}
LIMIT = 100
_PATIENCE_SECONDS = 1.0
_RETRY_SECONDS = 0.05
_GONE, _BACK = "Redis is away", "Redis is back"


@asynccontextmanager
async def process(database: Database, server: RedisServer) -> AsyncIterator[Limits]:
    """The limits of one process, looking after its Redis: a hundred calls a minute for CRM-Ultra's Professional."""
    async with redis_counters(server.url, patience=_PATIENCE_SECONDS) as shared:
        counters = FallbackCounters(shared, MemoryCounters(1_000), _RETRY_SECONDS)
        limits = limits_of(database, counters, factor=0.1)
        looking = asyncio.create_task(limits.run())
        try:
            yield limits
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


@pytest.fixture
def viewer_(client: Client) -> Viewer:
    return client(Dialect.CRM_ULTRA, "Professional")


async def granted(limits: Limits, viewer: Viewer, times: int) -> int:
    taken = [await limits.charge(viewer, CALL) for _ in range(times)]
    return sum(each.exhausted is None for each in taken)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().partition(",")[0].partition(":")[0] for record in caplog.records]


async def until_said(caplog: pytest.LogCaptureFixture, words: str, times: int = 1) -> None:
    async with asyncio.timeout(10):
        while said(caplog).count(words) < times:  # noqa: ASYNC110 - a log has no event to wait for
            await asyncio.sleep(0.02)


async def test_limits_go_on_without_redis_and_are_shared_again_when_it_is_back(
    embedded: Database, own_redis: RedisServer, viewer_: Viewer, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.limits")
    async with process(embedded, own_redis) as here, process(embedded, own_redis) as there:
        assert (await granted(here, viewer_, 20), await granted(there, viewer_, 10)) == (20, 10)
        assert await granted(here, viewer_, 1) == 1

        own_redis.kill()
        # Each goes on from what Redis last told it: 31 used of a hundred, and 30.
        assert (await granted(here, viewer_, LIMIT), await granted(there, viewer_, LIMIT)) == (69, 70)
        assert said(caplog) == [_GONE, _GONE]

        own_redis.start()
        await until_said(caplog, _BACK, 2)
        other = client(Dialect.CRM_ULTRA, "Professional")
        assert (await granted(here, other, 60), await granted(there, other, 60)) == (60, 40)
    assert said(caplog) == [_GONE, _GONE, _BACK, _BACK]


async def test_an_absent_redis_is_told_once_however_many_calls_notice(
    embedded: Database, own_redis: RedisServer, viewer_: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.limits")
    async with process(embedded, own_redis) as limits:
        assert await granted(limits, viewer_, 1) == 1
        for _ in range(2):
            caplog.clear()
            own_redis.kill()
            taken = await asyncio.gather(*(limits.charge(viewer_, CALL) for _ in range(50)))
            assert all(each.standings for each in taken)
            await asyncio.sleep(3 * _RETRY_SECONDS)
            assert said(caplog) == [_GONE]
            own_redis.start()
            await until_said(caplog, _BACK)
            await asyncio.sleep(3 * _RETRY_SECONDS)
            assert said(caplog) == [_GONE, _BACK]


async def test_connections_of_a_redis_that_was_restarted_are_not_tried_one_after_the_other(
    embedded: Database, own_redis: RedisServer, viewer_: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.limits")
    async with process(embedded, own_redis) as limits:
        await asyncio.gather(*(limits.charge(viewer_, CALL) for _ in range(50)))
        own_redis.kill()
        own_redis.start()
        assert await granted(limits, viewer_, 1) == 1
        await until_said(caplog, _BACK)
        await asyncio.gather(*(limits.charge(viewer_, CALL) for _ in range(50)))
        assert said(caplog) == [_GONE, _BACK]


async def test_no_call_hangs_on_a_redis_that_is_frozen(
    embedded: Database, own_redis: RedisServer, viewer_: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(embedded, own_redis) as limits:
        assert await granted(limits, viewer_, 1) == 1
        own_redis.freeze()

        began = time.monotonic()
        taken = await asyncio.gather(*(limits.charge(viewer_, CALL) for _ in range(50)))
        first = time.monotonic() - began
        assert await granted(limits, viewer_, 20) == 20
        rest = time.monotonic() - began - first

        assert all(each.exhausted is None for each in taken)
        assert first < _PATIENCE_SECONDS + 2
        assert rest < _PATIENCE_SECONDS
        own_redis.thaw()
        await until_said(caplog, _BACK)


async def test_a_redis_that_is_not_there_at_the_start_is_told_before_anybody_calls(
    embedded: Database, own_redis: RedisServer, viewer_: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    own_redis.kill()
    async with process(embedded, own_redis) as limits:
        await until_said(caplog, _GONE)
        assert await granted(limits, viewer_, LIMIT + 10) == LIMIT
        own_redis.start()
        await until_said(caplog, _BACK)
        assert await granted(limits, viewer_, 1) == 1
    assert own_redis.say("KEYS", f"*{viewer_.client_id}*").count("\n") == 1

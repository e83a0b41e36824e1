"""Where is counted: memory that stays small, and one script in Redis."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.limits import Allowance, LimitGroup, LimitWindow
from gateway.limits.counters import MemoryCounters, Share, Unreachable
from gateway.limits.shared import RedisCounters
from tests.gateway.limits.conftest import redis_counters
from tests.redises import RedisServer

NOON = datetime(2024, 1, 15, 12, tzinfo=UTC)
MINUTE, HOUR = LimitWindow.MINUTE, LimitWindow.HOUR


def share(amount: int = 1, limit: int = 10, window: LimitWindow = MINUTE, at: datetime = NOON) -> Share:
    return Share(Allowance(LimitGroup.API_REQUESTS, window, limit), amount, window.start(at), window.end(at))


async def test_windows_that_are_over_are_dropped() -> None:
    counters = MemoryCounters(10_000)
    for minute in range(300):
        at = NOON + timedelta(minutes=minute)
        for subject in range(20):
            await counters.take(f"client_{minute}_{subject}", [share(at=at), share(window=HOUR, at=at)])

    # The running minute and hour, and the ones before.
    assert len(counters) == 2 * 20 + 2 * 60 * 20


async def test_ever_new_names_do_not_fill_the_memory() -> None:
    counters = MemoryCounters(100)
    for name in range(10_000):
        await counters.take(f"attempt_{name}", [share()])

    assert len(counters) == 100


async def test_what_is_only_looked_at_or_refused_takes_no_memory() -> None:
    counters = MemoryCounters(100)
    await counters.take("client_1", [share(0)])
    await counters.take("client_2", [share(11)])

    assert len(counters) == 0


async def test_a_charge_that_comes_late_or_a_clock_that_is_put_back_finds_its_window_again() -> None:
    counters = MemoryCounters(100)
    later = NOON + timedelta(minutes=1)
    await counters.take("client_1", [share(10)])
    await counters.take("client_1", [share(3, at=later)])

    late = await counters.take("client_1", [share(1)])
    again = await counters.take("client_1", [share(1, at=later)])

    assert (late.counted, late.used, again.counted, again.used) == (False, (10,), True, (4,))


async def test_a_count_learnt_from_elsewhere_never_falls() -> None:
    counters = MemoryCounters(100)
    counters.learn("client_1", [share()], [7])
    counters.learn("client_1", [share()], [5])

    assert (await counters.take("client_1", [share(0)])).used == (7,)


@pytest.mark.redis
async def test_keys_in_redis_live_a_little_longer_than_their_windows(own_redis: RedisServer) -> None:
    async with redis_counters(own_redis.url) as counters:
        await counters.take("client_1", [share(3), share(3, window=HOUR)])
        await counters.take("client_1", [share(2), share(2, window=HOUR)])
        await counters.take("client_2", [share(0), share(0, window=HOUR)])
        await counters.take("client_3", [share(1), share(11, window=HOUR)])

    keys = own_redis.say("KEYS", "*").split()
    assert sorted(keys) == [
        "trigraph:limits:{client_1}:api_requests:hour:1705320000",
        "trigraph:limits:{client_1}:api_requests:minute:1705320000",
    ]
    assert [own_redis.say("GET", key) for key in keys] == ["5", "5"]
    left = {key.split(":")[-2]: int(own_redis.say("TTL", key)) for key in keys}
    assert 110 <= left["minute"] <= 120
    assert 3650 <= left["hour"] <= 3660


@pytest.mark.redis
async def test_a_script_that_redis_has_forgotten_is_sent_again(own_redis: RedisServer) -> None:
    async with redis_counters(own_redis.url) as counters:
        await counters.take("client_1", [share()])
        own_redis.say("SCRIPT", "FLUSH")

        assert (await counters.take("client_1", [share()])).used == (2,)


@pytest.mark.redis
async def test_the_windows_of_a_charge_lie_on_one_node_of_a_cluster(redis_cluster: RedisServer) -> None:
    async with redis_counters(redis_cluster.url, cluster=True) as counters:
        taken = await asyncio.gather(
            *(counters.take(f"client_{n % 3}", [share(1), share(1, window=HOUR)]) for n in range(60))
        )
        await counters.probe()

    assert sum(each.counted for each in taken) == 30


async def _reason(counters: RedisCounters) -> str:
    with pytest.raises(Unreachable) as refused:
        await counters.take("client_1", [share()])
    return str(refused.value)


@pytest.mark.redis
async def test_a_redis_that_cannot_count_says_why(own_redis: RedisServer) -> None:
    async with redis_counters(own_redis.url) as counters:
        await counters.take("client_1", [share()])
        own_redis.say("CONFIG", "SET", "maxmemory", "1")
        assert "maxmemory" in await _reason(counters)
        own_redis.say("CONFIG", "SET", "maxmemory", "0")
        own_redis.say("REPLICAOF", "127.0.0.1", "1")
        assert "read only replica" in await _reason(counters)


@pytest.mark.redis
async def test_nobody_waits_long_for_a_redis_that_does_not_answer(own_redis: RedisServer) -> None:
    async with redis_counters(own_redis.url, patience=0.3) as counters:
        await counters.probe()
        own_redis.freeze()
        async with asyncio.timeout(3):
            assert await _reason(counters) == "no answer within 0.3 s"
        own_redis.thaw()
        assert (await counters.take("client_2", [share()])).used == (1,)

"""The limits as an operator has set them."""

from __future__ import annotations

from importlib import import_module

from gateway.database import Database
from gateway.limits.counters import Counters, MemoryCounters, SharedCounters, Unreachable
from gateway.limits.fallback import FallbackCounters
from gateway.limits.limits import Limits
from gateway.settings import Settings


def open_limits(settings: Settings, database: Database) -> Limits:
    """The limits of the settings; nothing is connected yet."""
    limits = settings.limits
    points = {
        "Free": limits.points_free,
        "Basic": limits.points_basic,
        "Professional": limits.points_professional,
        "Standard": limits.points_standard,
        "Ultimate": limits.points_ultimate,
        "Enterprise": limits.points_enterprise,
    }
    return Limits(_counters(settings), database, factor=limits.factor, points=points)


async def reach(settings: Settings) -> str | None:
    """Count once in the Redis of the settings; what is in the way, or None."""
    counters = _redis(settings)
    if counters is None:
        return None
    try:
        await counters.probe()
    except Unreachable as error:
        return str(error)
    finally:
        await counters.close()
    return None


def _counters(settings: Settings) -> Counters:
    local, shared = MemoryCounters(settings.limits.counters), _redis(settings)
    return FallbackCounters(shared, local, settings.redis.retry_seconds) if shared else local


def _redis(settings: Settings) -> SharedCounters | None:
    redis = settings.redis
    if redis.url is None:
        return None
    # Its client takes 6 MiB and 60 ms to load, which only those pay who have a Redis.
    shared: SharedCounters = import_module("gateway.limits.shared").RedisCounters(
        redis.url.get_secret_value(),
        cluster=redis.cluster,
        connections=redis.connections,
        timeout_seconds=redis.timeout_seconds,
    )
    return shared

"""Limits for tests, counted in memory."""

from __future__ import annotations

from collections.abc import Mapping

from domain.limits import POINTS_PER_MINUTE
from gateway.database import Database
from gateway.limits.counters import Counters, MemoryCounters
from gateway.limits.limits import Limits


def limits_of(
    database: Database,
    counters: Counters | None = None,
    *,
    factor: float = 1,
    points: Mapping[str, int] = POINTS_PER_MINUTE,
) -> Limits:
    """Limits by the database's clock, as documented unless a factor says otherwise."""
    return Limits(counters or MemoryCounters(10_000), database, factor=factor, points=points)

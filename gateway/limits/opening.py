"""The limits as an operator has set them."""

from __future__ import annotations

from gateway.database import Database
from gateway.limits.counters import MemoryCounters
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
    return Limits(MemoryCounters(limits.counters), database, factor=limits.factor, points=points)

"""What the products document about how much a client may ask, as data: groups, clock windows, tiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.viewer import Dialect


class LimitGroup(StrEnum):
    """What is counted: calls, items of a kind, points of GraphQL operations, generated tokens."""

    API_REQUESTS = "api_requests"
    DOCUMENT_PROCESSING = "document_processing"
    FEEDBACK_PROCESSING = "feedback_processing"
    CAMPAIGN_ANALYSIS = "campaign_analysis"
    POINTS = "points"
    TOKENS = "tokens"


class LimitWindow(StrEnum):
    """Windows of the clock in UTC: every one begins on a whole minute, hour or month.

    Sliding windows could not give the whole-hour resets that the products print (X-24, CC-15).
    """

    MINUTE = "MINUTE"
    HOUR = "HOUR"
    MONTH = "MONTH"

    def start(self, now: datetime) -> datetime:
        """When the running window began."""
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        if self is LimitWindow.MINUTE:
            return minute
        hour = minute.replace(minute=0)
        return hour if self is LimitWindow.HOUR else hour.replace(day=1, hour=0)

    def end(self, now: datetime) -> datetime:
        """When the running window ends and the next one begins."""
        start = self.start(now)
        if self is LimitWindow.MONTH:
            return (start + timedelta(days=32)).replace(day=1)
        return start + (timedelta(minutes=1) if self is LimitWindow.MINUTE else timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a group one client may use in one window."""

    group: LimitGroup
    window: LimitWindow
    limit: int


class Standing(NamedTuple):
    """Where a client stands in one window."""

    allowance: Allowance
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        """What is left until the reset."""
        left = self.allowance.limit - self.used
        return left if left > 0 else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a charge: every window it touched, and the one that refused it, if any.

    A refused charge is charged nowhere. Of several windows that refuse, it is the one that resets last: coming back
    earlier would be in vain.
    """

    standings: tuple[Standing, ...]
    exhausted: Standing | None = None


_PER_MINUTE, _PER_HOUR = LimitWindow.MINUTE, LimitWindow.HOUR
_CALLS = LimitGroup.API_REQUESTS

_CRM_ULTRA: Mapping[str, Sequence[Allowance]] = {
    "Free": (Allowance(_CALLS, _PER_MINUTE, 60), Allowance(_CALLS, _PER_HOUR, 1_000)),
    "Basic": (Allowance(_CALLS, _PER_MINUTE, 300), Allowance(_CALLS, _PER_HOUR, 10_000)),
    "Professional": (Allowance(_CALLS, _PER_MINUTE, 1_000), Allowance(_CALLS, _PER_HOUR, 50_000)),
    "Enterprise": (Allowance(_CALLS, _PER_MINUTE, 5_000),),
}
_CLICKUP_BRAIN: Mapping[str, Sequence[Allowance]] = {
    "Standard": (
        Allowance(_CALLS, _PER_HOUR, 1_000),
        Allowance(_CALLS, _PER_MINUTE, 200),
        Allowance(LimitGroup.DOCUMENT_PROCESSING, _PER_HOUR, 100),
        Allowance(LimitGroup.DOCUMENT_PROCESSING, _PER_MINUTE, 20),
        Allowance(LimitGroup.FEEDBACK_PROCESSING, _PER_HOUR, 500),
        Allowance(LimitGroup.FEEDBACK_PROCESSING, _PER_MINUTE, 100),
        Allowance(LimitGroup.CAMPAIGN_ANALYSIS, _PER_HOUR, 50),
    )
}
_COPYCAR: Mapping[str, Sequence[Allowance]] = {"Ultimate": (Allowance(_CALLS, _PER_HOUR, 10_000),)}

DOCUMENTED: Mapping[Dialect, Mapping[str, Sequence[Allowance]]] = {
    Dialect.COPYCAR: _COPYCAR,
    Dialect.CLICKUP_BRAIN: _CLICKUP_BRAIN,
    Dialect.CRM_ULTRA: _CRM_ULTRA,
}
"""The printed limits by product and tier; a window that is not here is unlimited (CU-55). The window that a product
speaks of first stands first (CU-09, CB-10)."""

POINTS_PER_MINUTE: Mapping[str, int] = {
    "Free": 20_000,
    "Basic": 100_000,
    "Professional": 500_000,
    "Standard": 500_000,
    "Ultimate": 500_000,
    "Enterprise": 5_000_000,
}
"""Points of GraphQL operations (see `extensions.cost`) a client may spend a minute, by the tier of any product."""

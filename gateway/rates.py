"""Counting requests per client in clock minutes, so that rate headers tell the truth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from domain.limits import LimitGroup
from domain.ports import Clock
from domain.viewer import Viewer
from rest_compat.engine.services import RateState

_PER_MINUTE = {"Free": 60, "Basic": 300, "Professional": 1000, "Enterprise": 5000}
"""Requests a minute by the tiers CRM-Ultra documents; windows begin on the clock's minute (X-24)."""
_MINUTE = 60


class Rates:
    """Requests of the running minute, per client. It counts; nothing is refused yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute = 0
        self._counts: dict[str, int] = {}

    async def count(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> RateState:
        """Count one request; where the client stands in its minute."""
        minute = int(self._clock.now().timestamp()) // _MINUTE
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        used = self._counts[viewer.client_id] = self._counts.get(viewer.client_id, 0) + 1
        limit = _PER_MINUTE.get(viewer.tier, _PER_MINUTE["Free"])
        return RateState(limit, max(0, limit - used), datetime.fromtimestamp((minute + 1) * _MINUTE, UTC))

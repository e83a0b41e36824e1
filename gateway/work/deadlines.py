"""Looking for deadlines that come near or have passed, and telling of them, in short transactions."""

from __future__ import annotations

import asyncio

from domain.viewer import Viewer
from gateway.database import Database
from gateway.settings_compliance import ComplianceSettings
from resolvers import compliance_alerts
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit

_PIECE = 50
"""Alerts of one transaction."""
_PAUSE_SECONDS = 0.01


class Deadlines:
    """Deadlines of every organization, sandboxes too."""

    def __init__(self, database: Database, settings: ComplianceSettings) -> None:
        self._database = database
        self._settings = settings

    async def pressing(self) -> bool:
        """Whether there is anything to tell."""
        return bool(await self._database.rows(self._organizations().limit(1)))

    async def tell(self) -> None:
        """Raise the alerts that are due; of an organization that has very many, the rest the next time."""
        for row in await self._database.rows(self._organizations()):
            viewer, left = Viewer.nobody(row[0]), self._settings.alerts_at_once
            while left > 0:
                raised = await self._raise(viewer, min(_PIECE, left))
                left = left - raised if raised == _PIECE else 0
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _raise(self, viewer: Viewer, most: int) -> int:
        async def work(unit: Unit) -> Keys:
            return await compliance_alerts.raise_due(unit, most)

        return int((await self._database.transact(viewer, work))["raised"])

    def _organizations(self) -> Statement:
        today = self._database.clock.now().date()
        return compliance_alerts.organizations_with_due(today, self._database.alert_days)

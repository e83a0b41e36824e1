"""Events of the log whose features are elsewhere, told as a use case tells them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.event_log import Event
from domain.events import EventType
from domain.organizations import Organization
from domain.values import new_id
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.unit import Keys, Unit

ALERT = {
    "alert_id": "alert_789",
    "type": "deadline_approaching",
    "severity": "high",
    "compliance_item": {
        "id": "comp_123",
        "title": "GDPR Data Processing",
        "deadline": "2024-06-30",
        "jurisdiction": "EU",
    },
}
"""The printed alert."""


class _Subject:
    def __init__(self, id: str) -> None:
        self.id = id


async def happen(database: Database, organization: str, *happenings: tuple[EventType, dict[str, Any]]) -> None:
    """Have these things happen in one transaction."""

    async def work(unit: Unit) -> Keys:
        for told, data in happenings:
            unit.record(told, _Subject(new_id("thing")), data)
        return {}

    await database.transact(Viewer(organization, "client_1", None, None, frozenset(), (), None, "t", "T"), work)


async def alert(database: Database, organization: str, number: int = 789) -> None:
    """A compliance alert, as printed but for its number."""
    await happen(database, organization, (EventType.COMPLIANCE_ALERT, ALERT | {"alert_id": f"alert_{number}"}))


async def forget(database: Database, organization: str, sequence: int) -> None:
    """Have the log of an organization begin after this number."""

    async def work(session: AsyncSession) -> None:
        own = Event.organization_id == organization
        await session.execute(delete(Event).where(own, Event.sequence <= sequence))
        begin = update(Organization).where(Organization.id == organization)
        await session.execute(begin.values(forgotten_sequence=sequence))

    await database.store(work)

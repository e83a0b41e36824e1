"""Whether somebody still answers for an endpoint, and giving it up when nobody does."""

from __future__ import annotations

from datetime import datetime

from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from resolvers import webhook_deliveries
from resolvers.unit import Keys, Unit
from resolvers.webhook_viewers import Standing

log = logger(__name__)


def ending(standing: Standing, now: datetime) -> str:
    """Why an endpoint is told nothing any more, for its owner."""
    if standing.client_revoked_at:
        return "Its client was revoked."
    if standing.client_expires_at and standing.client_expires_at <= now:
        return "Its client has expired."
    if standing.user_disabled_at:
        return "The user it acts for is disabled."
    return "The authorization it was made under has ended."


async def give_up(database: Database, organization_id: str, endpoint_id: str, reason: str) -> None:
    """Disable an endpoint, with the event that tells so.

    Raises:
        DomainError: UNAVAILABLE when the database is.
    """

    async def work(unit: Unit) -> Keys:
        return {"disabled": await webhook_deliveries.disable(unit, endpoint_id, reason)}

    if (await database.transact(Viewer.nobody(organization_id), work))["disabled"]:
        log.warning("a webhook was disabled", endpoint=endpoint_id, reason=reason)

"""Outgoing webhooks put together: what they may be, what makes deliveries of the log, and the queue that sends them."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ports import WebhookTerms
from domain.viewer import Dialect
from gateway.database import Database
from gateway.graphql.points import Points
from gateway.outgoing.opening import open_http, reach_of
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.webhooks.bodies import Bodies, Selecting
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.previews import Previewing
from gateway.webhooks.queue import WebhookQueue
from gateway.webhooks.selections import Selections
from gateway.webhooks.sender import Sender
from rest_compat.clickup_brain.telling import TELLING as CLICKUP_BRAIN
from rest_compat.copycar.telling import TELLING as COPYCAR
from rest_compat.crm_ultra.telling import TELLING as CRM_ULTRA

TELLINGS = {Dialect.COPYCAR: COPYCAR, Dialect.CLICKUP_BRAIN: CLICKUP_BRAIN, Dialect.CRM_ULTRA: CRM_ULTRA}
"""How each product tells what happens."""


@dataclass(frozen=True)
class Webhooks:
    """Telling others what happens, by HTTP."""

    dispatcher: Dispatcher
    queue: WebhookQueue
    sender: Sender

    async def close(self) -> None:
        """Close the connections to receivers."""
        await self.sender.close()


def open_webhooks(
    database: Database,
    selections: Selecting,
    settings: WebhookSettings,
    outgoing: OutgoingSettings,
) -> Webhooks:
    """Webhooks as set; nothing is connected or started yet."""
    bodies = Bodies(TELLINGS, selections, settings.body_bytes)
    sender = Sender(lambda: open_http(outgoing), database.clock, settings)
    return Webhooks(Dispatcher(database, bodies, settings), WebhookQueue(database, bodies, sender, settings), sender)


def webhook_terms(
    database: Database,
    selections: Selections,
    points: Points,
    settings: WebhookSettings,
    outgoing: OutgoingSettings,
) -> WebhookTerms:
    """What webhooks may be in this installation: what can be registered, and looked at beforehand."""
    return WebhookTerms(
        reach=reach_of(outgoing),
        endpoints=settings.endpoints,
        redelivered=settings.redelivered,
        names={dialect: telling.names for dialect, telling in TELLINGS.items()},
        selections=selections,
        previews=Previewing(database, Bodies(TELLINGS, selections, settings.body_bytes), selections, points),
    )

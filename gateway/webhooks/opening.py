"""Outgoing webhooks put together: what makes deliveries of the log, and the queue that sends them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from ipaddress import ip_network
from typing import Any

from domain.receivers import Reach
from domain.viewer import Dialect
from gateway.database import Database
from gateway.settings_webhooks import OutgoingSettings, WebhookSettings
from gateway.webhooks.bodies import Bodies, Selecting
from gateway.webhooks.dispatcher import Dispatcher
from gateway.webhooks.queue import WebhookQueue
from gateway.webhooks.sender import Bounds, Sender
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
    bounds = Bounds(settings.timeout_seconds, settings.response_bytes, settings.retry_after_seconds)
    sender = Sender(lambda: open_http(outgoing), database.clock, bounds)
    queue = WebhookQueue(database, bodies, sender, settings)
    dispatcher = Dispatcher(
        database,
        bodies,
        queue.stir,
        page=settings.page,
        gather_seconds=settings.gather_seconds,
        poll_seconds=settings.poll_seconds,
    )
    return Webhooks(dispatcher, queue, sender)


def reach_of(outgoing: OutgoingSettings) -> Reach:
    """Where requests of this installation may go."""
    return Reach(tuple(ip_network(each, strict=False) for each in outgoing.allowed_networks))


def open_http(outgoing: OutgoingSettings) -> Any:
    """Connections to other people's servers (`gateway.outgoing.http.Http`), as set.

    It takes 4 MiB, and certificates are read, which only those pay who send something.
    """
    return import_module("gateway.outgoing.http").Http(
        reach_of(outgoing),
        connections=outgoing.connections,
        idle_connections=outgoing.idle_connections,
        ca_file=outgoing.ca_file,
    )

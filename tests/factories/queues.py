"""What waits in queues, for tests of those who look at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.events import EventType
from domain.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from gateway.database import Database
from tests.factories.credentials import make_client
from tests.factories.organizations import store


async def queue_endpoint(database: Database, organization_id: str, **values: Any) -> str:
    """An endpoint that is told of new leads; its id."""
    now = database.clock.now()
    given: dict[str, Any] = {
        "client_id": await make_client(database, organization_id),
        "url": "https://receiver.example.com/hook",
        "events": [EventType.LEAD_CREATED.value],
        "position": 0,
        "created_at": now,
        "updated_at": now,
    }
    row = WebhookEndpoint(id=WebhookEndpoint.new_id(), organization_id=organization_id, **(given | values))
    await store(database, row)
    return row.id


async def queue_delivery(database: Database, organization_id: str, endpoint_id: str, **values: Any) -> str:
    """A delivery that waits; its id."""
    given: dict[str, Any] = {
        "endpoint_id": endpoint_id,
        "type": EventType.LEAD_CREATED,
        "name": "lead.created",
        "body": "{}",
        "created_at": database.clock.now(),
    }
    row = WebhookDelivery(id=WebhookDelivery.new_id(), organization_id=organization_id, **(given | values))
    await store(database, row)
    return row.id


async def queue_attempt(database: Database, organization_id: str, delivery_id: str, at: datetime) -> None:
    """An attempt that failed."""
    row = WebhookAttempt(
        id=WebhookAttempt.new_id(),
        organization_id=organization_id,
        delivery_id=delivery_id,
        number=1,
        milliseconds=5,
        status=500,
        created_at=at,
    )
    await store(database, row)

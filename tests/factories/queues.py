"""What waits in queues, for tests of those who look at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.database import Database
from tests.factories.credentials import make_client
from tests.factories.organizations import store
from tests.factories.webhook_rows import attempt_row, delivery_row, endpoint_row


async def queue_endpoint(database: Database, organization_id: str, **values: Any) -> str:
    """An endpoint that is told of new leads; its id."""
    client = await make_client(database, organization_id)
    row = endpoint_row(organization_id, client, database.clock.now(), **values)
    await store(database, row)
    return row.id


async def queue_delivery(database: Database, organization_id: str, endpoint_id: str, **values: Any) -> str:
    """A delivery that waits; its id."""
    row = delivery_row(organization_id, endpoint_id, database.clock.now(), **values)
    await store(database, row)
    return row.id


async def queue_attempt(database: Database, organization_id: str, delivery_id: str, at: datetime) -> None:
    """An attempt that failed."""
    await store(database, attempt_row(organization_id, delivery_id, at, status=500))

"""A client that registers webhooks in the graph, and looks what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.viewer import Viewer
from domain.webhooks import DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookSecret
from gateway.database import Database
from tests.factories.contexts import terms_of
from tests.factories.credentials import make_client
from tests.factories.office import Office
from tests.factories.organizations import store
from tests.factories.webhook_rows import delivery_row
from tests.graphs import Graph

URL = "https://example.com/hook"
CREATE_LEAD = 'mutation { createLead(input: {source: "website", email: "ann@example.com"}) { lead { id } } }'


@dataclass(frozen=True)
class Hooks(Office):
    """An office whose viewer has a client of its own; all webhooks may be looked at as they are stored."""

    async def register(self, *events: str, viewer: Viewer | None = None, **given: Any) -> str:
        """A new webhook; its id."""
        wanted = {"url": URL, "events": list(events) or ["LEAD_CREATED"]} | given
        made = await self.done("createWebhook", "webhook { id }", viewer, **wanted)
        return str(made["webhook"]["id"])

    async def lead(self) -> str:
        """A new lead, of which the log tells; its id."""
        return str((await self.graph.data(CREATE_LEAD))["createLead"]["lead"]["id"])

    async def stored(self, id: str) -> WebhookEndpoint:
        """A webhook as it is stored."""
        async with AsyncSession(self.database.engines.reading) as session:
            return await session.get_one(WebhookEndpoint, id)

    async def secrets(self, id: str) -> list[tuple[str | None, Any]]:
        """The opened secrets of a webhook, newest first, and when each ends."""
        columns = select(WebhookSecret.sealed, WebhookSecret.expires_at).where(WebhookSecret.endpoint_id == id)
        rows = await self.database.rows(columns.order_by(WebhookSecret.created_at.desc(), WebhookSecret.id.desc()))
        return [(self.database.vault.open(sealed), end) for sealed, end in rows]

    async def deliveries(self, id: str) -> Sequence[Any]:
        """Sequence, status, due, attempts, test and body of its deliveries, by number."""
        columns = select(
            WebhookDelivery.sequence,
            WebhookDelivery.status,
            WebhookDelivery.due_at,
            WebhookDelivery.attempts,
            WebhookDelivery.test,
            WebhookDelivery.body,
        )
        own = columns.where(WebhookDelivery.endpoint_id == id)
        return await self.database.rows(own.order_by(WebhookDelivery.sequence, WebhookDelivery.id))

    async def set(self, id: str, **values: Any) -> None:
        """Change a stored webhook, telling nobody."""
        await self.store(update(WebhookEndpoint).where(WebhookEndpoint.id == id).values(values))

    async def deliver(self, id: str, sequence: int, status: DeliveryStatus, **known: Any) -> str:
        """Store a delivery that was made before; its id."""
        given = {"name": "LEAD_CREATED", "attempts": 3} | known
        now = self.database.clock.now()
        row = delivery_row(self.organization, id, now, sequence=sequence, status=status, **given)
        await store(self.database, row)
        return row.id

    async def store(self, statement: Any) -> None:
        """Run a statement."""

        async def work(session: AsyncSession) -> None:
            await session.execute(statement)

        await self.database.store(work)


@pytest.fixture
async def hooks(database: Database, viewer: Viewer, organization: str) -> Hooks:
    """The desk of an administrator's own client, with the usual terms."""
    database.webhooks = terms_of(database)
    client = await make_client(database, organization, dialect=None, user=viewer.user_id, name="Hooks")
    return Hooks(database, Graph(database, replace(viewer, client_id=client)), organization)

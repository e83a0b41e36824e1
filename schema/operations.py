"""What the running process tells administrators: who listens, what waits, how endpoints of webhooks fare."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from resolvers import clients, operations, users
from resolvers.operations import PERMISSION
from resolvers.reads import ToOne
from schema.clients import ApiClient
from schema.context import Context
from schema.engine.forms import link, service
from schema.enums import ConnectionKind, QueueName
from schema.users import User


@strawberry.type(description="A stream that is open in the process that answers.")
class LiveConnection:
    """A stream that is open in the process that answers."""

    id: strawberry.ID
    kind: ConnectionKind
    opened_at: datetime
    address: str | None = strawberry.field(description="Where it came from, as far as trusted proxies tell it.")
    client_id: strawberry.ID
    client_name: str
    client: ApiClient | None = link(ToOne(clients.visible, "client_id"))
    user_id: strawberry.ID | None
    user: User | None = link(ToOne(users.visible, "user_id"), "The member of staff the client acts for.")
    operations: int = strawberry.field(description="Subscriptions and other operations that run on it.")
    sent: int = strawberry.field(description="Messages it was sent.")
    waiting: int = strawberry.field(description="Messages that are made, and not taken by the client.")


@strawberry.type(description="Open streams of the process that answers; each of several processes has its own.")
class LiveConnections:
    """Open streams of the process that answers; each of several processes has its own."""

    total_count: int
    nodes: list[LiveConnection] = strawberry.field(description="The oldest first.")


@strawberry.type(description="How much waits in a queue on behalf of the organization, in all processes.")
class QueueDepth:
    """How much waits in a queue on behalf of the organization, in all processes."""

    queue: QueueName
    due: int = strawberry.field(description="What is due and not begun.")
    waiting: int = strawberry.field(description="What is due later, under way, or behind other work.")
    oldest_due_at: datetime | None = strawberry.field(description="Since when the oldest of what is due is.")
    failed_last_day: int = strawberry.field(
        description="What was given up and last tried within a day; of mail, what had to leave within it."
    )


@strawberry.type(description="Endpoints of webhooks by state.")
class WebhookHealth:
    """Endpoints of webhooks by state."""

    active: int
    broken: int = strawberry.field(description="Active ones that are left alone for a while, since they kept failing.")
    paused: int
    disabled: int


async def _connections(context: Context, first: int | None = None) -> dict[str, Any]:
    found = context.operations.connections(context.known_viewer())
    shown = min(context.usual_rows if first is None else max(0, first), context.most_rows)
    return {"total_count": len(found), "nodes": list(found[:shown])}


async def _queues(context: Context) -> Sequence[operations.QueueDepth]:
    return await context.operations.queues(context.known_viewer())


async def _webhooks(context: Context) -> operations.EndpointCounts:
    return await context.operations.endpoints(context.known_viewer())


@strawberry.type
class OperationQueries:
    """What the running process tells administrators."""

    live_connections: LiveConnections = service(
        _connections, "Streams that clients of the organization have open.", PERMISSION, first=int
    )
    queues: list[QueueDepth] = service(_queues, "What waits to be worked on.", PERMISSION)
    webhook_health: WebhookHealth = service(_webhooks, "How the organization's endpoints fare.", PERMISSION)

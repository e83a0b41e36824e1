"""Webhooks: who is told what where, what was sent, and how often it was tried. No secret is in the graph."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET

from domain.errors import unavailable
from domain.permissions import Permission
from domain.ports import PreviewWanted
from resolvers import cursors, webhooks
from schema.clients import ApiClient
from schema.context import Context
from schema.engine.forms import collection, column, connection, derived, link, one, service
from schema.engine.inputs import mirrors
from schema.engine.scalars import Cursor
from schema.enums import DeliveryStatus, Dialect, EventType, WebhookStatus
from schema.events import Event
from schema.nodes import Connection, Node
from schema.users import User


@mirrors(webhooks.WebhookFilter)
class WebhookFilter:
    """Which webhooks are wanted."""

    dialect: Dialect | None = UNSET
    status: WebhookStatus | None = UNSET
    client: strawberry.ID | None = UNSET
    mine: bool | None = strawberry.field(default=UNSET, description="Whether they are the calling client's.")


@mirrors(webhooks.DeliveryFilter)
class WebhookDeliveryFilter:
    """Which deliveries are wanted; bounds are inclusive."""

    webhook: strawberry.ID | None = UNSET
    status: DeliveryStatus | None = UNSET
    type: EventType | None = UNSET
    test: bool | None = UNSET
    first_sequence: int | None = UNSET
    last_sequence: int | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@strawberry.type(description="How a webhook fares.")
class WebhookEndpointHealth:
    """How a webhook fares."""

    failures: int = strawberry.field(description="Failed tries since the last success.")
    broken_until: datetime | None = strawberry.field(
        description="Until when nothing is tried, after too many failures in a row."
    )
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    last_status: int | None = strawberry.field(description="What the last answer's status was, if there was one.")


_HEALTH = ("failures", "broken_until", "last_attempt_at", "last_success_at", "last_status")


def _health(*values: Any) -> WebhookEndpointHealth:
    return WebhookEndpointHealth(**dict(zip(_HEALTH, values, strict=True)))


@strawberry.type(description="An address that is told what happens.")
class WebhookEndpoint(Node, read=webhooks.visible):
    """An address that is told what happens."""

    url: str
    description: str | None
    dialect: Dialect | None = strawberry.field(
        description="The product in whose words and with whose signature it is told; null is the graph's own."
    )
    events: list[EventType]
    query: str | None = strawberry.field(description="The subscription that selects what it is told, if it has one.")
    strict_order: bool = strawberry.field(description="Whether a delivery waits until the one before it is done.")
    status: WebhookStatus
    active: bool = derived(webhooks.is_active, "status", description="Whether it is told: neither paused nor given up.")
    status_reason: str | None = strawberry.field(description="Why it was given up.")
    health: WebhookEndpointHealth = derived(_health, *_HEALTH)
    pending: int = column(webhooks.pending_count, "How many deliveries are not done.")
    position: int = strawberry.field(description="The number of the last event it was considered for.")
    created_at: datetime
    updated_at: datetime
    client: ApiClient | None = link(webhooks.client, "Whose it is; it sees what that client may see.")
    user: User | None = link(webhooks.user, "The member of staff its client acted for.")
    secrets: Connection["WebhookSecret"] = collection(webhooks.secrets, "What signs its deliveries, newest first.")
    deliveries: Connection["WebhookDelivery"] = collection(
        webhooks.deliveries, "What it was sent, newest first.", where=WebhookDeliveryFilter
    )


@strawberry.type(description="A secret of a webhook; it is shown when it is made and never again.")
class WebhookSecret(Node, read=webhooks.visible_secrets):
    """A secret of a webhook."""

    hint: str = strawberry.field(description="How it begins.")
    created_at: datetime
    expires_at: datetime | None = strawberry.field(description="Until when it still signs, after a rotation.")


@strawberry.type(description="One message to one webhook; its id is the header `webhook-id` of every try.")
class WebhookDelivery(Node, read=webhooks.visible_deliveries):
    """One message to one webhook; its id is the header `webhook-id` of every try."""

    endpoint: WebhookEndpoint | None = link(webhooks.of_delivery)
    sequence: int | None = strawberry.field(description="The number of the event; a test has none.")
    cursor: Cursor | None = derived(webhooks.cursor_of, "sequence", description="The event's place in the log.")
    type: EventType
    name: str = strawberry.field(description="What the receiver knows the event as.")
    test: bool
    status: DeliveryStatus
    attempts: int = strawberry.field(description="Tries since it was last put on its way.")
    created_at: datetime
    due_at: datetime | None = strawberry.field(description="When it is tried next.")
    delivered_at: datetime | None
    last_status: int | None
    failure: str | None = strawberry.field(description="Why the last try failed.")
    body: str | None = column(
        webhooks.body, "What is sent, as text, for administrators and the webhook's own client; null to others."
    )
    event: Event | None = link(webhooks.event, "The event, while the log keeps it.")
    attempt_log: Connection["WebhookAttempt"] = collection(webhooks.attempts, "Every try, in order.")


@strawberry.type(description="One try of a delivery.")
class WebhookAttempt(Node, read=webhooks.visible_attempts):
    """One try of a delivery."""

    number: int
    created_at: datetime
    milliseconds: int = strawberry.field(description="How long it took.")
    status: int | None = strawberry.field(description="The status of the answer, if there was one.")
    failure: str | None = strawberry.field(description="Why it counts as failed.")
    response: str | None = strawberry.field(description="How the answer began.")


@strawberry.type(description="What a webhook would be sent; nothing is stored and nothing leaves.")
class WebhookPreview:
    """What a webhook would be sent; nothing is stored and nothing leaves."""

    event: Event | None = link(webhooks.previewed, "The event it tells.")
    body: str | None = strawberry.field(description="The exact bytes in UTF-8; null when the event is not told.")
    headers: list[str] = strawberry.field(description="The names of the headers that come with it.")
    errors: list[str] = strawberry.field(description="Why it cannot be told, or what is wrong in what is told.")


async def _preview(
    context: Context,
    query: str | None = None,
    dialect: Dialect | None = None,
    events: list[EventType] | None = None,
    cursor: str | None = None,
    sequence: int | None = None,
) -> dict[str, Any]:
    previews = context.boundary.webhooks.previews
    if previews is None:
        raise unavailable("Previews are not to be had here.")
    place = sequence if cursor is None else cursors.sequence_of(cursor, "cursor")
    wanted = PreviewWanted(query, dialect, tuple(events or ()), place)
    shown = await previews.preview(context.known_viewer(), wanted)
    return {"event": shown.sequence, "body": shown.body, "headers": shown.headers, "errors": shown.errors}


@strawberry.type
class WebhookQueries:
    """Reads of webhooks."""

    webhook: WebhookEndpoint | None = one(webhooks.visible, "A webhook.")
    webhook_delivery: WebhookDelivery | None = one(webhooks.visible_deliveries, "A delivery.")
    webhook_deliveries: Connection[WebhookDelivery] = connection(
        webhooks.search_deliveries, "Deliveries, newest first.", where=WebhookDeliveryFilter
    )
    webhook_preview: WebhookPreview = service(
        _preview,
        "What a webhook would be sent for one event: that at a cursor or number, else the newest of these kinds.",
        Permission.READ_WEBHOOKS,
        query=str,
        dialect=Dialect,
        events=list[EventType],
        cursor="Cursor",
        sequence=int,
    )
    # Last: the name hides the module's.
    webhooks: Connection[WebhookEndpoint] = connection(webhooks.search, "Webhooks, newest first.", where=WebhookFilter)

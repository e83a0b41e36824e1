"""What can be done with webhooks and their deliveries."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import redeliveries, webhook_fields, webhook_writes, webhooks
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import Dialect, EventType
from schema.nodes import Payload
from schema.webhooks import WebhookDelivery, WebhookEndpoint

_WEBHOOK = ToOne(webhooks.visible, "webhook")
_DELIVERY = ToOne(webhooks.visible_deliveries, "delivery")
_ONCE = "Shown this once: a request that is repeated under its Idempotency-Key gets null."
_URL = "An https address of a public host, without a user, a password or a fragment."
_QUERY = (
    "A subscription to `events` or `leadEvents` without variables; it is run for every event, as the webhook's client, "
    "and its `data` and `errors` are what is sent. In a dialect `data` stands in the product's frame, without the name "
    "of the field."
)
_STRICT = "Whether a delivery waits until the one before it is done; otherwise receivers sort by `sequence`."
_OVERLAP = "How long the old secret signs beside it: a day when nothing is said, 30 days at most, 0 ends it at once."


@mirrors(webhook_fields.WebhookDraft)
class CreateWebhookInput:
    """A webhook to be registered."""

    url: str = strawberry.field(description=_URL)
    events: list[EventType] = strawberry.field(description="What it is told; a dialect tells what it has a name for.")
    dialect: Dialect | None = strawberry.field(
        default=UNSET, description="The product in whose words and with whose signature it is told."
    )
    description: str | None = UNSET
    query: str | None = strawberry.field(default=UNSET, description=_QUERY)
    strict_order: bool | None = strawberry.field(default=UNSET, description=_STRICT)
    secret: str | None = strawberry.field(
        default=UNSET,
        description="What signs its deliveries: 8 to 512 characters. Without one a secret is made and shown; null "
        "leaves them unsigned.",
    )


@mirrors(webhook_fields.WebhookPatch)
class UpdateWebhookInput:
    """Changes to a webhook: what is left out stays, null clears what can be empty."""

    id: strawberry.ID
    url: str | None = strawberry.field(default=UNSET, description=_URL)
    events: list[EventType] | None = UNSET
    description: str | None = UNSET
    query: str | None = strawberry.field(default=UNSET, description=_QUERY)
    strict_order: bool | None = strawberry.field(default=UNSET, description=_STRICT)


@mirrors(webhook_writes.Resumption)
class ResumeWebhookInput:
    """A webhook to be told again."""

    webhook_id: strawberry.ID
    missed: bool | None = strawberry.field(
        default=UNSET,
        description="Whether it is told what happened meanwhile too: yes after a pause, no after it was given up, "
        "unless it is said.",
    )


@mirrors(webhook_writes.WebhookSecretRotation)
class RotateWebhookSecretInput:
    """A webhook that is to have a new secret."""

    webhook_id: strawberry.ID
    secret: str | None = strawberry.field(
        default=UNSET, description="8 to 512 characters; without one a secret is made and shown."
    )
    overlap_seconds: int | None = strawberry.field(default=UNSET, description=_OVERLAP)


@mirrors(redeliveries.RedeliveryRange)
class RedeliverWebhooksInput:
    """A stretch of the log, by number, by time or by both, bounds included."""

    webhook_id: strawberry.ID
    first_sequence: int | None = UNSET
    last_sequence: int | None = UNSET
    since: datetime | None = UNSET
    until: datetime | None = UNSET
    failed_only: bool | None = strawberry.field(
        default=UNSET, description="Only what was given up; otherwise also what was delivered, or never sent."
    )


@mirrors(redeliveries.WebhookPing)
class PingWebhookInput:
    """A test to be sent."""

    webhook_id: strawberry.ID
    type: EventType | None = strawberry.field(
        default=UNSET, description="Of which kind of event; the first it asked for when nothing is said."
    )


@strawberry.type
class CreateWebhookPayload(Payload):
    """The webhook that was registered."""

    webhook: WebhookEndpoint | None = link(_WEBHOOK)
    secret: str | None = strawberry.field(description=_ONCE)


@strawberry.type
class UpdateWebhookPayload(Payload):
    """The webhook as it is now."""

    webhook: WebhookEndpoint | None = link(_WEBHOOK)


@strawberry.type
class DeleteWebhookPayload(Payload):
    """What was deleted."""

    deleted_id: strawberry.ID | None
    deleted: bool | None
    deleted_at: datetime | None


@strawberry.type
class RotateWebhookSecretPayload(Payload):
    """The webhook, and the secret that was made."""

    webhook: WebhookEndpoint | None = link(_WEBHOOK)
    secret: str | None = strawberry.field(description=_ONCE)


@strawberry.type
class RedeliverWebhookPayload(Payload):
    """The delivery that is on its way again."""

    delivery: WebhookDelivery | None = link(_DELIVERY)


@strawberry.type
class RedeliverWebhooksPayload(Payload):
    """How much is on its way."""

    webhook: WebhookEndpoint | None = link(_WEBHOOK)
    redelivered: int | None = strawberry.field(description="How many deliveries.")
    last_sequence: int | None = strawberry.field(description="The number of the last of them; go on after it.")
    more: bool | None = strawberry.field(description="Whether the stretch goes on after it.")


@strawberry.type
class PingWebhookPayload(Payload):
    """The test that is on its way."""

    webhook: WebhookEndpoint | None = link(_WEBHOOK)
    delivery: WebhookDelivery | None = link(_DELIVERY)


@strawberry.type
class WebhookMutations:
    """What can be done with webhooks and their deliveries."""

    create_webhook: CreateWebhookPayload = change(webhook_writes.create, input=CreateWebhookInput)
    update_webhook: UpdateWebhookPayload = change(webhook_writes.change, input=UpdateWebhookInput)
    pause_webhook: UpdateWebhookPayload = change(webhook_writes.pause, id=strawberry.ID)
    resume_webhook: UpdateWebhookPayload = change(webhook_writes.resume, input=ResumeWebhookInput)
    delete_webhook: DeleteWebhookPayload = change(webhook_writes.delete, id=strawberry.ID)
    rotate_webhook_secret: RotateWebhookSecretPayload = change(
        webhook_writes.rotate_secret, input=RotateWebhookSecretInput
    )
    redeliver_webhook: RedeliverWebhookPayload = change(redeliveries.redeliver, id=strawberry.ID)
    redeliver_webhooks: RedeliverWebhooksPayload = change(redeliveries.redeliver_range, input=RedeliverWebhooksInput)
    ping_webhook: PingWebhookPayload = change(redeliveries.ping, input=PingWebhookInput)

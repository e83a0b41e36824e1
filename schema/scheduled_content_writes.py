"""What can be done with what campaigns have planned."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import scheduled_content
from resolvers import scheduled_content_writes as writes
from resolvers.reads import ToOne
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.nodes import Payload
from schema.scheduled_content import ScheduledContent

_ITEM = ToOne(scheduled_content.visible, "scheduled_content")


@mirrors(writes.ScheduledContentPatch)
class UpdateScheduledContentInput:
    """Changes to a planned piece that waits for its time: what is left out stays."""

    id: strawberry.ID
    send_time: datetime | None = strawberry.field(
        default=UNSET, description="From now to the campaign's end; a day alone keeps the time of day."
    )
    content_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Generated content of the same company whose texts are taken over."
    )
    variant: str | None = strawberry.field(default=UNSET, description="Which version is changed, where there are two.")
    subject: str | None = UNSET
    text: str | None = strawberry.field(
        default=UNSET, description="{{first_name}} and {{full_name}} become each reader's own as it leaves."
    )
    message: str | None = strawberry.field(default=UNSET, description="The text of anything but an e-mail.")
    html: str | None = strawberry.field(
        default=UNSET, description="Of an e-mail; made of its text without it. Sent to its readers as it is."
    )


@strawberry.type
class UpdateScheduledContentPayload(Payload):
    """The planned piece as it is now."""

    scheduled_content: ScheduledContent | None = link(_ITEM)


@strawberry.type
class CancelScheduledContentPayload(Payload):
    """The planned piece as it is now."""

    scheduled_content: ScheduledContent | None = link(_ITEM)


@strawberry.type
class ScheduledContentMutations:
    """What can be done with what is planned."""

    update_scheduled_content: UpdateScheduledContentPayload = change(writes.change, input=UpdateScheduledContentInput)
    cancel_scheduled_content: CancelScheduledContentPayload = change(writes.cancel, id=strawberry.ID)

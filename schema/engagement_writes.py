"""Telling of engagement that no server notices by itself."""

from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import engagement_writes, engagements
from resolvers.reads import ToOne
from schema.engagements import EngagementEvent
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.enums import Channel, EngagementType
from schema.nodes import Payload


@mirrors(engagement_writes.LocationDraft)
class EngagementLocationInput:
    """Where somebody was."""

    city: str | None = None
    state: str | None = None
    country: str | None = None


@mirrors(engagement_writes.EngagementDraft)
class RecordEngagementInput:
    """Engagement as it is told: of a message, or of a person, perhaps in a campaign."""

    type: EngagementType
    campaign_id: strawberry.ID | None = UNSET
    contact_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Who it was; needed where no message says it."
    )
    content_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="The planned piece: its id, or the one it has in its campaign, such as cnt_week1_email.",
    )
    email_id: strawberry.ID | None = strawberry.field(
        default=UNSET,
        description="The message; without it, what is done with mail counts for that of the piece, or for the newest "
        "of the campaign.",
    )
    occurred_at: datetime | None = strawberry.field(default=UNSET, description="When, if not now.")
    url: str | None = UNSET
    channel: Channel | None = UNSET
    user_agent: str | None = UNSET
    ip_address: str | None = UNSET
    location: EngagementLocationInput | None = UNSET
    external_id: str | None = strawberry.field(
        default=UNSET, description="What you know it by; told again under the same one, it is what was noted first."
    )
    note: str | None = UNSET


@mirrors(engagement_writes.EngagementBatch)
class RecordEngagementsInput:
    """Engagement told together; when something is wrong with one, none is noted."""

    items: list[RecordEngagementInput]


@strawberry.type
class RecordEngagementPayload(Payload):
    """What was noted, now or when it was told first."""

    engagement: EngagementEvent | None = link(ToOne(engagements.visible, "engagement"))


@strawberry.type(description="What was noted of one that was told together with others.")
class RecordEngagementsResult:
    """What was noted of one that was told together with others."""

    engagement: EngagementEvent | None = link(ToOne(engagements.visible, "engagement"))


@strawberry.type
class RecordEngagementsPayload(Payload):
    """What was noted of each, in the order in which they were told."""

    blank: ClassVar[dict[str, Any]] = {"results": [], "recorded": 0}

    results: list[RecordEngagementsResult]
    recorded: int = strawberry.field(description="How many different ones that were.")


@strawberry.type
class EngagementMutations:
    """What can be told of engagement."""

    record_engagement: RecordEngagementPayload = change(engagement_writes.record, input=RecordEngagementInput)
    record_engagements: RecordEngagementsPayload = change(engagement_writes.record_many, input=RecordEngagementsInput)

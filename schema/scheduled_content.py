"""What campaigns for one company have planned, piece by piece."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns
from resolvers import scheduled_content as planned
from schema.engine.forms import collection, connection, link, one
from schema.engine.inputs import mirrors
from schema.enums import Channel, ItemStatus
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.content import Content
    from schema.emails import Email
    from schema.tasks import Task


@mirrors(planned.ScheduledContentFilter)
class ScheduledContentFilter:
    """Which planned pieces are wanted."""

    campaign: strawberry.ID | None = UNSET
    status: ItemStatus | None = UNSET
    channel: Channel | None = UNSET
    week: int | None = UNSET
    send_from: datetime | None = UNSET
    send_to: datetime | None = UNSET


@strawberry.type(description="One version of a planned piece; places such as {{first_name}} are filled as it leaves.")
class ItemVariant:
    """One version of a planned piece; places such as {{first_name}} are filled as it leaves."""

    key: str = strawberry.field(description="A or B: readers are divided evenly where there are two.")
    template: str | None = strawberry.field(description="What it was written from; null once it was changed.")
    subject: str | None
    text: str | None
    html: str | None
    preview: str | None = strawberry.field(description="What mail programs show beside the subject.")


@strawberry.type(description="One planned piece of a campaign for one company.")
class ScheduledContent(Node, read=planned.visible):
    """One planned piece of a campaign for one company."""

    local_id: str = strawberry.field(description="Its id inside the campaign, such as cnt_week1_email.")
    week: int
    position: int = strawberry.field(description="Its place in the plan of the whole campaign, from 1 on.")
    date: date
    type: str = strawberry.field(description="email, linkedin_connection, or the kind of content.")
    channel: Channel
    content_type: str | None = strawberry.field(description="What kind of content was wanted, such as insight_email.")
    subject: str | None = strawberry.field(description="Of an e-mail, as its first reader gets the first version.")
    message: str | None = strawberry.field(description="Of anything else, as its first reader gets it.")
    status: ItemStatus
    send_time: datetime
    executed_at: datetime | None
    note: str | None = strawberry.field(description="Why it was not done, or what to know of how it was.")
    created_at: datetime
    variants: list[ItemVariant]
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] = link(abm_campaigns.of_item)
    content: Annotated["Content", strawberry.lazy("schema.content")] | None = link(
        planned.generated, "What was generated and taken over for it."
    )
    emails: Connection[Annotated["Email", strawberry.lazy("schema.emails")]] = collection(
        planned.emails_of, "The messages it was sent as, newest first."
    )
    tasks: Connection[Annotated["Task", strawberry.lazy("schema.tasks")]] = collection(
        planned.tasks_of, "The tasks it became."
    )


@strawberry.type
class ScheduledContentQueries:
    """Reads of what is planned."""

    scheduled_content: ScheduledContent | None = one(planned.visible, "A planned piece.")
    scheduled_contents: Connection[ScheduledContent] = connection(
        planned.search,
        "What campaigns have planned, the earliest first.",
        where=ScheduledContentFilter,
    )

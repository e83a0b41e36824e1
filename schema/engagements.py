"""What people do with what they were sent."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import abm_campaigns, automation_rules, compliance_places, emails, engagements, scheduled_content
from schema.automation import TriggeredActionFilter
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort
from schema.engine.forms import collection, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Channel, EngagementType
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.abm_campaigns import AbmCampaign
    from schema.accounts import Account
    from schema.automation import TriggeredAction
    from schema.compliance import ComplianceItem
    from schema.contacts import Contact
    from schema.emails import Email
    from schema.scheduled_content import ScheduledContent


@mirrors(engagements.EngagementFilter)
class EngagementFilter:
    """Which engagement is wanted."""

    campaign: strawberry.ID | None = UNSET
    account: strawberry.ID | None = UNSET
    contact: strawberry.ID | None = UNSET
    email: strawberry.ID | None = UNSET
    type: EngagementType | None = UNSET
    channel: Channel | None = UNSET
    occurred_from: datetime | None = UNSET
    occurred_to: datetime | None = UNSET


@strawberry.type(description="One thing somebody did with what they were sent, or in answer to it.")
class EngagementEvent(Node, read=engagements.visible):
    """One thing somebody did with what they were sent, or in answer to it."""

    type: EngagementType
    channel: Channel
    occurred_at: datetime = strawberry.field(description="When it happened.")
    created_at: datetime = strawberry.field(description="When it was noted.")
    score: Fraction = strawberry.field(
        description="How much interest the kinds of engagement with the same message show together, this one included: "
        "1 - product of (1 - weight), weights from 0.1 for anything to 0.3 for an opening, 0.5 for a click, 0.7 for a "
        "reply, 0.85 for a meeting, 0.97 for a deal."
    )
    counted: bool = strawberry.field(
        description="Whether it was the first of its kind for its message, or for its person where there was none."
    )
    url: str | None = strawberry.field(description="The link that was followed.")
    user_agent: str | None
    ip_address: str | None
    city: str | None
    state: str | None
    country: str | None
    note: str | None
    variant: str | None = strawberry.field(description="Which version of a planned piece it answers.")
    account: Annotated["Account", strawberry.lazy("schema.accounts")] | None = link(engagements.account)
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        engagements.contact, "Who it was; null where only the campaign is known."
    )
    email: Annotated["Email", strawberry.lazy("schema.emails")] | None = link(emails.of_engagement)
    campaign: Annotated["AbmCampaign", strawberry.lazy("schema.abm_campaigns")] | None = link(
        abm_campaigns.of_engagement
    )
    content: Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")] | None = link(
        scheduled_content.of_engagement, "The planned piece that it answers."
    )
    triggered_actions: Connection[Annotated["TriggeredAction", strawberry.lazy("schema.automation")]] = collection(
        automation_rules.actions_of_engagement, "What it has set off.", where=TriggeredActionFilter
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_places.of_engagement,
        "What has to be done by the law of the country it came from, where that was told.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )


@strawberry.type
class EngagementQueries:
    """Reads of engagement."""

    engagement: EngagementEvent | None = one(engagements.visible, "One thing somebody did.")
    engagements: Connection[EngagementEvent] = connection(
        engagements.search, "What people did, the newest first.", where=EngagementFilter
    )

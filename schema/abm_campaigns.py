"""Campaigns for one company."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import abm_campaigns as campaigns
from resolvers import automation_rules as automation
from resolvers import campaign_performance, engagements, personas, scheduled_content, variant_comparisons
from schema.automation import TriggeredActionFilter
from schema.campaign_performance import CampaignPerformance, VariantComparison
from schema.campaigns import Campaign
from schema.engagements import EngagementFilter
from schema.engine.forms import collection, column, connection, link, located, one, reckoned
from schema.engine.scalars import Fraction
from schema.enums import CampaignStatus, Channel, EngagementType
from schema.estimates import Estimate, RoiEstimate
from schema.filters import AbmCampaignFilter, AbmCampaignSort, LeadFilter, LeadSort
from schema.nodes import Connection
from schema.personas import PersonaFilter
from schema.scheduled_content import ScheduledContentFilter

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.automation import AutomationRule, TriggeredAction
    from schema.emails import Email
    from schema.engagements import EngagementEvent
    from schema.leads import Lead
    from schema.personas import Persona
    from schema.scheduled_content import ScheduledContent
    from schema.tasks import Task


@strawberry.type(description="What was meant for one week.")
class CampaignWeekPlan:
    """What was meant for one week."""

    week: int
    theme: str | None
    channels: list[Channel]
    content_types: list[str]


@strawberry.type(description="What was expected of a campaign when it was planned.")
class ExpectedPerformance:
    """What was expected of a campaign when it was planned."""

    response_rate: Estimate = strawberry.field(description="Replies out of delivered messages.")
    meeting_conversion: Estimate = strawberry.field(description="Meetings out of delivered messages.")
    roi: RoiEstimate = strawberry.field(
        description="An assumption, moved by the meetings that are to be expected: what is earned is not known here."
    )


@strawberry.type(description="A campaign for one company: mail to its people, and tasks for everything else.")
class AbmCampaign(Campaign, read=campaigns.visible):
    """A campaign for one company: mail to its people, and tasks for everything else."""

    name: str
    status: CampaignStatus
    campaign_type: str
    objective: str | None
    channels: list[Channel] = strawberry.field(description="Those it was planned with, as are its weeks.")
    start_date: datetime
    end_date: datetime
    duration_weeks: int
    frequency: str = strawberry.field(description="weekly, or biweekly: every second week.")
    strategy: list[CampaignWeekPlan]
    personalization_level: str | None
    include_ai_insights: bool | None
    dynamic_content: bool | None
    behavioral_triggers: bool | None
    automation_enabled: bool
    automation_triggers: list[EngagementType]
    automation_optimization: bool | None
    automation_ab_testing: bool = strawberry.field(description="Whether e-mails have two versions that are compared.")
    tracking_pixel_url: str = located(
        campaigns.tracking_pixel_url, "id", description="A picture that counts an opening for the whole campaign."
    )
    webhook_url: str | None = column(
        campaigns.webhook_url, "Where CopyCar's receivers are told of engagement; for who may read webhooks."
    )
    dashboard_url: str = located(campaigns.dashboard_url, "id", description="The page that shows the campaign.")
    expected_response_rate: Fraction
    expected_meeting_conversion: Fraction
    expected_roi: float = strawberry.field(description="A multiple of what is spent.")
    expected: ExpectedPerformance
    tokens_used: int
    paused_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] | None = link(
        campaigns.account, "The company; null for nobody but who may not read companies."
    )
    personas: Connection[Annotated["Persona", strawberry.lazy("schema.personas")]] = collection(
        personas.of_campaign, "Whom it is for.", where=PersonaFilter
    )
    schedule: Connection[Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")]] = collection(
        scheduled_content.of_campaign, "What is planned, the earliest first.", where=ScheduledContentFilter
    )
    automation_rules: Connection[Annotated["AutomationRule", strawberry.lazy("schema.automation")]] = collection(
        automation.of_campaign, "How it reacts, in the order in which the rules were made."
    )
    triggered_actions: Connection[Annotated["TriggeredAction", strawberry.lazy("schema.automation")]] = collection(
        automation.actions_of_campaign, "What its rules have set off, newest first.", where=TriggeredActionFilter
    )
    engagements: Connection[Annotated["EngagementEvent", strawberry.lazy("schema.engagements")]] = collection(
        engagements.of_campaign, "What people did, newest first.", where=EngagementFilter
    )
    emails: Connection[Annotated["Email", strawberry.lazy("schema.emails")]] = collection(
        campaigns.emails_of, "Its messages, newest first."
    )
    tasks: Connection[Annotated["Task", strawberry.lazy("schema.tasks")]] = collection(
        campaigns.tasks_of, "The tasks it has given, newest first."
    )
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        campaigns.leads_of, "Leads whose custom fields name it.", where=LeadFilter, sort=LeadSort
    )
    performance: CampaignPerformance | None = reckoned(
        campaign_performance.performance,
        "How it does; the whole campaign unless days are given. Null, with an error, where there are no such days.",
        start_date=date,
        end_date=date,
    )
    variant_comparisons: list[VariantComparison] = reckoned(
        variant_comparisons.comparisons, "How versions of its messages compare."
    )


@strawberry.type
class AbmCampaignQueries:
    """Reads of campaigns for one company."""

    abm_campaign: AbmCampaign | None = one(campaigns.visible, "A campaign for one company.")
    abm_campaigns: Connection[AbmCampaign] = connection(
        campaigns.search,
        "Campaigns for one company, newest first unless sorted otherwise.",
        where=AbmCampaignFilter,
        sort=AbmCampaignSort,
    )

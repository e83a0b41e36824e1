"""What can be done with campaigns for one company."""

from datetime import date

import strawberry
from strawberry import UNSET

from resolvers import abm_campaign_drafts as drafts
from resolvers import abm_campaign_planning as planning
from resolvers import abm_campaign_writes as writes
from resolvers import abm_campaigns
from resolvers.reads import ToOne
from schema.abm_campaigns import AbmCampaign
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Channel, EngagementType
from schema.nodes import Payload
from schema.usage import TokenQuota, token_quota

_CAMPAIGN = ToOne(abm_campaigns.visible, "campaign")


@mirrors(drafts.TargetPersona)
class TargetPersonaInput:
    """Somebody a campaign is for: found again in the company by the name, else made."""

    name: str
    title: str | None = UNSET
    influence: Fraction | None = UNSET
    email: str | None = strawberry.field(default=UNSET, description="Where mail goes; the contact with this address.")


@mirrors(drafts.Timeline)
class CampaignTimelineInput:
    """When a campaign runs."""

    duration_weeks: int
    start_date: date | None = strawberry.field(default=UNSET, description="Today in UTC without it.")
    frequency: str | None = strawberry.field(
        default=UNSET, description="weekly, or biweekly: every second week from the first on."
    )


@mirrors(drafts.WeekStrategy)
class WeekStrategyInput:
    """What is meant for one week; a week nobody plans has every channel of the campaign."""

    week: int
    theme: str | None = UNSET
    channels: list[Channel] | None = strawberry.field(
        default=UNSET, description="They need not be the campaign's; an empty list says none."
    )
    content_types: list[str] | None = strawberry.field(
        default=UNSET,
        description="Such as insight_email or connection_request: a piece for each, on the channel it is for, else on "
        "the one at its place.",
    )


@mirrors(drafts.Personalization)
class CampaignPersonalizationInput:
    """How personal texts are to be."""

    level: str | None = UNSET
    include_ai_insights: bool | None = UNSET
    dynamic_content: bool | None = UNSET
    behavioral_triggers: bool | None = UNSET


@mirrors(drafts.Automation)
class CampaignAutomationInput:
    """Whether a campaign reacts, and to what."""

    enabled: bool | None = strawberry.field(default=UNSET, description="Without it, whether triggers are given.")
    triggers: list[EngagementType] | None = strawberry.field(
        default=UNSET, description="Without them those for which there are usual rules: EMAIL_OPEN and LINK_CLICK."
    )
    optimization: bool | None = UNSET
    ab_testing: bool | None = strawberry.field(default=UNSET, description="Whether e-mails have two versions.")


@mirrors(drafts.AbmCampaignDraft)
class CreateAbmCampaignInput:
    """A campaign to be made."""

    campaign_name: str
    account_id: strawberry.ID
    channels: list[Channel]
    timeline: CampaignTimelineInput
    campaign_type: str | None = UNSET
    objective: str | None = strawberry.field(default=UNSET, description="Such as schedule_demo.")
    target_personas: list[TargetPersonaInput] | None = strawberry.field(
        default=UNSET,
        description="Without them, all personas that are known of the company; an empty list says nobody.",
    )
    content_strategy: list[WeekStrategyInput] | None = UNSET
    personalization: CampaignPersonalizationInput | None = UNSET
    automation: CampaignAutomationInput | None = UNSET


@mirrors(writes.AbmCampaignPatch)
class UpdateAbmCampaignInput:
    """Changes to a campaign: what is left out stays."""

    id: strawberry.ID
    campaign_name: str | None = UNSET
    objective: str | None = UNSET
    end_date: date | None = strawberry.field(default=UNSET, description="Its last day; not before what is planned.")
    automation_enabled: bool | None = UNSET
    add_personas: list[TargetPersonaInput] | None = strawberry.field(
        default=UNSET, description="They get what is still planned."
    )
    remove_personas: list[strawberry.ID] | None = strawberry.field(default=UNSET, description="By their ids.")


@strawberry.type
class CreateAbmCampaignPayload(Payload):
    """The campaign that was made."""

    campaign: AbmCampaign | None = link(_CAMPAIGN)
    quota: TokenQuota | None = token_quota()


@strawberry.type
class UpdateAbmCampaignPayload(Payload):
    """The campaign as it is now."""

    campaign: AbmCampaign | None = link(_CAMPAIGN)


@strawberry.type
class PauseAbmCampaignPayload(Payload):
    """The campaign as it is now."""

    campaign: AbmCampaign | None = link(_CAMPAIGN)


@strawberry.type
class ResumeAbmCampaignPayload(Payload):
    """The campaign as it is now."""

    campaign: AbmCampaign | None = link(_CAMPAIGN)


@strawberry.type
class CompleteAbmCampaignPayload(Payload):
    """The campaign as it is now."""

    campaign: AbmCampaign | None = link(_CAMPAIGN)


@strawberry.type
class AbmCampaignMutations:
    """What can be done with campaigns for one company."""

    create_abm_campaign: CreateAbmCampaignPayload = change(
        writes.create, planning.prepared, input=CreateAbmCampaignInput
    )
    update_abm_campaign: UpdateAbmCampaignPayload = change(
        writes.change, writes.checked_change, input=UpdateAbmCampaignInput
    )
    pause_abm_campaign: PauseAbmCampaignPayload = change(writes.pause, id=strawberry.ID)
    resume_abm_campaign: ResumeAbmCampaignPayload = change(writes.resume, id=strawberry.ID)
    complete_abm_campaign: CompleteAbmCampaignPayload = change(writes.complete, id=strawberry.ID)

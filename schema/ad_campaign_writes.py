"""What can be done with advertising campaigns."""

import strawberry
from strawberry import UNSET

from resolvers import ad_campaign_writes as writes
from resolvers import ad_campaigns
from resolvers.reads import ToOne
from schema.ad_campaigns import AdCampaign
from schema.engine.forms import change, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import JSONObject
from schema.enums import CampaignStatus
from schema.nodes import Payload

_CAMPAIGN = ToOne(ad_campaigns.visible, "ad_campaign")


@mirrors(writes.AdCampaignDraft)
class CreateAdCampaignInput:
    """A campaign to be made."""

    external_id: str | None = strawberry.field(default=UNSET, description="What its platform calls it; else our id.")
    name: str | None = UNSET
    platform: str | None = strawberry.field(default=UNSET, description="Such as google_ads.")
    status: CampaignStatus | None = UNSET
    currency: str | None = UNSET
    budget_total: float | None = UNSET
    budget_spent: float | None = UNSET
    audiences: list[str] | None = UNSET
    locations: list[str] | None = UNSET
    demographics: JSONObject | None = UNSET
    performance_data: JSONObject | None = strawberry.field(
        default=UNSET, description="Of the whole campaign: impressions, clicks, conversions, cost, revenue, roi."
    )


@mirrors(writes.AdCampaignPatch)
class UpdateAdCampaignInput:
    """Changes to a campaign: what is left out stays, null clears."""

    id: strawberry.ID
    external_id: str | None = UNSET
    name: str | None = UNSET
    platform: str | None = UNSET
    status: CampaignStatus | None = UNSET
    currency: str | None = UNSET
    budget_total: float | None = UNSET
    budget_spent: float | None = UNSET
    audiences: list[str] | None = UNSET
    locations: list[str] | None = UNSET
    demographics: JSONObject | None = UNSET
    performance_data: JSONObject | None = UNSET


@strawberry.type
class CreateAdCampaignPayload(Payload):
    """The campaign that was made."""

    ad_campaign: AdCampaign | None = link(_CAMPAIGN)


@strawberry.type
class UpdateAdCampaignPayload(Payload):
    """The campaign as it is now."""

    ad_campaign: AdCampaign | None = link(_CAMPAIGN)


@strawberry.type
class AdCampaignMutations:
    """What can be done with advertising campaigns."""

    create_ad_campaign: CreateAdCampaignPayload = change(writes.create, input=CreateAdCampaignInput)
    update_ad_campaign: UpdateAdCampaignPayload = change(writes.change, input=UpdateAdCampaignInput)

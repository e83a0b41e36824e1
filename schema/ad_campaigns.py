"""Advertising campaigns."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import ad_campaigns as campaigns
from resolvers import ad_performance, budget_plans, campaign_analyses, compliance_places, localizations
from schema.campaigns import Campaign
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemSort
from schema.engine.forms import Optional, answer, collection, column, connection, derived, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction, JSONObject
from schema.enums import AdCampaignSortField, CampaignStatus, Direction
from schema.filters import LeadFilter, LeadSort
from schema.nodes import Connection

if TYPE_CHECKING:
    from schema.ad_performance import AdPerformance
    from schema.budget_plans import BudgetAllocation
    from schema.campaign_analyses import CampaignAnalysis
    from schema.compliance import ComplianceItem
    from schema.leads import Lead
    from schema.localizations import Localization


@mirrors(campaigns.AdCampaignSort)
class AdCampaignSort:
    """The order of campaigns."""

    field: AdCampaignSortField = AdCampaignSortField.CREATED_AT
    direction: Direction = Direction.DESC


@mirrors(campaigns.AdCampaignFilter)
class AdCampaignFilter:
    """Which campaigns are wanted."""

    status: CampaignStatus | None = UNSET
    platform: str | None = UNSET
    external_id: str | None = UNSET
    location: str | None = strawberry.field(default=UNSET, description="A place the campaign is aimed at.")
    currency: str | None = strawberry.field(
        default=UNSET, description="ISO 4217 code; amounts of others do not add up."
    )
    search: str | None = strawberry.field(default=UNSET, description="Part of a name or of its owner's id.")
    min_roi: float | None = UNSET
    max_roi: float | None = UNSET
    min_cost: float | None = UNSET
    max_cost: float | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@strawberry.type(description="An advertising campaign on a platform such as Google Ads.")
class AdCampaign(Campaign, read=campaigns.visible):
    """An advertising campaign on a platform such as Google Ads."""

    external_id: str = strawberry.field(description="What its platform or owner calls it.")
    name: str | None
    platform: str | None
    status: CampaignStatus
    currency: str | None = strawberry.field(description="ISO 4217 code of its money, if known.")
    budget_total: float | None
    budget_spent: float | None
    budget_remaining: float | None = derived(campaigns.budget_remaining, "budget_total", "budget_spent")
    impressions: float | None = strawberry.field(description="How often it was shown; whole.")
    clicks: float | None = strawberry.field(description="How often it was clicked; whole.")
    conversions: float | None = strawberry.field(description="As reported, where parts of one count too.")
    cost: float | None
    revenue: float | None
    roi: float | None = strawberry.field(description="Revenue as a multiple of cost: 2.8 is 2.8 times.")
    performance_score: Fraction | None = strawberry.field(description="As last analysed, or as last given.")
    performance_data: JSONObject | None = strawberry.field(description="What was given for the campaign as a whole.")
    audiences: list[str]
    locations: list[str]
    demographics: JSONObject | None
    created_at: datetime
    updated_at: datetime
    lead_count: int | None = column(campaigns.lead_count, "How many leads name it; for who may read leads.")
    won_leads: int | None = column(campaigns.won_leads, "How many of them are won, beside what is reported.")
    leads: Connection[Annotated["Lead", strawberry.lazy("schema.leads")]] = collection(
        campaigns.leads_of, "Leads whose custom fields name it.", where=LeadFilter, sort=LeadSort
    )
    compliance_items: Connection[Annotated["ComplianceItem", strawberry.lazy("schema.compliance")]] = collection(
        compliance_places.of_campaign,
        "What has to be done by the law of the places it is aimed at.",
        where=ComplianceItemFilter,
        sort=ComplianceItemSort,
    )
    performance: Connection[Annotated["AdPerformance", strawberry.lazy("schema.ad_performance")]] = collection(
        ad_performance.of_campaign, "Its days, the latest first."
    )
    analyses: Connection[Annotated["CampaignAnalysis", strawberry.lazy("schema.campaign_analyses")]] = collection(
        campaign_analyses.of_campaign, "What was concluded about it, newest first."
    )
    allocations: Connection[Annotated["BudgetAllocation", strawberry.lazy("schema.budget_plans")]] = collection(
        budget_plans.of_campaign, "Its parts of plans, newest first."
    )
    localizations: Connection[Annotated["Localization", strawberry.lazy("schema.localizations")]] = collection(
        localizations.of_campaign, "Its texts for other markets, newest first."
    )


@strawberry.type(description="What campaigns amount to together.")
class AdCampaignTotals:
    """What campaigns amount to together."""

    campaigns: int
    budget: float
    impressions: float
    clicks: float
    conversions: float
    cost: float
    revenue: float
    click_rate: Fraction | None
    conversion_rate: Fraction | None
    cost_per_conversion: float | None
    roi: float | None = strawberry.field(description="Of the campaigns whose revenue is known.")


@strawberry.type
class AdCampaignQueries:
    """Reads of campaigns."""

    ad_campaign: AdCampaign | None = one(campaigns.visible, "An advertising campaign.")
    ad_campaigns: Connection[AdCampaign] = connection(
        campaigns.search,
        "Advertising campaigns, newest first unless sorted otherwise.",
        where=AdCampaignFilter,
        sort=AdCampaignSort,
    )
    ad_campaign_totals: AdCampaignTotals = answer(
        campaigns.AdCampaignTotalsQuestion,
        "What campaigns amount to together; money as it is told, so ask by currency where there are several.",
        where=Optional(AdCampaignFilter),
    )

"""Analyses of campaigns."""

from datetime import date, datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import ad_campaigns, campaign_analyses
from resolvers.reads import ToOne
from schema.ad_campaigns import AdCampaign
from schema.engine.forms import change, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction, JSONObject
from schema.enums import Basis
from schema.nodes import Connection, Node, Payload
from schema.rejected_rows import RejectedRow


@strawberry.type(description="A measure of one thing beside that of another, and how sure their difference is.")
class CampaignEvidence:
    """A measure of one thing beside that of another, and how sure their difference is."""

    measure: str = strawberry.field(description="conversion_rate, click_rate or roi.")
    subject: str
    value: float
    compared_with: str
    other: float
    low: float = strawberry.field(description="Where the 95 % interval of the difference begins.")
    high: float
    p: float = strawberry.field(description="The chance of it by accident, corrected for all tests of the analysis.")


@strawberry.type(description="What to do about a campaign, and the numbers it follows from.")
class CampaignRecommendation:
    """What to do about a campaign, and the numbers it follows from."""

    kind: str = strawberry.field(description="Such as budget_optimization or targeting_optimization.")
    description: str
    expected_impact: str
    evidence: list[CampaignEvidence]
    region: str | None
    segment: str | None
    change: list[float] | None = strawberry.field(
        name="expectedChange", description="The relative change and its 95 % interval: middle, low, high."
    )


@strawberry.type(description="How a campaign did in one region.")
class RegionalPerformance:
    """How a campaign did in one region."""

    region: str
    performance: Fraction
    low: Fraction
    high: Fraction
    recommendation_count: int
    impressions: float
    clicks: float
    conversions: float
    cost: float
    revenue: float | None
    conversion_rate: Fraction
    roi: float | None


@mirrors(campaign_analyses.CampaignAnalysisFilter)
class CampaignAnalysisFilter:
    """Which analyses are wanted."""

    campaign: strawberry.ID | None = UNSET


@strawberry.type(description="What was concluded about a campaign in a range of days.")
class CampaignAnalysis(Node, read=campaign_analyses.visible):
    """What was concluded about a campaign in a range of days."""

    date_from: date | None
    date_to: date | None
    metrics: list[str]
    basis: Basis = strawberry.field(description="What the score is measured against.")
    impressions: float
    clicks: float
    conversions: float
    cost: float
    revenue: float | None
    performance_score: Fraction
    score_low: Fraction = strawberry.field(description="The score may be as low as this, given how little was seen.")
    score_high: Fraction
    roi: float = strawberry.field(description="Revenue as a multiple of cost; 0 where no revenue is known.")
    conversion_rate: Fraction
    cost_per_conversion: float | None = strawberry.field(description="Null while there is no conversion.")
    regions: list[RegionalPerformance]
    recommendations: list[CampaignRecommendation]
    notes: list[str] = strawberry.field(description="What could not be known.")
    created_at: datetime
    campaign: AdCampaign = link(ad_campaigns.of_analysis)


@mirrors(campaign_analyses.AnalysisDraft)
class AnalyzeCampaignInput:
    """What is to be analysed."""

    campaign_id: strawberry.ID = strawberry.field(description="Its owner's id or ours; an unknown one is made.")
    platform: str | None = UNSET
    date_from: date | None = UNSET
    date_to: date | None = UNSET
    metrics: list[str] = strawberry.field(default_factory=list, description="Kept with the analysis.")
    performance_data: JSONObject | None = strawberry.field(
        default=UNSET,
        description="Figures of the whole, or `rows` as Google Ads exports them; they win over what is stored.",
    )


@strawberry.type
class AnalyzeCampaignPayload(Payload):
    """The analysis, and which of the given rows were left out."""

    blank: ClassVar[dict[str, Any]] = {"rejected": []}

    analysis: CampaignAnalysis | None = link(ToOne(campaign_analyses.visible, "analysis"))
    rejected: list[RejectedRow]


@strawberry.type
class CampaignAnalysisQueries:
    """Reads of analyses."""

    campaign_analysis: CampaignAnalysis | None = one(campaign_analyses.visible, "An analysis of a campaign.")
    campaign_analyses: Connection[CampaignAnalysis] = connection(
        campaign_analyses.search, "Analyses of campaigns, newest first.", where=CampaignAnalysisFilter
    )


@strawberry.type
class CampaignAnalysisMutations:
    """What can be done about analyses."""

    analyze_campaign: AnalyzeCampaignPayload = change(
        campaign_analyses.analyze, campaign_analyses.prepared, input=AnalyzeCampaignInput
    )

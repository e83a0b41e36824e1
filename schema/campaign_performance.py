"""How campaigns for one company do, and how versions of their messages compare."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import variant_comparisons
from schema.engine.forms import link
from schema.engine.scalars import Fraction
from schema.enums import Basis
from schema.estimates import Estimate

if TYPE_CHECKING:
    from schema.scheduled_content import ScheduledContent


@strawberry.type(description="What happened in a campaign on one day in UTC; days without anything are left out.")
class MetricPoint:
    """What happened in a campaign on one day in UTC; days without anything are left out."""

    date: date
    emails_sent: int
    emails_delivered: int
    emails_opened: int
    emails_clicked: int
    emails_replied: int
    meetings_scheduled: int
    meetings_completed: int
    conversions: int
    engagements: int
    engagement_score: Fraction = strawberry.field(description="The mean score of everything noticed that day.")


@strawberry.type(description="Where rates are likely to be once the whole schedule is done.")
class PerformancePredictions:
    """Where rates are likely to be once the whole schedule is done."""

    final_response_rate: Estimate
    final_conversion_rate: Estimate
    confidence: Fraction = strawberry.field(
        description="1 less the width of the response rate's interval, as a part of its width without any evidence."
    )


@strawberry.type(description="Counts, rates and engagement of a campaign over a period of whole days in UTC.")
class CampaignPerformance:
    """Counts, rates and engagement of a campaign over a period of whole days in UTC."""

    start_date: datetime
    end_date: datetime
    granularity: str = strawberry.field(description="Always daily.")
    emails_sent: int
    emails_delivered: int = strawberry.field(description="Accepted by mail servers, less those that came back.")
    emails_opened: int = strawberry.field(description="Messages, each once; so are clicked and replied ones.")
    emails_clicked: int
    emails_replied: int
    meetings_scheduled: int
    meetings_completed: int
    conversions: int
    engagements: int = strawberry.field(description="Everything that people did, repeats too.")
    delivery_rate: Fraction = strawberry.field(description="Of sent messages; all other rates are of delivered ones.")
    open_rate: Fraction
    click_rate: Fraction
    reply_rate: Fraction
    meeting_rate: Fraction
    conversion_rate: Fraction
    average_engagement: Fraction = strawberry.field(description="The mean score of everything that was noticed.")
    high_engagement_accounts: int = strawberry.field(
        description="Where the mean score is .6 or more: clicks and replies prevail."
    )
    medium_engagement_accounts: int = strawberry.field(description="Where it is .35 or more: more than openings.")
    low_engagement_accounts: int = strawberry.field(description="Others that were written to.")
    metrics: list[MetricPoint]
    analysis_text: str = strawberry.field(description="How it compares with the organization's other campaigns.")
    optimization_opportunities: list[str] = strawberry.field(
        description="What the numbers of the whole campaign so far give evidence for."
    )
    predictions: PerformancePredictions
    expected_final_response_rate: Fraction
    expected_final_conversion_rate: Fraction
    prediction_confidence: Fraction
    basis: Basis = strawberry.field(description="What the predictions stand on.")
    notes: list[str] = strawberry.field(description="What has to be known of the numbers, such as rates told as 1.")
    generated_at: datetime


@strawberry.type(description="One version of a message, and what became of it.")
class VariantFigures:
    """One version of a message, and what became of it."""

    variant: str
    sent: int
    delivered: int
    opened: int
    clicked: int
    replied: int
    open_rate: Fraction
    click_rate: Fraction
    reply_rate: Fraction


@strawberry.type(description="The best version by one measure against the next best: two-proportion z, Newcombe.")
class VariantTest:
    """The best version by one measure against the next best: two-proportion z, Newcombe."""

    measure: str = strawberry.field(description="REPLIES, CLICKS or OPENS, of delivered messages.")
    better: str
    other: str
    difference: float = strawberry.field(description="Of the rates; 95 times in 100 it lies between low and high.")
    low: float
    high: float
    p: Fraction = strawberry.field(description="The chance of it by accident alone, corrected for all tests made.")


@strawberry.type(description="Versions against each other, in one planned piece or, without one, in all of them.")
class VariantComparison:
    """Versions against each other, in one planned piece or, without one, in all of them."""

    local_id: str | None
    item: Annotated["ScheduledContent", strawberry.lazy("schema.scheduled_content")] | None = link(
        variant_comparisons.item, "The piece; null for the whole campaign."
    )
    variants: list[VariantFigures]
    tests: list[VariantTest]
    winner: str | None = strawberry.field(description="Only when a difference is more than chance, at 5 %.")
    measure: str | None = strawberry.field(description="The test that names the winner.")
    warning: str | None = strawberry.field(description="Why there is no winner, such as too small a sample.")

"""Insights into companies."""

from datetime import datetime

import strawberry

from schema.engine.scalars import Fraction
from schema.enums import Basis, Channel, Level
from schema.estimates import Estimate


@strawberry.type(description="Something to do about a company, and the numbers it stands on.")
class AccountRecommendation:
    """Something to do about a company, and the numbers it stands on."""

    type: str = strawberry.field(description="Such as content, timing, channel, contact or follow_up.")
    description: str
    priority: Level
    expected_impact: str
    basis: Basis


@strawberry.type(
    description="How engaged a company is, what it responds to, and what to do next; of the last 180 days, in UTC."
)
class AccountInsight:
    """How engaged a company is, what it responds to, and what to do next; of the last 180 days, in UTC."""

    overall_score: Fraction = strawberry.field(
        description="x / (x + 2), where x adds up the scores of what was noticed, halved every 30 days."
    )
    trend: str = strawberry.field(description="increasing, stable or decreasing; stable while evidence is thin.")
    change_fraction: float = strawberry.field(description="Of the last 30 days against the 30 before.")
    peak_days: list[str] = strawberry.field(description="Weekdays with clearly more than their share, the best first.")
    peak_times: list[str] = strawberry.field(description="Hours of the day in UTC, such as 10:00-11:00.")
    preferred_content_types: list[str] = strawberry.field(description="By the score that came back per piece.")
    preferred_channels: list[Channel] = strawberry.field(description="By the score that came back per piece.")
    optimal_content_length: str
    preferred_tone: str
    response_likelihood: Fraction = strawberry.field(description="That a delivered message is answered.")
    response_likelihood_estimate: Estimate
    decision_timeline: str = strawberry.field(
        description="What the middle half of the organization's won leads took since their first engagement."
    )
    influence_factors: list[str]
    objection_patterns: list[str]
    conversion_probability: Fraction = strawberry.field(description="That the company is won.")
    conversion_probability_estimate: Estimate
    optimal_next_action: str
    recommended_timing: str
    risk_factors: list[str]
    success_factors: list[str]
    recommendations: list[AccountRecommendation]
    evidence: int = strawberry.field(description="From how many events it was made.")
    thin: bool = strawberry.field(description="Whether these are too few to conclude much: fewer than 20.")
    assumed: list[str] = strawberry.field(description="Fields that stand on assumptions, or on what people have said.")
    generated_at: datetime

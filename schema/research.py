"""Researches of companies, and what they found."""

from datetime import date as day
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import news, research
from schema.engine.forms import collection, connection, derived, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Basis, Channel, EvidenceKind, Level, ResearchStage, ResearchStatus
from schema.estimates import Estimate
from schema.news import NewsEntry
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.accounts import Account

_SURE = "How sure it is of this very company."
_EVIDENCE = "In what it was found."


@strawberry.type(description="Words or numbers that speak for a finding.")
class Evidence:
    """Words or numbers that speak for a finding."""

    kind: EvidenceKind
    source: str | None = strawberry.field(description="An id, a playbook's key, an address, or a model's name.")
    text: str


@strawberry.type(description="Where a research looked: what it gave, or why it could not be read.")
class ResearchSource:
    """Where a research looked: what it gave, or why it could not be read."""

    kind: str = strawberry.field(description="REQUEST, GRAPH, PLAYBOOK, NEWS, WEBSITE, MODEL, SOCIAL or FINANCIALS.")
    source: str | None
    read: bool
    facts: int = strawberry.field(description="How many it gave.")
    reason: str | None = strawberry.field(description="Why it could not be read, or what of it was not taken.")


@strawberry.type(description="What should be done next.")
class NextAction:
    """What should be done next."""

    action_type: str = strawberry.field(description="Such as create_personalized_campaign.")
    priority: Level
    estimated_completion: datetime


@strawberry.type(description="Somebody who decides, known by an address; nobody is made up.")
class DecisionMaker:
    """Somebody who decides, known by an address; nobody is made up."""

    name: str
    title: str | None
    email: str
    linkedin: str | None
    influence_score: Fraction = strawberry.field(description="As somebody has said, else by what such titles decide.")
    pain_points: list[str]
    preferred_channels: list[Channel] = strawberry.field(description="As said, else as seen, else the usual ones.")
    preferred_timing: str | None
    preferred_tone: str | None
    contact_id: strawberry.ID | None
    persona_id: strawberry.ID | None


@strawberry.type(description="What troubles a company.")
class PainPoint(Node, read=research.pain_points.visible):
    """What troubles a company."""

    category: str
    description: str
    urgency: Level
    impact: str
    solutions: list[str]
    confidence: Fraction = strawberry.field(description=_SURE)
    evidence: list[Evidence] = strawberry.field(description=_EVIDENCE)
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(research.pain_points.account)
    research: "ResearchRun" = link(research.pain_points.run)


@strawberry.type(description="What could be sold to a company.")
class Opportunity(Node, read=research.opportunities.visible):
    """What could be sold to a company."""

    type: str
    description: str
    value: str
    timeline: str
    probability: Fraction = strawberry.field(description="The share of such that is won.")
    basis: Basis
    estimate: Estimate = derived(
        research.estimate,
        "probability",
        "low",
        "high",
        "basis",
        "cases",
        description="The same, and between what it lies four times in five.",
    )
    confidence: Fraction = strawberry.field(description=_SURE)
    evidence: list[Evidence] = strawberry.field(description=_EVIDENCE)
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(research.opportunities.account)
    research: "ResearchRun" = link(research.opportunities.run)


@strawberry.type(description="Somebody who sells to the same company, as somebody has said it.")
class Competitor(Node, read=research.competitors.visible):
    """Somebody who sells to the same company, as somebody has said it."""

    name: str
    relationship: str
    strengths: list[str]
    weaknesses: list[str]
    confidence: Fraction = strawberry.field(description=_SURE)
    evidence: list[Evidence] = strawberry.field(description=_EVIDENCE)
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(research.competitors.account)
    research: "ResearchRun" = link(research.competitors.run)


@strawberry.type(description="Imported news that is about a company.")
class NewsItem(Node, read=research.news.visible):
    """Imported news that is about a company."""

    title: str
    date: day
    relevance: Level = strawberry.field(description="HIGH: named in a title of the last month; by age and place.")
    impact: str = strawberry.field(description="positive, neutral or negative, as it sounds.")
    summary: str
    url: str | None
    confidence: Fraction = strawberry.field(description=_SURE)
    evidence: list[Evidence] = strawberry.field(description=_EVIDENCE)
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(research.news.account)
    research: "ResearchRun" = link(research.news.run)
    entry: NewsEntry | None = link(news.of_item, "The imported entry, while it is kept.")


@strawberry.type(description="One research of a company. Until it is completed, what it finds is null or empty.")
class ResearchRun(Node, read=research.visible):
    """One research of a company. Until it is completed, what it finds is null or empty."""

    status: ResearchStatus
    stage: ResearchStage | None = strawberry.field(description="What it is busy with.")
    depth: str
    include_competitors: bool
    include_news: bool
    include_social: bool
    include_financials: bool
    personalization_level: str
    include_ai_insights: bool
    include_predictions: bool
    include_recommendations: bool
    generated_at: datetime | None
    processing_seconds: float | None
    confidence: Fraction | None = strawberry.field(description="How much is known of the company, by what has spoken.")
    insights_generated: int = strawberry.field(description="Findings of all kinds.")
    decision_makers_found: int
    pain_points_identified: int
    opportunities_discovered: int
    engagement_score: Fraction | None = strawberry.field(description="How lively its people have been lately.")
    conversion_probability: Fraction | None = strawberry.field(description="The share of such leads that is won.")
    conversion: Estimate | None = derived(
        research.conversion,
        "conversion_probability",
        "conversion_low",
        "conversion_high",
        "conversion_basis",
        "conversion_cases",
        description="The same, and between what it lies four times in five.",
    )
    optimal_approach: str | None
    recommended_content: list[str]
    timing_insights: str | None
    next_actions: list[NextAction]
    sources: list[ResearchSource]
    decision_makers: list[DecisionMaker]
    tokens_used: int
    failure_code: str | None = strawberry.field(
        description="Why it failed, or its last attempt did: QUOTA_EXCEEDED, TIMEOUT or PROCESSING_FAILED."
    )
    failure: str | None
    created_at: datetime
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = link(research.account_of_run)
    pain_points: Connection[PainPoint] = collection(research.pain_points.of_run, "What troubles it, the surest first.")
    opportunities: Connection[Opportunity] = collection(
        research.opportunities.of_run, "What could be sold to it, the surest first."
    )
    competitors: Connection[Competitor] = collection(research.competitors.of_run, "Who else sells to it.")
    news: Connection[NewsItem] = collection(research.news.of_run, "News about it, the newest first.")


@mirrors(research.ResearchFilter)
class ResearchFilter:
    """Which researches are wanted."""

    account: strawberry.ID | None = UNSET
    status: ResearchStatus | None = UNSET


@strawberry.type
class ResearchQueries:
    """Reads of researches."""

    research_run: ResearchRun | None = one(research.visible, "A research of a company.")
    research_runs: Connection[ResearchRun] = connection(
        research.search, "Researches of companies, newest first.", where=ResearchFilter
    )

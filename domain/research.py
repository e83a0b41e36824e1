"""Research of companies: what was asked, what was found, and what it was found in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from domain.entity import Entity, Owned
from domain.levels import Basis, Level


class ResearchStatus(StrEnum):
    """Where a research stands."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class ResearchStage(StrEnum):
    """What a research is busy with."""

    FACTS = "FACTS"
    WEBSITE = "WEBSITE"
    FINDINGS = "FINDINGS"
    WRITING = "WRITING"


class ResearchRun(Owned, Entity):
    """One research of a company. `due_at` is when it is taken up again if whoever works on it is gone; `taken` names
    the attempt.

    `request` is what was said of the company, `sources` what was read and what could not be, with the reason.
    Scores and probabilities are fractions; `conversion` bounds lie around `conversion_probability`.
    """

    __tablename__ = "research_run"
    __table_args__ = (
        Index("ix_research_run_account", "account_id", "created_at", "id"),
        Index("ix_research_run_recent", "organization_id", "created_at", "id"),
        Index(
            "ix_research_run_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )
    prefix, label = "res", "Research"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    status: Mapped[ResearchStatus]
    stage: Mapped[ResearchStage | None]
    depth: Mapped[str]
    include_competitors: Mapped[bool]
    include_news: Mapped[bool]
    include_social: Mapped[bool]
    include_financials: Mapped[bool]
    personalization_level: Mapped[str]
    include_ai_insights: Mapped[bool]
    include_predictions: Mapped[bool]
    include_recommendations: Mapped[bool]
    request: Mapped[dict[str, Any]]
    client_id: Mapped[str | None] = mapped_column(ForeignKey("api_client.id", ondelete="SET NULL"))
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)
    generated_at: Mapped[datetime | None]
    processing_seconds: Mapped[float | None]
    confidence: Mapped[float | None]
    insights_generated: Mapped[int] = mapped_column(default=0)
    decision_makers_found: Mapped[int] = mapped_column(default=0)
    pain_points_identified: Mapped[int] = mapped_column(default=0)
    opportunities_discovered: Mapped[int] = mapped_column(default=0)
    engagement_score: Mapped[float | None]
    conversion_probability: Mapped[float | None]
    conversion_low: Mapped[float | None]
    conversion_high: Mapped[float | None]
    conversion_basis: Mapped[Basis | None]
    conversion_cases: Mapped[int] = mapped_column(default=0)
    optimal_approach: Mapped[str | None]
    recommended_content: Mapped[list[str]]
    timing_insights: Mapped[str | None]
    next_actions: Mapped[list[dict[str, Any]]]
    decision_makers: Mapped[list[dict[str, Any]]]
    sources: Mapped[list[dict[str, Any]]]
    tokens_used: Mapped[int] = mapped_column(default=0)
    failure_code: Mapped[str | None]
    failure: Mapped[str | None]


class Finding(Owned):
    """What a research found: how sure that is, a fraction, and in what it was found.

    Each piece of evidence names its kind (REQUEST, GRAPH, PLAYBOOK, NEWS, WEBSITE, MODEL), its source (an id, a key
    or an address) and the words or numbers it gave.
    """

    @declared_attr
    def account_id(cls) -> Mapped[str]:  # noqa: N805 - a declared attribute is a class method
        """The company."""
        return mapped_column(ForeignKey("account.id", ondelete="CASCADE"))

    @declared_attr
    def run_id(cls) -> Mapped[str]:  # noqa: N805 - a declared attribute is a class method
        """The research."""
        return mapped_column(ForeignKey("research_run.id", ondelete="CASCADE"))

    position: Mapped[int]
    confidence: Mapped[float]
    evidence: Mapped[list[dict[str, Any]]]


class PainPoint(Finding, Entity):
    """What troubles a company."""

    __tablename__ = "pain_point"
    __table_args__ = (Index("ix_pain_point_run", "run_id", "position", "id"),)
    prefix, label = "pain", "Pain point"

    category: Mapped[str]
    description: Mapped[str]
    urgency: Mapped[Level]
    impact: Mapped[str]
    solutions: Mapped[list[str]]


class Opportunity(Finding, Entity):
    """What could be sold to a company. `probability` is a fraction that stands on `basis` and so many own cases."""

    __tablename__ = "opportunity"
    __table_args__ = (Index("ix_opportunity_run", "run_id", "position", "id"),)
    prefix, label = "opp", "Opportunity"

    type: Mapped[str]
    description: Mapped[str]
    value: Mapped[str]
    timeline: Mapped[str]
    probability: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    basis: Mapped[Basis]
    cases: Mapped[int]


class Competitor(Finding, Entity):
    """Somebody who sells to the same company, as somebody has said it."""

    __tablename__ = "competitor"
    __table_args__ = (Index("ix_competitor_run", "run_id", "position", "id"),)
    prefix, label = "rival", "Competitor"

    name: Mapped[str]
    relationship: Mapped[str]
    strengths: Mapped[list[str]]
    weaknesses: Mapped[list[str]]


class NewsItem(Finding, Entity):
    """Imported news that a research found to be about a company."""

    __tablename__ = "news_item"
    __table_args__ = (Index("ix_news_item_run", "run_id", "position", "id"),)
    prefix, label = "newsitem", "News item"

    entry_id: Mapped[str | None] = mapped_column(ForeignKey("news_entry.id", ondelete="SET NULL"))
    title: Mapped[str]
    date: Mapped[date]
    relevance: Mapped[Level]
    impact: Mapped[str]
    summary: Mapped[str]
    url: Mapped[str | None]


class NewsEntry(Owned, Entity):
    """One entry of an imported feed; `digest` tells it from the others of the organization."""

    __tablename__ = "news_entry"
    __table_args__ = (
        Index("ux_news_entry", "organization_id", "digest", unique=True),
        Index("ix_news_entry_day", "organization_id", "published", "id"),
        Index("ix_news_entry_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "news", "News"

    source: Mapped[str]
    digest: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str]
    url: Mapped[str | None]
    published: Mapped[date]


class PlaybookKind(StrEnum):
    """What of a company a playbook is chosen by."""

    INDUSTRY = "INDUSTRY"
    TECHNOLOGY = "TECHNOLOGY"
    SIZE = "SIZE"


class Playbook(Owned, Entity):
    """An organization's own playbook, which stands in place of the one that is carried for the same kind and key."""

    __tablename__ = "playbook"
    __table_args__ = (
        Index("ux_playbook", "organization_id", "kind", "key", unique=True),
        Index("ix_playbook_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "play", "Playbook"

    kind: Mapped[PlaybookKind]
    key: Mapped[str]
    body: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]

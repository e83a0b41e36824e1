"""Advertising: campaigns, how they perform day by day, and what was concluded from it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.entity import Entity, Owned
from domain.levels import Basis


class CampaignStatus(StrEnum):
    """Where a campaign stands."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"


class AdCampaign(Owned, Entity):
    """An advertising campaign. `external_id` is what its platform or owner calls it: any text, one per organization.

    Totals are those given for the whole campaign; days are rows of their own. ROI is a multiple, the score a fraction,
    money is in the campaign's own currency, if that is known.
    """

    __tablename__ = "ad_campaign"
    __table_args__ = (
        Index("ux_ad_campaign_external", "organization_id", "external_id", unique=True),
        Index("ix_ad_campaign_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "camp", "Campaign"

    external_id: Mapped[str]
    name: Mapped[str | None]
    platform: Mapped[str | None]
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.ACTIVE)
    currency: Mapped[str | None]
    budget_total: Mapped[float | None]
    budget_spent: Mapped[float | None]
    impressions: Mapped[int | None] = mapped_column(BigInteger)
    clicks: Mapped[int | None] = mapped_column(BigInteger)
    conversions: Mapped[float | None]
    cost: Mapped[float | None]
    revenue: Mapped[float | None]
    roi: Mapped[float | None]
    performance_score: Mapped[float | None]
    performance_data: Mapped[dict[str, Any] | None]
    audiences: Mapped[list[str]]
    locations: Mapped[list[str]]
    demographics: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime]


class AdPerformance(Owned, Entity):
    """What a campaign reached on one day, in one region, in one part such as an ad group; '' where that is not told."""

    __tablename__ = "ad_performance"
    __table_args__ = (
        Index("ux_ad_performance", "campaign_id", "day", "region", "segment", unique=True),
        # Days that were imported campaign by campaign are added up from here, without going from row to row.
        Index(
            "ix_ad_performance_day",
            "organization_id",
            "day",
            "id",
            "impressions",
            "clicks",
            "conversions",
            "cost",
            "revenue",
        ),
        Index("ix_ad_performance_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "perf", "Performance"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("ad_campaign.id", ondelete="CASCADE"))
    day: Mapped[date]
    region: Mapped[str]
    segment: Mapped[str]
    impressions: Mapped[int] = mapped_column(BigInteger)
    clicks: Mapped[int] = mapped_column(BigInteger)
    conversions: Mapped[float]
    cost: Mapped[float]
    revenue: Mapped[float | None]


class CampaignAnalysis(Owned, Entity):
    """What was concluded about a campaign in a range of days. `regions` and `recommendations` as the graph tells them;
    each recommendation names the numbers it follows from. The score may lie between `score_low` and `score_high`.
    """

    __tablename__ = "campaign_analysis"
    __table_args__ = (
        Index("ix_campaign_analysis_campaign", "campaign_id", "created_at", "id"),
        Index("ix_campaign_analysis_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "can", "Analysis"

    campaign_id: Mapped[str] = mapped_column(ForeignKey("ad_campaign.id", ondelete="CASCADE"))
    date_from: Mapped[date | None]
    date_to: Mapped[date | None]
    metrics: Mapped[list[str]]
    basis: Mapped[Basis]
    impressions: Mapped[int] = mapped_column(BigInteger)
    clicks: Mapped[int] = mapped_column(BigInteger)
    conversions: Mapped[float]
    cost: Mapped[float]
    revenue: Mapped[float | None]
    performance_score: Mapped[float]
    score_low: Mapped[float]
    score_high: Mapped[float]
    roi: Mapped[float]
    conversion_rate: Mapped[float]
    cost_per_conversion: Mapped[float | None]
    regions: Mapped[list[dict[str, Any]]]
    recommendations: Mapped[list[dict[str, Any]]]
    notes: Mapped[list[str]]


class BudgetPlan(Owned, Entity):
    """How a budget is best divided among campaigns, under which assumption."""

    __tablename__ = "budget_plan"
    __table_args__ = (Index("ix_budget_plan_recent", "organization_id", "created_at", "id"),)
    prefix, label = "plan", "Budget plan"

    total_budget: Mapped[float]
    current_total_roi: Mapped[float]
    expected_total_roi: Mapped[float]
    roi_improvement: Mapped[float]
    assumption: Mapped[str]


class BudgetAllocation(Owned, Entity):
    """One campaign's part of a plan; `position` is that of the campaign in the request, `name` what it was called."""

    __tablename__ = "budget_allocation"
    __table_args__ = (
        Index("ix_budget_allocation_plan", "plan_id", "position", "id"),
        Index("ix_budget_allocation_campaign", "campaign_id", "created_at", "id"),
        Index("ix_budget_allocation_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "alloc", "Allocation"

    plan_id: Mapped[str] = mapped_column(ForeignKey("budget_plan.id", ondelete="CASCADE"))
    campaign_id: Mapped[str] = mapped_column(ForeignKey("ad_campaign.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[str]
    current_budget: Mapped[float]
    recommended_budget: Mapped[float]
    change: Mapped[float]
    expected_roi: Mapped[float]
    reasoning: Mapped[str]

"""Reads of advertising campaigns, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, and_, func, literal, null, or_, select

from domain.leads import Lead, LeadStatus
from domain.marketing import AdCampaign, AdPerformance, BudgetAllocation, CampaignAnalysis, CampaignStatus
from domain.permissions import Permission
from domain.texts import storable
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import leads
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visibility, visible_to
from resolvers.sql import equals, has_item


class AdCampaignSortField(StrEnum):
    """By what campaigns can be sorted."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    COST = "COST"
    CONVERSIONS = "CONVERSIONS"
    ROI = "ROI"
    PERFORMANCE_SCORE = "PERFORMANCE_SCORE"


_MEASURED = {
    AdCampaignSortField.COST: AdCampaign.cost,
    AdCampaignSortField.CONVERSIONS: AdCampaign.conversions,
    AdCampaignSortField.ROI: AdCampaign.roi,
    AdCampaignSortField.PERFORMANCE_SCORE: AdCampaign.performance_score,
}
_SORT_COLUMNS: dict[AdCampaignSortField, Any] = {
    AdCampaignSortField.CREATED_AT: AdCampaign.created_at,
    AdCampaignSortField.UPDATED_AT: AdCampaign.updated_at,
    **_MEASURED,
}


@dataclass(frozen=True, slots=True)
class AdCampaignSort:
    """The order of campaigns; sorted by a number, those without it are left out."""

    field: AdCampaignSortField = AdCampaignSortField.CREATED_AT
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class AdCampaignFilter:
    """Which campaigns are wanted; every given condition has to hold, bounds are inclusive."""

    status: CampaignStatus | None = None
    platform: str | None = None
    external_id: str | None = None
    location: str | None = None
    currency: str | None = None
    search: str | None = None
    min_roi: float | None = None
    max_roi: float | None = None
    min_cost: float | None = None
    max_cost: float | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@reads(AdCampaign, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Campaigns of the organization."""
    return visible_to(viewer, AdCampaign)


@reads(AdCampaign, Permission.READ_MARKETING)
def search(viewer: Viewer, where: AdCampaignFilter | None = None, sort: AdCampaignSort | None = None) -> Listing:
    """Campaigns that match, newest first unless sorted otherwise."""
    sort = sort or AdCampaignSort()
    column = _SORT_COLUMNS[sort.field]
    statement = visible_to(viewer, AdCampaign).where(*_conditions(where or AdCampaignFilter()))
    measured = sort.field in _MEASURED
    if measured:
        statement = statement.where(column.is_not(None))
    # Such a list is shorter than the same list in another order, so its total is its own.
    return Listing(statement, Order(column, sort.direction is Direction.DESC), told=not measured)


def _conditions(where: AdCampaignFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if where.status is not None:
        conditions.append(AdCampaign.status == where.status)
    if where.platform is not None:
        conditions.append(equals(where.platform, AdCampaign.platform))
    if where.external_id is not None:
        conditions.append(AdCampaign.external_id == where.external_id)
    if where.currency is not None:
        conditions.append(AdCampaign.currency == where.currency.upper())
    if where.location is not None:
        conditions.append(has_item(AdCampaign.locations, where.location))
    if where.search and where.search.strip():
        words = func.lower(func.coalesce(AdCampaign.name, "") + " " + AdCampaign.external_id)
        conditions.append(words.contains(where.search.strip().lower(), autoescape=True))
    bounds: list[tuple[Any, Any, Any]] = [
        (AdCampaign.roi, where.min_roi, where.max_roi),
        (AdCampaign.cost, where.min_cost, where.max_cost),
        (
            AdCampaign.created_at,
            start_of(where.created_from) if where.created_from else None,
            end_of(where.created_to) if where.created_to else None,
        ),
    ]
    for column, low, high in bounds:
        conditions.extend(each for each in (_at_least(column, low), _at_most(column, high)) if each is not None)
    return conditions


def _at_least(column: Any, low: Any) -> ColumnElement[bool] | None:
    return None if low is None else column >= low


def _at_most(column: Any, high: Any) -> ColumnElement[bool] | None:
    return None if high is None else column <= high


_NAMED_BY_LEAD = and_(
    AdCampaign.organization_id == Lead.organization_id,
    Lead.campaign_id.in_([AdCampaign.id, AdCampaign.external_id]),
)
"""A lead names a campaign by our id or by its owner's (X-13)."""


def _leads(viewer: Viewer, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many leads name a campaign; nothing for who may not read leads."""
    if Permission.READ_LEADS not in viewer.permissions:
        return null()
    counted = select(func.count()).select_from(Lead).where(_NAMED_BY_LEAD, *visibility(viewer, Lead), *conditions)
    return counted.correlate(AdCampaign).scalar_subquery()


def lead_count(viewer: Viewer) -> ColumnElement[Any]:
    """How many leads name the campaign."""
    return _leads(viewer)


def won_leads(viewer: Viewer) -> ColumnElement[Any]:
    """How many of them are won: told beside the reported conversions, which are never overwritten by it."""
    return _leads(viewer, Lead.status == LeadStatus.WON)


def budget_remaining(total: float | None, spent: float | None) -> float | None:
    """What is left of a budget, where both are known."""
    return None if total is None or spent is None else total - spent


@dataclass(frozen=True, slots=True)
class AdCampaignTotals:
    """What campaigns amount to together; rates are of those campaigns that have both numbers."""

    campaigns: int
    budget: float
    impressions: int
    clicks: int
    conversions: float
    cost: float
    revenue: float
    click_rate: float | None
    conversion_rate: float | None
    cost_per_conversion: float | None
    roi: float | None


@dataclass(frozen=True, slots=True)
class AdCampaignTotalsQuestion:
    """Of which campaigns the totals are wanted."""

    where: AdCampaignFilter | None = None

    permission = Permission.READ_MARKETING

    def statement(self, viewer: Viewer) -> Statement:
        """One row of sums."""
        sums = [
            func.coalesce(func.sum(column), literal(0, type_), type_=type_)
            for column, type_ in (
                (AdCampaign.budget_total, Float()),
                (AdCampaign.impressions, Integer()),
                (AdCampaign.clicks, Integer()),
                (AdCampaign.conversions, Float()),
                (AdCampaign.cost, Float()),
                (AdCampaign.revenue, Float()),
            )
        ]
        earning = func.sum(AdCampaign.cost).filter(AdCampaign.revenue.is_not(None))
        statement = select(func.count(), *sums, earning)
        return statement.where(*visibility(viewer, AdCampaign), *_conditions(self.where or AdCampaignFilter()))

    def answer(self, rows: list[Any]) -> AdCampaignTotals:
        """The totals behind the row."""
        campaigns, *numbers = rows[0]
        # A database may add whole numbers up to decimals.
        budget, impressions, clicks, conversions, cost, revenue, earning = (float(each or 0) for each in numbers)
        return AdCampaignTotals(
            campaigns=campaigns,
            budget=budget,
            impressions=int(impressions),
            clicks=int(clicks),
            conversions=conversions,
            cost=cost,
            revenue=revenue,
            click_rate=min(1.0, clicks / impressions) if impressions else None,
            conversion_rate=min(1.0, conversions / clicks) if clicks else None,
            cost_per_conversion=cost / conversions if conversions else None,
            roi=revenue / earning if earning else None,
        )


def _own(column: Any) -> ColumnElement[Any]:
    return (
        select(AdCampaign.id)
        .where(AdCampaign.organization_id == Lead.organization_id, column == Lead.campaign_id)
        .correlate(Lead)
        .scalar_subquery()
    )


of_lead = ToOne(visible, func.coalesce(_own(AdCampaign.id), _own(AdCampaign.external_id)))
of_performance = ToOne(visible, AdPerformance.campaign_id)
of_analysis = ToOne(visible, CampaignAnalysis.campaign_id)
of_allocation = ToOne(visible, BudgetAllocation.campaign_id)
leads_of = ToMany(leads.search, AdCampaign.id, through=(AdCampaign, _NAMED_BY_LEAD))


def named(viewer: Viewer, names: list[str]) -> Statement:
    """Campaigns that callers know by these names: their own ids, or ours."""
    known = [name for name in names if storable(name)]
    return visible_to(viewer, AdCampaign).where(or_(AdCampaign.external_id.in_(known), AdCampaign.id.in_(known)))

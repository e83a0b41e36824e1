"""What days of campaigns add up to, by day, region, segment or campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from domain.figures import Figures
from domain.marketing import AdCampaign, AdPerformance
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.ad_performance import AdPerformanceFilter, conditions
from resolvers.campaign_totals import added_up, sums
from resolvers.reads import Statement, visibility


class AdPerformanceDimension(StrEnum):
    """By what performance is added up."""

    DAY = "DAY"
    REGION = "REGION"
    SEGMENT = "SEGMENT"
    CAMPAIGN = "CAMPAIGN"


_COLUMNS: dict[AdPerformanceDimension, Any] = {
    AdPerformanceDimension.DAY: AdPerformance.day,
    AdPerformanceDimension.REGION: AdPerformance.region,
    AdPerformanceDimension.SEGMENT: AdPerformance.segment,
    AdPerformanceDimension.CAMPAIGN: AdCampaign.external_id,
}


@dataclass(frozen=True, slots=True)
class AdPerformanceGroup:
    """What shares one value of the dimension, '' where it is not told; rates are fractions, the ROI a multiple."""

    key: str
    impressions: int
    clicks: int
    conversions: float
    cost: float
    revenue: float | None
    click_rate: float
    conversion_rate: float
    cost_per_conversion: float | None
    roi: float | None


@dataclass(frozen=True, slots=True)
class AdPerformanceReport:
    """Performance added up, in groups and in all."""

    group_by: AdPerformanceDimension
    total: AdPerformanceGroup
    groups: list[AdPerformanceGroup]


@dataclass(frozen=True, slots=True)
class AdPerformanceQuestion:
    """Which days are to be added up, and by what."""

    group_by: AdPerformanceDimension = AdPerformanceDimension.DAY
    where: AdPerformanceFilter | None = None

    permission = Permission.READ_MARKETING

    def statement(self, viewer: Viewer) -> Statement:
        """One row per value of the dimension: the value and the sums."""
        column = _COLUMNS[self.group_by]
        statement = select(column, *sums()).select_from(AdPerformance)
        if self.group_by is AdPerformanceDimension.CAMPAIGN:
            statement = statement.join(AdCampaign, AdCampaign.id == AdPerformance.campaign_id)
        own = (*visibility(viewer, AdPerformance), *conditions(self.where or AdPerformanceFilter()))
        return statement.where(*own).group_by(column).order_by(column)

    def answer(self, rows: list[Any]) -> AdPerformanceReport:
        """The report behind the rows."""
        added = [(_text(key), added_up(numbers)) for key, *numbers in rows]
        whole = sum((each for _, each in added), Figures())
        return AdPerformanceReport(self.group_by, _group("", whole), [_group(key, each) for key, each in added])


def _text(key: object) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)


def _group(key: str, each: Figures) -> AdPerformanceGroup:
    return AdPerformanceGroup(
        key=key,
        impressions=each.impressions,
        clicks=each.clicks,
        conversions=each.conversions,
        cost=each.cost,
        revenue=each.revenue,
        click_rate=each.click_rate,
        conversion_rate=each.conversion_rate,
        cost_per_conversion=each.cost_per_conversion,
        roi=each.roi,
    )

"""What campaigns amount to: the sums of their days, unless figures of the whole were given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain.figures import Figures, figures
from domain.marketing import AdCampaign, AdPerformance
from resolvers.reads import visibility
from resolvers.unit import Unit

_AT_ONCE = 400


async def add_up(unit: Unit, campaigns: Mapping[str, AdCampaign]) -> None:
    """Make the totals of campaigns, by their ids, those of their days, unless they were given for the whole."""
    following = [each.id for each in campaigns.values() if each.performance_data is None]
    for start in range(0, len(following), _AT_ONCE):
        statement = (
            select(AdPerformance.campaign_id, *sums())
            .where(*visibility(unit.viewer, AdPerformance))
            .where(AdPerformance.campaign_id.in_(following[start : start + _AT_ONCE]))
            .group_by(AdPerformance.campaign_id)
        )
        for id_, *numbers in await unit.session.execute(statement):
            for name, value in figures_of_whole(added_up(numbers)).items():
                setattr(campaigns[id_], name, value)
            campaigns[id_].updated_at = unit.now


def sums() -> list[ColumnElement[Any]]:
    """What days are added up by: impressions, clicks, conversions, cost, revenue, and the cost that earned it."""
    columns = (AdPerformance.impressions, AdPerformance.clicks, AdPerformance.conversions, AdPerformance.cost)
    earning = func.sum(AdPerformance.cost).filter(AdPerformance.revenue.is_not(None))
    return [*(func.coalesce(func.sum(column), 0) for column in columns), func.sum(AdPerformance.revenue), earning]


def added_up(numbers: Sequence[Any]) -> Figures:
    """The figures behind one row of sums."""
    impressions, clicks, conversions, cost, revenue, earning = numbers
    known = figures(
        int(impressions), int(clicks), float(conversions), float(cost), None if revenue is None else float(revenue)
    )
    return Figures(known.impressions, known.clicks, known.conversions, known.cost, known.revenue, float(earning or 0.0))


def figures_of_whole(figures: Figures, roi: float | None = None) -> dict[str, Any]:
    """The columns of a campaign that say how the whole of it did."""
    return {
        "impressions": figures.impressions,
        "clicks": figures.clicks,
        "conversions": figures.conversions,
        "cost": figures.cost,
        "revenue": figures.revenue,
        "roi": figures.roi if figures.roi is not None else roi,
    }

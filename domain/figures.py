"""What an advertisement reached, as numbers that can be added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums; `revenue` None is unknown. `earning` is the cost of those parts whose revenue is known."""

    impressions: int = 0
    clicks: int = 0
    conversions: float = 0.0
    cost: float = 0.0
    revenue: float | None = None
    earning: float = 0.0

    def __add__(self, other: Figures) -> Figures:
        revenues = [each for each in (self.revenue, other.revenue) if each is not None]
        return Figures(
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.conversions + other.conversions,
            self.cost + other.cost,
            sum(revenues) if revenues else None,
            self.earning + other.earning,
        )

    @property
    def known(self) -> bool:
        """Whether there is any figure at all."""
        return bool(self.impressions or self.clicks or self.conversions or self.cost or self.revenue)

    @property
    def roi(self) -> float | None:
        """Revenue as a multiple of the cost it stands against."""
        return None if self.revenue is None or self.earning <= 0 else self.revenue / self.earning

    @property
    def click_rate(self) -> float:
        """Clicks per impression, 0 without any."""
        return min(1.0, self.clicks / self.impressions) if self.impressions else 0.0

    @property
    def conversion_rate(self) -> float:
        """Conversions per click, 0 without any."""
        return min(1.0, self.conversions / self.clicks) if self.clicks else 0.0

    @property
    def cost_per_conversion(self) -> float | None:
        """None while there is no conversion."""
        return self.cost / self.conversions if self.conversions > 0 else None


def figures(impressions: int, clicks: int, conversions: float, cost: float, revenue: float | None) -> Figures:
    """Figures of one part, whose cost stands against its revenue if that is known."""
    return Figures(impressions, clicks, conversions, cost, revenue, cost if revenue is not None else 0.0)


@dataclass(frozen=True, slots=True)
class Fact:
    """Figures of one part of a campaign: of a day, a region, a segment such as an ad group, as far as that is told."""

    figures: Figures
    day: date | None = None
    region: str = ""
    segment: str = ""


def total(facts: Iterable[Fact]) -> Figures:
    """All parts together."""
    added = Figures()
    for fact in facts:
        added += fact.figures
    return added


def given_figures(figures: Figures, roi: float | None) -> dict[str, Any]:
    """Figures of a whole campaign as they are stored and shown, in the words of its model (CB, Campaign Schema)."""
    known = {
        "impressions": figures.impressions,
        "clicks": figures.clicks,
        "conversions": figures.conversions,
        "cost": figures.cost,
        "revenue": figures.revenue,
        "roi": figures.roi if figures.roi is not None else roi,
    }
    return {name: value for name, value in known.items() if value is not None}

"""A campaign analysed: how it did in all and by region, what follows from it, and what could not be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.figures import Fact, Figures, total
from domain.intelligence.campaign_advice import Recommendation, advise
from domain.intelligence.performance import Score, reference_of, score
from domain.levels import Basis
from domain.regions import region_of


@dataclass(frozen=True, slots=True)
class Regional:
    """How a campaign did in one region, and how many recommendations are about it."""

    region: str
    figures: Figures
    score: Score
    recommendations: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was concluded; `basis` is what the score is measured against."""

    figures: Figures
    score: Score
    basis: Basis
    regions: list[Regional]
    recommendations: list[Recommendation]
    notes: list[str]


def analyse(facts: Sequence[Fact], history: Figures, fewest: int, period: tuple[date | None, date | None]) -> Analysis:
    """Everything that follows from the facts of a campaign, against the organization's history.

    Nothing is compared of fewer clicks than `fewest`.
    """
    usual, figures = reference_of(history), total(facts)
    advice = advise(facts, usual, fewest, region_of)
    by_region: dict[str, Figures] = {}
    for fact in facts:
        if fact.region:
            region = region_of(fact.region)
            by_region[region] = by_region.get(region, Figures()) + fact.figures
    regions = [
        Regional(region, each, score(each, usual), sum(1 for told in advice if told.region == region))
        for region, each in sorted(by_region.items(), key=lambda item: (-item[1].clicks, item[0]))
    ]
    return Analysis(figures, score(figures, usual), usual.basis, regions, advice, _notes(figures, period))


def _notes(figures: Figures, period: tuple[date | None, date | None]) -> list[str]:
    if not figures.known:
        since, until = period
        span = f" from {since}" * bool(since) + f" to {until}" * bool(until)
        return [f"No figures are known of this campaign{span}: zeros stand for them."]
    notes = []
    if figures.revenue is None:
        notes.append("No revenue is known: the ROI is told as 0 and does not count in the score.")
    if not figures.conversions:
        notes.append("There was no conversion: none has a cost.")
    if figures.conversions > figures.clicks:
        notes.append("There are more conversions than clicks: their rate is told as 1.")
    return notes

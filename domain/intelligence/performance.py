"""How well a campaign does, as one number from 0 to 1, and against what it is measured.

Each measure x is held against a reference r as x / (x + r): half at the reference, three quarters at three times it.
The score is their weighted mean: conversions per click and revenue per cost count .4 each, clicks per impression .2;
what is not known does not count. A measure seen only a few times is drawn towards its reference first.

The reference is the organization's own history, its other campaigns on the platform and the campaign's own earlier
days, as far as it goes; it begins as published averages, which weigh as much as 1,000 clicks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.figures import Figures
from domain.intelligence.significance import Share, wilson
from domain.levels import Basis

PRIOR_CLICK_RATE = 0.0611
PRIOR_CONVERSION_RATE = 0.0704
"""Averages of search advertising in the USA (WordStream by LocaliQ, Google Ads Benchmarks 2023)."""
PRIOR_ROI = 2.0
"""Two units of revenue for one of cost (Google, Economic Impact, methodology)."""

_PRIOR_CLICKS, _PRIOR_IMPRESSIONS, _PRIOR_CONVERSIONS = 1_000, 20_000, 50
"""How much evidence the published averages weigh as: an assumption, about a month of a small campaign."""
_DRAWN_CLICKS, _DRAWN_IMPRESSIONS, _DRAWN_CONVERSIONS = 100, 1_000, 10
"""How much evidence a campaign's own measure needs to weigh as much as its reference: an assumption."""
_WEIGHTS = {"click_rate": 0.2, "conversion_rate": 0.4, "roi": 0.4}
"""An assumption: what is bought counts twice as much as what is clicked."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What is usual, and what that stands on."""

    click_rate: float
    conversion_rate: float
    roi: float
    basis: Basis
    history: Figures


@dataclass(frozen=True, slots=True)
class Score:
    """Points from 0 to 1, with the range they may lie in given how little was seen."""

    value: float
    low: float
    high: float


def reference_of(history: Figures) -> Reference:
    """What is usual, by the organization's own history as far as it goes."""
    clicks, impressions, conversions = history.clicks, history.impressions, history.conversions
    earned = conversions if history.roi is not None else 0.0
    # Refunds may exceed what was earned; nothing can be measured against less than nothing.
    roi = max(0.0, history.roi or 0.0)
    enough = clicks >= 9 * _PRIOR_CLICKS
    basis = Basis.HISTORY if enough else Basis.BLENDED if clicks else Basis.PRIOR
    return Reference(
        click_rate=_drawn(clicks, impressions, PRIOR_CLICK_RATE, _PRIOR_IMPRESSIONS),
        conversion_rate=_drawn(conversions, clicks, PRIOR_CONVERSION_RATE, _PRIOR_CLICKS),
        roi=(roi * earned + PRIOR_ROI * _PRIOR_CONVERSIONS) / (earned + _PRIOR_CONVERSIONS),
        basis=basis,
        history=history,
    )


def score(figures: Figures, usual: Reference) -> Score:
    """How well a campaign, or a part of one, does; 0 when nothing is known of it."""
    measures: list[tuple[str, float, float, float, float]] = []
    if figures.impressions:
        clicks = Share(figures.clicks, figures.impressions)
        drawn = _drawn(figures.clicks, figures.impressions, usual.click_rate, _DRAWN_IMPRESSIONS)
        measures.append(("click_rate", drawn, *_range(clicks, usual.click_rate, _DRAWN_IMPRESSIONS), usual.click_rate))
    if figures.clicks:
        won = Share(figures.conversions, figures.clicks)
        drawn = _drawn(figures.conversions, figures.clicks, usual.conversion_rate, _DRAWN_CLICKS)
        around = _range(won, usual.conversion_rate, _DRAWN_CLICKS)
        measures.append(("conversion_rate", drawn, *around, usual.conversion_rate))
    if figures.roi is not None:
        measures.append(("roi", *_roi(figures, usual.roi), usual.roi))
    if not measures:
        return Score(0.0, 0.0, 1.0)
    return Score(*(_mean(measures, place) for place in (1, 2, 3)))


def _mean(measures: Sequence[tuple[str, float, float, float, float]], place: int) -> float:
    weight = sum(_WEIGHTS[each[0]] for each in measures)
    points = sum(_WEIGHTS[each[0]] * _against(float(each[place]), each[4]) for each in measures)
    return round(points / weight, 6)


def _against(value: float, usual: float) -> float:
    return max(0.0, value) / (max(0.0, value) + usual)


def _drawn(successes: float, trials: float, towards: float, weight: float) -> float:
    return min(1.0, (successes + weight * towards) / (trials + weight))


def _range(share: Share, towards: float, weight: float) -> tuple[float, float]:
    low, high = wilson(Share(min(share.successes, share.trials) + weight * towards, share.trials + weight))
    return low, high


def _roi(figures: Figures, usual: float) -> tuple[float, float, float]:
    """Revenue per cost drawn towards the usual, and as far from it as so few conversions may lie (Poisson)."""
    seen = figures.conversions / (figures.conversions + _DRAWN_CONVERSIONS)
    drawn = seen * (figures.roi or 0.0) + (1 - seen) * usual
    away = 1.96 / (figures.conversions + _DRAWN_CONVERSIONS) ** 0.5
    return drawn, drawn * max(0.0, 1 - away), drawn * (1 + away)

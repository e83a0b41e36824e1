"""How much more a rate moves from day to day than chance alone makes it, and what is left of its numbers then.

Clicks of a day are not alone: a holiday, a price, a shop that is down concern all of them. So the variance of the
binomial is too small; it is multiplied by a factor, as in quasi-likelihood (P. McCullagh, J. A. Nelder, Generalized
Linear Models, 1989, ch. 4.5), which is estimated from successive days, so that a lasting change does not count as
unrest (J. von Neumann, Annals of Mathematical Statistics 12, 1941).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from statistics import fmean

from domain.figures import Fact, Figures
from domain.intelligence.significance import Share

_FEWEST_STEPS = 13
"""Of fewer steps from one day to the next nothing is concluded."""


def won(figures: Figures) -> Share:
    """Conversions of clicks."""
    return Share(figures.conversions, figures.clicks)


def clicked(figures: Figures) -> Share:
    """Clicks of impressions."""
    return Share(figures.clicks, figures.impressions)


def spread(facts: Iterable[Fact], part: Callable[[Fact], str], share: Callable[[Figures], Share]) -> float:
    """By what the variance of a share has to be multiplied, at least 1, by the days of each part."""
    parts: dict[str, dict[date, Figures]] = {}
    for fact in facts:
        if fact.day:
            days = parts.setdefault(part(fact), {})
            days[fact.day] = days.get(fact.day, Figures()) + fact.figures
    steps = [step for days in parts.values() for step in _steps([share(days[day]) for day in sorted(days)])]
    return max(1.0, fmean(steps)) if len(steps) >= _FEWEST_STEPS else 1.0


def _steps(shares: list[Share]) -> Iterable[float]:
    known = [each for each in shares if each.trials]
    trials = sum(each.trials for each in known)
    rate = min(1.0, sum(each.successes for each in known) / trials) if trials else 0.0
    for before, after in pairwise(known):
        expected = rate * (1 - rate) * (1 / before.trials + 1 / after.trials)
        if expected > 0:
            yield (after.rate - before.rate) ** 2 / expected


def thinned(share: Share, factor: float) -> Share:
    """As much of a share as its numbers are worth when its variance is that many times larger."""
    return Share(share.successes / factor, share.trials / factor)

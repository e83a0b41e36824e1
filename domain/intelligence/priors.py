"""Expected shares: an assumption that gives way to an organization's own cases as they come in (beta-binomial).

An assumption of mean m and strength s counts like s cases of which m·s hit. The interval is the equal-tailed one that
holds four fifths of the posterior, and always its mean; the incomplete beta function is Lentz's continued fraction
(DLMF 8.17.22).
"""

from __future__ import annotations

import math
from functools import lru_cache

from domain.estimates import Estimate
from domain.levels import Basis

HISTORY = 300
"""From how many own cases on a share stands on history alone: the assumption moves it by next to nothing then."""
_TAIL = 0.1
_STEPS = 60
_TERMS = 300
_TINY = 1e-300
_CLOSE = 1e-12


@lru_cache(maxsize=4096)
def beta_binomial(prior_mean: float, prior_strength: float, hits: float, trials: float) -> Estimate:
    """A share after `hits` of `trials`, when `prior_mean` was assumed as if seen in `prior_strength` cases."""
    hits = min(max(hits, 0.0), trials)
    a, b = prior_mean * prior_strength + hits, (1 - prior_mean) * prior_strength + trials - hits
    basis = Basis.PRIOR if trials <= 0 else Basis.HISTORY if trials >= HISTORY else Basis.BLENDED
    mean, low, high = a / (a + b), _quantile(a, b, _TAIL), _quantile(a, b, 1 - _TAIL)
    # With next to nothing on one side the mean lies in a tail: an interval without it would contradict its number.
    return Estimate(mean, min(mean, low), max(mean, high), basis, int(trials))


def at_least(hits: int, trials: int, rate: float) -> float:
    """The chance of at least so many hits of independent trials, of which each hits at a rate (binomial)."""
    return _below(hits, trials - hits + 1, rate) if hits > 0 else 1.0


def _quantile(a: float, b: float, share: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _below(a, b, middle) < share else (low, middle)
    return (low + high) / 2


def _below(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function: the chance of at most x."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    log = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log) * _fraction(a, b, x) / a
    # The fraction converges fast on this side of the middle only.
    return 1 - math.exp(log) * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, _bounded(1 - (a + b) * x / (a + 1))
    d = 1 / d
    found = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _bounded(1 + term * d), _bounded(1 + term / c)
            found *= d * c
        if abs(d * c - 1) < _CLOSE:
            break
    return found


def _bounded(value: float) -> float:
    return value if abs(value) > _TINY else _TINY

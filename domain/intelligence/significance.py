"""Whether two shares really differ: the two-proportion z test, Newcombe's interval, Holm's correction.

Sources: R. G. Newcombe, Statistics in Medicine 17 (1998), method 10; S. Holm, Scandinavian Journal of Statistics 6
(1979); ratio of means by the delta method (W. G. Cochran, Sampling Techniques, 1977, ch. 6).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

_NORMAL = NormalDist()
Z95 = _NORMAL.inv_cdf(0.975)
FEWEST_EXPECTED = 5.0
"""Least successes and failures to be expected in either part for the normal approximation to hold."""


@dataclass(frozen=True, slots=True)
class Share:
    """Successes out of trials; platforms report parts of successes too."""

    successes: float
    trials: float

    @property
    def rate(self) -> float:
        """The share itself, 0 without trials."""
        return min(1.0, self.successes / self.trials) if self.trials else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the first share is from the second, with its 95 % interval and the chance of it by accident alone."""

    first: float
    second: float
    low: float
    high: float
    p: float

    @property
    def size(self) -> float:
        """First minus second."""
        return self.first - self.second


def wilson(share: Share, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval of a share; everything without trials."""
    n, p = share.trials, share.rate
    if not n:
        return 0.0, 1.0
    middle, width = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - width) / (1 + z * z / n)), min(1.0, (middle + width) / (1 + z * z / n))


def enough(first: Share, second: Share, fewest: float) -> bool:
    """Whether both have `fewest` trials, and enough of both outcomes are to be expected."""
    trials = first.trials + second.trials
    if min(first.trials, second.trials) < max(fewest, 1):
        return False
    pooled = min(1.0, (first.successes + second.successes) / trials)
    rarer = min(pooled, 1 - pooled)
    return rarer * min(first.trials, second.trials) >= FEWEST_EXPECTED


def compare(first: Share, second: Share) -> Difference:
    """The two-proportion z test with Newcombe's interval; both need trials."""
    a, b = first.rate, second.rate
    pooled = min(1.0, (first.successes + second.successes) / (first.trials + second.trials))
    deviation = math.sqrt(pooled * (1 - pooled) * (1 / first.trials + 1 / second.trials))
    p = chance(a - b, deviation)
    (a_low, a_high), (b_low, b_high) = wilson(first), wilson(second)
    low = (a - b) - math.hypot(a - a_low, b_high - b)
    high = (a - b) + math.hypot(a_high - a, b - b_low)
    return Difference(a, b, low, high, p)


def holm(chances: Sequence[float]) -> list[float]:
    """The chances corrected for how many tests there were, in the same order."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, highest = [0.0] * len(chances), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[index]))
        corrected[index] = highest
    return corrected


def ratio(pairs: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Sum(first) / sum(second) over repeated days with its standard error; None when it cannot be told."""
    mean = fmean(second for _, second in pairs) if len(pairs) > 1 else 0.0
    if mean <= 0:
        return None
    found = sum(first for first, _ in pairs) / sum(second for _, second in pairs)
    variance = sum((first - found * second) ** 2 for first, second in pairs) / (len(pairs) - 1)
    return found, math.sqrt(variance / len(pairs)) / mean


def chance(distance: float, error: float) -> float:
    """The two-sided chance of a distance at least this far from nothing, by accident alone."""
    if error <= 0:
        return 1.0 if distance == 0 else 0.0
    # Not 2 (1 - cdf), which is nothing but rounding from eight deviations on.
    return math.erfc(abs(distance) / error / math.sqrt(2))


def likely(p: float) -> str:
    """A chance as it is written beside a finding, after its `p`."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def more_likely(first: Share, second: Share, prior: Share) -> float:
    """The chance that the first rate is at least the second: beta posteriors upon a prior, as normal distributions."""
    means, variances = [], []
    for share in (first, second):
        successes = min(share.successes, share.trials) + prior.successes
        trials = share.trials + prior.trials
        rate = successes / trials
        means.append(rate)
        variances.append(rate * (1 - rate) / (trials + 1))
    deviation = math.sqrt(sum(variances))
    return _NORMAL.cdf((means[0] - means[1]) / deviation) if deviation else 0.5

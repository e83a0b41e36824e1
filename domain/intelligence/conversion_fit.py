"""Learning how likely conversions are from an organization's own outcomes.

Every measure is centred and scaled, and the middle of its weight's normal prior is 0: what the outcomes do not show
counts for nothing. Measures that few outcomes have are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from domain.intelligence.conversion import INTERCEPT, ConversionWeights, Facts, Fitted, measures, points
from domain.intelligence.logistic import Numbers, auc, calibration, calibration_error, fitted, left_out

FEWEST, MOST = 10, 60
"""In how many outcomes a measure must be, and how many measures are looked at: the most frequent."""
_WEIGHT_SPREAD, _INTERCEPT_SPREAD = 0.35, 10.0
"""Standard deviations of the prior: wider ones are calibrated worse while outcomes are few."""


def fit(facts: Sequence[Facts], converted: Sequence[bool]) -> Fitted:
    """Weights from what was known at the time of each outcome; both outcomes must be there."""
    outcomes = np.array(converted, dtype=float)
    known = [measures(each) for each in facts]
    names = _frequent(known)
    raw = np.array([[each.get(name, 0.0) for name in names] for each in known], dtype=float).reshape(-1, len(names))
    centers, scales = raw.mean(axis=0), raw.std(axis=0)
    kept = scales > 1e-9
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    centers, scales = centers[kept], scales[kept]
    rows = np.hstack([np.ones((len(outcomes), 1)), (raw[:, kept] - centers) / scales])
    middle, precision = _prior(len(names))
    means, covariance = fitted(rows, outcomes, middle, precision)
    unseen = left_out(rows, outcomes, middle, precision)
    bins = calibration(unseen, outcomes)
    weights = ConversionWeights(
        (INTERCEPT, *names),
        (0.0, *map(float, centers)),
        (1.0, *map(float, scales)),
        tuple(map(float, means)),
        tuple(tuple(map(float, row)) for row in covariance),
        len(outcomes),
    )
    scored = np.array([points(each) for each in facts], dtype=float)
    return Fitted(weights, auc(unseen, outcomes), auc(scored, outcomes), calibration_error(bins), tuple(bins))


def _frequent(known: Sequence[Mapping[str, float]]) -> list[str]:
    found = Counter(name for each in known for name, value in each.items() if value)
    return [name for name, times in found.most_common(MOST) if times >= FEWEST]


def _prior(measured: int) -> tuple[Numbers, Numbers]:
    spreads = np.array([_INTERCEPT_SPREAD, *[_WEIGHT_SPREAD] * measured])
    return np.zeros(measured + 1), np.diag(1 / spreads**2)

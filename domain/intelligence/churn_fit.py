"""Learning the weights of churn from an organization's own outcomes.

The assumed weights are the middle of a normal prior, so that a few outcomes change little and many change all. What
they reach is measured on outcomes that were left out (five folds).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from domain.intelligence.churn_weights import PRIOR_WEIGHTS, Fitted, Weights
from domain.intelligence.logistic import auc, calibration, calibration_error, fitted, left_out
from domain.levels import Basis

_OWN_HISTORY = 0.9
"""From which part of what is known on, because of the outcomes, the weights count as learnt from history alone."""


def fit(rows: Sequence[Sequence[float]], left: Sequence[bool]) -> Fitted:
    """Weights from exposures (see `churn_weights.row`) and whether each user left; both outcomes must be there."""
    exposures, outcomes = np.array(rows, dtype=float), np.array(left, dtype=float)
    spread = np.array(PRIOR_WEIGHTS.covariance)
    prior = np.array(PRIOR_WEIGHTS.means), np.linalg.inv(spread)
    means, covariance = fitted(exposures, outcomes, *prior)
    unseen = left_out(exposures, outcomes, *prior)
    learnt = 1 - float(np.trace(np.linalg.solve(spread, covariance))) / len(means)
    basis = Basis.HISTORY if learnt >= _OWN_HISTORY else Basis.BLENDED
    return Fitted(
        Weights(tuple(map(float, means)), tuple(tuple(map(float, each)) for each in covariance), basis),
        auc=auc(unseen, outcomes),
        prior_auc=auc(exposures @ prior[0], outcomes),
        calibration_error=calibration_error(calibration(unseen, outcomes)),
    )

"""Learning the weights of churn from an organization's own outcomes.

The assumed weights are the middle of a normal prior, so that a few outcomes change little and many change all: the most
probable weights are found by iteratively reweighted least squares, their covariance is that of the curve there (the
approximation of Laplace). What they reach is measured on outcomes that were left out (five folds).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.churn_weights import PRIOR_WEIGHTS, Fitted, Weights
from domain.levels import Basis

Numbers = NDArray[Any]

_FOLDS, _BINS = 5, 10
_ROUNDS, _CLOSE = 50, 1e-9
_OWN_HISTORY = 0.9
"""From which part of what is known on, because of the outcomes, the weights count as learnt from history alone."""


def fit(rows: Sequence[Sequence[float]], left: Sequence[bool]) -> Fitted:
    """Weights from exposures (see `churn_weights.row`) and whether each user left; both outcomes must be there."""
    exposures, outcomes = np.array(rows, dtype=float), np.array(left, dtype=float)
    means, covariance = _fit(exposures, outcomes)
    unseen = np.empty(len(outcomes))
    folds = _folds(outcomes)
    for fold in range(_FOLDS):
        inside = folds != fold
        part, _ = _fit(exposures[inside], outcomes[inside])
        unseen[~inside] = _logistic(exposures[~inside] @ part)
    learnt = 1 - float(np.trace(np.linalg.solve(_prior_covariance(), covariance))) / len(means)
    basis = Basis.HISTORY if learnt >= _OWN_HISTORY else Basis.BLENDED
    return Fitted(
        Weights(tuple(map(float, means)), tuple(tuple(map(float, each)) for each in covariance), basis),
        auc=_auc(unseen, outcomes),
        prior_auc=_auc(exposures @ np.array(PRIOR_WEIGHTS.means), outcomes),
        calibration_error=_calibration_error(unseen, outcomes),
    )


def _fit(exposures: Numbers, outcomes: Numbers) -> tuple[Numbers, Numbers]:
    """The most probable weights and their covariance."""
    precision = np.linalg.inv(_prior_covariance())
    middle = np.array(PRIOR_WEIGHTS.means)
    weights = middle.copy()
    for _ in range(_ROUNDS):
        chances = _logistic(exposures @ weights)
        slope = exposures.T @ (outcomes - chances) - precision @ (weights - middle)
        step = np.linalg.solve(_curve(exposures, chances, precision), slope)
        # The function is concave, but far from its top a whole step may jump over it.
        weights = weights + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < _CLOSE:
            break
    return weights, np.linalg.inv(_curve(exposures, _logistic(exposures @ weights), precision))


def _curve(exposures: Numbers, chances: Numbers, precision: Numbers) -> Numbers:
    curve: Numbers = (exposures * (chances * (1 - chances))[:, None]).T @ exposures + precision
    return curve


def _prior_covariance() -> Numbers:
    return np.array(PRIOR_WEIGHTS.covariance)


def _folds(outcomes: Numbers) -> NDArray[np.int64]:
    """To which fold each outcome belongs; both outcomes are spread evenly."""
    folds = np.empty(len(outcomes), dtype=np.int64)
    for outcome in (0.0, 1.0):
        places = np.flatnonzero(outcomes == outcome)
        folds[places] = np.arange(len(places)) % _FOLDS
    return folds


def _auc(scores: Numbers, outcomes: Numbers) -> float:
    """The chance that of one who left and one who stayed the former has the higher score; ties count half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    left = float(outcomes.sum())
    stayed = len(outcomes) - left
    return float((ranks[outcomes == 1].sum() - left * (left + 1) / 2) / (left * stayed))


def _calibration_error(chances: Numbers, outcomes: Numbers) -> float:
    bins = np.array_split(np.argsort(chances, kind="stable"), _BINS)
    gaps = [abs(float(chances[each].mean() - outcomes[each].mean())) * len(each) for each in bins if len(each)]
    return sum(gaps) / len(outcomes)


def _logistic(odds: Numbers) -> Numbers:
    chances: Numbers = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return chances

"""Logistic regression with a normal prior, and what its probabilities are worth on outcomes it has not seen.

The most probable weights are found by iteratively reweighted least squares, their covariance is that of the curve there
(the approximation of Laplace).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

FOLDS, BINS = 5, 10
_ROUNDS, _CLOSE = 50, 1e-9


def fitted(rows: Numbers, outcomes: Numbers, middle: Numbers, precision: Numbers) -> tuple[Numbers, Numbers]:
    """The most probable weights and their covariance; the prior has its middle and its precision."""
    weights = middle.copy()
    for _ in range(_ROUNDS):
        chances = chances_of(rows @ weights)
        slope = rows.T @ (outcomes - chances) - precision @ (weights - middle)
        step = np.linalg.solve(_curve(rows, chances, precision), slope)
        # The function is concave, but far from its top a whole step may jump over it.
        weights = weights + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < _CLOSE:
            break
    return weights, np.linalg.inv(_curve(rows, chances_of(rows @ weights), precision))


def left_out(rows: Numbers, outcomes: Numbers, middle: Numbers, precision: Numbers) -> Numbers:
    """The probability of every row by weights that were learnt from the other folds."""
    unseen = np.empty(len(outcomes))
    folds = _folds(outcomes)
    for fold in range(FOLDS):
        inside = folds != fold
        weights, _ = fitted(rows[inside], outcomes[inside], middle, precision)
        unseen[~inside] = chances_of(rows[~inside] @ weights)
    return unseen


def auc(scores: Numbers, outcomes: Numbers) -> float:
    """The chance that of one of each outcome the one that came true has the higher score; ties count half."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    true = float(outcomes.sum())
    false = len(outcomes) - true
    return float((ranks[outcomes == 1].sum() - true * (true + 1) / 2) / (true * false))


def calibration(chances: Numbers, outcomes: Numbers) -> list[tuple[int, float, float]]:
    """Bins of equal size from the least probable to the most: how many, the mean probability, the share seen."""
    bins = np.array_split(np.argsort(chances, kind="stable"), BINS)
    return [(len(each), float(chances[each].mean()), float(outcomes[each].mean())) for each in bins if len(each)]


def calibration_error(bins: list[tuple[int, float, float]]) -> float:
    """The mean distance of predicted from seen shares over bins."""
    return sum(count * abs(predicted - seen) for count, predicted, seen in bins) / sum(count for count, _, _ in bins)


def chances_of(odds: Numbers) -> Numbers:
    """Probabilities from log-odds."""
    chances: Numbers = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return chances


def _curve(rows: Numbers, chances: Numbers, precision: Numbers) -> Numbers:
    curve: Numbers = (rows * (chances * (1 - chances))[:, None]).T @ rows + precision
    return curve


def _folds(outcomes: Numbers) -> NDArray[np.int64]:
    """To which fold each outcome belongs; both outcomes are spread evenly."""
    folds = np.empty(len(outcomes), dtype=np.int64)
    for outcome in (0.0, 1.0):
        places = np.flatnonzero(outcomes == outcome)
        folds[places] = np.arange(len(places)) % FOLDS
    return folds

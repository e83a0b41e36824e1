"""The trained weights for feedback texts, and the scores they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.feedback_features import SIZE, Features

Floats = NDArray[np.float32]

# A text of which training knew less than this share, such as one in another script, is judged with less confidence.
CLEAR = 0.8

# The order of the columns of each model.
SENTIMENT_REVIEW, SENTIMENT_SOCIAL, CATEGORY = slice(0, 3), slice(3, 6), slice(6, 9)


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: the rarity of each bucket, a weight per bucket and column, and where each column starts.

    `rarity` is 0 for buckets that training did not see. `rows` maps a bucket to its row of `table`, whose small whole
    numbers times `scales` are the weights. `starts` are added to the scores; `slopes` turn them into probabilities.
    """

    version: str
    rarity: Floats
    rows: NDArray[np.int32]
    table: NDArray[np.int8]
    scales: Floats
    starts: Floats
    slopes: Floats


@cache
def weights() -> Weights:
    """The weights that are shipped, read once."""
    with (files("domain.intelligence") / "weights" / "feedback.npz").open("rb") as file, np.load(file) as kept:
        buckets = kept["buckets"]
        rows = np.zeros(SIZE, dtype=np.int32)
        rows[buckets] = np.arange(1, len(buckets) + 1, dtype=np.int32)
        rarity = np.zeros(SIZE, dtype=np.float32)
        rarity[buckets] = kept["rarity"].astype(np.float32) * kept["rarity_scale"]
        table = np.vstack([np.zeros((1, kept["table"].shape[1]), dtype=np.int8), kept["table"]])
        return Weights(str(kept["version"]), rarity, rows, table, kept["scales"], kept["starts"], kept["slopes"])


def valued(found: Features, rarity: Floats) -> Floats:
    """How much each feature counts in its text: often and rare is more, and all texts weigh the same."""
    values = np.log1p(found.counts) * rarity[found.buckets]
    squares = np.bincount(found.rows, weights=values * values, minlength=found.texts)
    return (values / np.sqrt(np.maximum(squares, 1e-12))[found.rows]).astype(np.float32)


def scores(found: Features, learnt: Weights) -> Floats:
    """For each text the score of each column, drawn towards "anything may be" where little of it is known."""
    values = valued(found, learnt.rarity)
    each = learnt.table[learnt.rows[found.buckets]].astype(np.float32) * values[:, None]
    first = np.searchsorted(found.rows, np.arange(found.texts))
    summed: Floats = np.add.reduceat(each, first, axis=0)
    clear = np.minimum(1, known(found, learnt.rarity) / CLEAR)[:, None].astype(np.float32)
    return (summed * learnt.scales + learnt.starts) * learnt.slopes * clear


def known(found: Features, rarity: Floats) -> NDArray[np.float64]:
    """Which share of the features of each text training has seen."""
    seen = np.bincount(found.rows, weights=rarity[found.buckets] > 0, minlength=found.texts)
    return seen / np.maximum(1, np.bincount(found.rows, minlength=found.texts))

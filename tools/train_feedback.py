"""Trains the weights for feedback texts and says how good they are on texts they have not seen.

    python tools/train_feedback.py DATA_DIR

needs the `training` extra; what DATA_DIR holds is told in tools/feedback_data.py. The weights are written beside
domain/intelligence. With `--check` only the figures are made: each app, and each third of the tweets, is judged by
weights that were trained on the others, and limits are chosen on the others too.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from feedback_data import CATEGORIES, MANY_APPS, SENTIMENTS, Labelled, labelled
from feedback_figures import figures
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from domain.intelligence.cues import signs
from domain.intelligence.feedback_features import PARTS, SIGNS, SIZE, WORDS, Features, featured
from domain.intelligence.feedback_weights import CATEGORY, SENTIMENT_REVIEW, SENTIMENT_SOCIAL, valued
from domain.intelligence.feedback_words import words
from domain.intelligence.themes import known_matters

VERSION = "feedback-2026.11"
WEIGHTS = Path(__file__).parents[1] / "domain" / "intelligence" / "weights" / "feedback.npz"
# What stands in fewer texts teaches nothing that holds elsewhere.
FEWEST = 2
SENTIMENT_C, CATEGORY_C = 3.0, 30.0
SOLVER = {"solver": "sag", "max_iter": 100, "tol": 1e-3, "random_state": 1}
# Signs and whole words say more than parts of words; signs are few beside hundreds of those.
EMPHASIS = ((WORDS, 1.0), (PARTS, 0.6), (SIGNS, 4.0))
# How much of what is best to add to a category is added: apps differ in how often things are asked for.
CARRIED = 0.5
# What is judged together: an app, and a third of the tweets.
HELD_OUT = (("Garmin Connect", "tweets 0"), ("Huawei Health", "tweets 1"), (MANY_APPS, "tweets 2"))


@dataclass
class Fitted:
    """Weights before they are rounded: rarity of each bucket, weights and start of each column."""

    rarity: np.ndarray
    columns: np.ndarray
    starts: np.ndarray


def features(data: list[Labelled]) -> Features:
    """What weights are learnt for in every text."""
    tokens = [words(row.text) for row in data]
    return featured(tokens, [signs(row, known_matters(row)) for row in tokens])


def matrix(found: Features, rarity: np.ndarray) -> sp.csr_matrix:
    """The texts as rows of values."""
    return sp.csr_matrix((valued(found, rarity), (found.rows, found.buckets)), shape=(found.texts, SIZE))


def rarity_in(found: Features, rows: np.ndarray) -> np.ndarray:
    """How rare each bucket is among some of the texts: 0 below FEWEST, else 1 and more."""
    inside = rows[found.rows]
    texts = np.bincount(found.buckets[inside], minlength=SIZE)
    rare = np.log((1 + rows.sum()) / (1 + texts)) + 1
    for (start, bits), factor in EMPHASIS:
        rare[start : start + (1 << bits)] *= factor
    return np.where(texts >= FEWEST, rare, 0).astype(np.float32)


def fit(found: Features, data: list[Labelled], rows: np.ndarray) -> Fitted:
    """Learns from the texts that `rows` marks."""
    rarity = rarity_in(found, rows)
    kept = np.flatnonzero(rarity)
    values = matrix(found, rarity)[:, kept].tocsr()
    columns = np.zeros((SIZE, 9), dtype=np.float32)
    starts = np.zeros(9, dtype=np.float32)
    for place, (weights, start) in (
        *zip((SENTIMENT_REVIEW, SENTIMENT_SOCIAL), sentiment(values, data, rows), strict=True),
        (CATEGORY, category(values, data, rows)),
    ):
        columns[kept, place] = weights
        starts[place] = start
    return Fitted(rarity, columns, starts)


def sentiment(values: sp.csr_matrix, data: list[Labelled], rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """For reviews and for posts: what both share plus what is peculiar to each (feature augmentation, Daumé 2007)."""
    truth = np.array([row.sentiment for row in data])
    social = np.array([row.social for row in data], dtype=np.float32)
    kinds = sp.csr_matrix(np.stack([1 - social, social], axis=1))
    wide = sp.hstack([values, sp.diags(1 - social) @ values, sp.diags(social) @ values, kinds]).tocsr()
    learnt = LogisticRegression(C=SENTIMENT_C, **SOLVER).fit(wide[rows], truth[rows])
    size = values.shape[1]
    shared, review, post, kind = np.split(learnt.coef_.T, [size, 2 * size, 3 * size])
    return [(shared + review, learnt.intercept_ + kind[0]), (shared + post, learnt.intercept_ + kind[1])]


def category(values: sp.csr_matrix, data: list[Labelled], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One answer of yes or no for each category, learnt where the categories are known.

    What is peculiar to the labels of the many apps, which other people gave, is learnt apart and left out.
    """
    known = rows & np.array([row.categories is not None for row in data])
    truth = np.array([row.categories or (0, 0, 0) for row in data])
    others = np.array([row.group == MANY_APPS for row in data], dtype=np.float32)
    wide = sp.hstack([values, sp.diags(others) @ values, sp.csr_matrix(others[:, None])]).tocsr()
    learnt = [
        LogisticRegression(C=CATEGORY_C, **SOLVER).fit(wide[known], truth[known, place])
        for place in range(len(CATEGORIES))
    ]
    shared = [one.coef_[0][: values.shape[1]] for one in learnt]
    return np.stack(shared, axis=1), np.array([one.intercept_[0] for one in learnt])


def scored(found: Features, fitted: Fitted) -> np.ndarray:
    """The score of each text in each column."""
    return matrix(found, fitted.rarity) @ fitted.columns + fitted.starts


def settled(score: np.ndarray, data: list[Labelled], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What to add to each column so that the rarer answers are given too, and how steep probabilities are.

    The additions give the best macro-F1, the slopes the best likelihood, both on texts the scores were not learnt from.
    """
    added, slopes = np.zeros(9, dtype=np.float32), np.ones(9, dtype=np.float32)
    social = np.array([row.social for row in data])
    truth = np.array([row.sentiment for row in data])
    for place, chosen in ((SENTIMENT_REVIEW, rows & ~social), (SENTIMENT_SOCIAL, rows & social)):
        added[place] = three_way(score[chosen, place], truth[chosen])
        slopes[place] = slope(score[chosen, place] + added[place], truth[chosen])
    known = rows & np.array([row.categories is not None and row.group != MANY_APPS for row in data])
    answers = np.array([row.categories or (0, 0, 0) for row in data])
    for place in range(3):
        column = CATEGORY.start + place
        values = np.arange(-1.0, 1.61, 0.1)
        f1 = [f1_score(answers[known, place], score[known, column] + value > 0) for value in values]
        added[column] = CARRIED * values[int(np.argmax(f1))] if known.any() else 0
    return added, slopes


def three_way(score: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The additions to displeased and neutral that give the best macro-F1."""
    tried = [
        np.array([low, middle, 0.0]) for low in np.arange(-0.6, 0.61, 0.1) for middle in np.arange(-0.4, 2.01, 0.1)
    ]
    return max(tried, key=lambda one: f1_score(truth, (score + one).argmax(axis=1), average="macro"))


def slope(score: np.ndarray, truth: np.ndarray) -> float:
    """The factor under which the probabilities of the scores fit best."""

    def loss(factor: float) -> float:
        powers = score * factor
        powers -= powers.max(axis=1, keepdims=True)
        chances = np.exp(powers) / np.exp(powers).sum(axis=1, keepdims=True)
        return float(-np.log(chances[np.arange(len(truth)), truth] + 1e-9).mean())

    return float(min(np.arange(0.5, 3.01, 0.05), key=loss))


def held_out(found: Features, data: list[Labelled]) -> np.ndarray:
    """The score of each text by weights that have not seen its app, or its third of the tweets."""
    score = np.zeros((len(data), 9), dtype=np.float32)
    groups = np.array([row.group for row in data])
    for names in HELD_OUT:
        rows = np.isin(groups, names)
        score[rows] = scored(found, fit(found, data, ~rows))[rows]
    return score


def settled_elsewhere(score: np.ndarray, data: list[Labelled]) -> np.ndarray:
    """The scores with the additions and slopes that fit the other groups best."""
    groups = np.array([row.group for row in data])
    result = np.zeros_like(score)
    for names in HELD_OUT:
        rows = np.isin(groups, names)
        added, slopes = settled(score, data, ~rows)
        result[rows] = ((score + added) * slopes)[rows]
    return result


def save(fitted: Fitted, added: np.ndarray, slopes: np.ndarray, file: Path) -> None:
    """Writes the weights, rounded to 255 steps a column."""
    buckets = np.flatnonzero(fitted.rarity)
    scales = np.abs(fitted.columns).max(axis=0) / 127
    rarity_scale = np.float32(fitted.rarity.max() / 255)
    np.savez_compressed(
        file,
        version=np.array(VERSION),
        buckets=buckets.astype(np.int32),
        rarity=np.maximum(1, np.round(fitted.rarity[buckets] / rarity_scale)).astype(np.uint8),
        rarity_scale=rarity_scale,
        table=np.round(fitted.columns[buckets] / scales).astype(np.int8),
        scales=scales.astype(np.float32),
        starts=(fitted.starts + added).astype(np.float32),
        slopes=slopes.astype(np.float32),
    )


def main() -> None:
    """Trains, checks and saves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--check", action="store_true", help="only say how good the weights are")
    chosen = parser.parse_args()
    data = labelled(chosen.data)
    found = features(data)
    score = held_out(found, data)
    trained = np.array([not row.aside for row in data])
    added, slopes = settled(score, data, trained)
    if not chosen.check:
        save(fit(found, data, trained), added, slopes, WEIGHTS)
        sys.stdout.write(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes, {len(SENTIMENTS)} sentiments\n")
    for line in figures(settled_elsewhere(score, data), data):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

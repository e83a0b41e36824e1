"""Trains what judges feedback by its embedding, and says how good it is alone and together with the words.

    python tools/train_embedded.py DATA_DIR EMBEDDINGS.npy

needs the `training` and `embeddings` extras, and the data of tools/train_feedback.py. The embeddings are made into the
named file first if it is not there, which takes some minutes. A fixed part of the texts is enough for so few numbers.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from feedback_data import CATEGORIES, MANY_APPS, Labelled, labelled
from feedback_figures import figures
from sklearn.linear_model import LogisticRegression
from train_feedback import HELD_OUT, WEIGHTS, features, held_out, settled

from domain.intelligence.embedded import BESIDE, embeddings
from domain.intelligence.feedback_weights import CATEGORY, SENTIMENT_REVIEW, SENTIMENT_SOCIAL

HEADS = WEIGHTS.with_name("embedded.npz")
# Texts that are embedded, drawn once for all.
TEXTS = 8_000
# The inverse of the penalty on weights, chosen on held-out apps.
SENTIMENT_C, CATEGORY_C = 5.0, 10.0


def drawn(data: list[Labelled]) -> np.ndarray:
    """The places of the texts to learn from."""
    return np.sort(np.random.default_rng(0).permutation(len(data))[:TEXTS])


def fit(values: np.ndarray, data: list[Labelled], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and starts of all columns, learnt from the texts that `rows` marks."""
    table, starts = np.zeros((values.shape[1], 9)), np.zeros(9)
    social = np.array([row.social for row in data])
    truth = np.array([row.sentiment for row in data])
    for place, mine in ((SENTIMENT_REVIEW, ~social), (SENTIMENT_SOCIAL, social)):
        # Texts of the other kind teach too, at a third of the weight.
        weight = np.where(mine, 1.0, 0.33)[rows]
        learnt = LogisticRegression(C=SENTIMENT_C, max_iter=500).fit(values[rows], truth[rows], sample_weight=weight)
        table[:, place], starts[place] = learnt.coef_.T, learnt.intercept_
    known = rows & np.array([row.categories is not None and row.group != MANY_APPS for row in data])
    answers = np.array([row.categories or (0, 0, 0) for row in data])
    for place in range(len(CATEGORIES)):
        one = LogisticRegression(C=CATEGORY_C, max_iter=500).fit(values[known], answers[known, place])
        table[:, CATEGORY.start + place], starts[CATEGORY.start + place] = one.coef_[0], one.intercept_[0]
    return table, starts


def held_out_embedded(values: np.ndarray, data: list[Labelled]) -> np.ndarray:
    """The score of each text by weights that have not seen its app, or its third of the tweets."""
    groups = np.array([row.group for row in data])
    score = np.zeros((len(data), 9))
    for names in HELD_OUT:
        rows = np.isin(groups, names)
        table, starts = fit(values, data, ~rows)
        score[rows] = values[rows] @ table + starts
    return score


def main() -> None:
    """Trains, checks and saves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("embeddings", type=Path)
    chosen = parser.parse_args()
    everything = labelled(chosen.data)
    places = drawn(everything)
    data = [everything[place] for place in places]
    if not chosen.embeddings.exists():
        np.save(chosen.embeddings, embeddings([row.text for row in data]))
    values = np.load(chosen.embeddings)
    alone = held_out_embedded(values, data)
    words = held_out(features(everything), everything)
    added, slopes = settled(words, everything, np.array([not row.aside for row in everything]))
    words = ((words + added) * slopes)[places]
    trained = np.array([not row.aside for row in data])
    for name, score in (("words", words), ("embedding", alone), ("both", (1 - BESIDE) * alone + BESIDE * words)):
        added, slopes = settled(score, data, trained)
        sys.stdout.write(f"{name}\n")
        for line in figures((score + added) * slopes, data):
            sys.stdout.write(f"{line}\n")
    table, starts = fit(values, data, trained)
    np.savez_compressed(
        HEADS,
        table=table.astype(np.float16),
        starts=starts.astype(np.float32),
        added=added.astype(np.float32),
        slopes=slopes.astype(np.float32),
    )


if __name__ == "__main__":
    main()

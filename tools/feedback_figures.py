"""How good scores of feedback texts are, against what people said of the texts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from feedback_data import CATEGORIES, Labelled
from sklearn.metrics import f1_score, roc_auc_score

from domain.intelligence.feedback_weights import CATEGORY, SENTIMENT_REVIEW, SENTIMENT_SOCIAL


def figures(score: np.ndarray, data: list[Labelled]) -> Iterator[str]:
    """One line for each group and language, then the means over the tweets."""
    groups = np.array(["tweets" if row.social else row.group for row in data])
    languages = np.array([row.language for row in data])
    for group in dict.fromkeys(groups.tolist()):
        lines = [
            (language, sentiment_figures(score[rows], [row for row, hit in zip(data, rows, strict=True) if hit]))
            for language in dict.fromkeys(languages[groups == group].tolist())
            if (rows := (groups == group) & (languages == language)).any()
        ]
        for language, measured in lines:
            rows = (groups == group) & (languages == language)
            yield f"sentiment  {group:15} {language} {rows.sum():5}  {said(measured)}"
            if group != "tweets":
                of = [row for row, hit in zip(data, rows, strict=True) if hit]
                yield f"category   {group:15} {language} {rows.sum():5}  {said(category_figures(score[rows], of))}"
        if group == "tweets":
            mean = {name: float(np.mean([one[name] for _, one in lines])) for name in lines[0][1]}
            yield f"sentiment  tweets          mean of {len(lines)} {said(mean)}"


def said(measured: dict[str, float]) -> str:
    """Figures in one line."""
    return "  ".join(f"{name} {value:.3f}" for name, value in measured.items())


def chances(score: np.ndarray) -> np.ndarray:
    """Probabilities of three answers of which one holds."""
    powers = np.exp(score - score.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sentiment_figures(score: np.ndarray, data: list[Labelled]) -> dict[str, float]:
    """Macro-F1 of three classes, how well pleased and displeased are told apart, and how far confidence misses."""
    truth = np.array([row.sentiment for row in data])
    sure = chances(score[:, SENTIMENT_SOCIAL if data[0].social else SENTIMENT_REVIEW])
    pleased = sure[:, 2] + sure[:, 1] / 2
    outer = truth != 1
    decided = sure.argmax(axis=1)
    each = f1_score(truth, decided, average=None, labels=[0, 1, 2])
    return {
        "macro-F1": float(each.mean()),
        "neutral-F1": float(each[1]),
        "AUC": float(roc_auc_score(truth[outer] == 2, pleased[outer])),
        "ECE": miss(sure.max(axis=1), decided == truth),
    }


def category_figures(score: np.ndarray, data: list[Labelled]) -> dict[str, float]:
    """F1 over all answers, its mean over the categories, and each alone."""
    truth = np.array([row.categories for row in data])
    column = score[:, CATEGORY]
    held = column > 0
    held[np.arange(len(held)), column.argmax(axis=1)] = True
    each = f1_score(truth, held, average=None)
    return {
        "micro-F1": float(f1_score(truth, held, average="micro")),
        "macro-F1": float(each.mean()),
        **{name: float(value) for name, value in zip(CATEGORIES, each, strict=True)},
    }


def miss(sure: np.ndarray, right: np.ndarray) -> float:
    """Expected calibration error over ten equal steps of confidence."""
    step = np.minimum((sure * 10).astype(int), 9)
    parts = [(step == place) for place in range(10)]
    return float(sum(part.mean() * abs(sure[part].mean() - right[part].mean()) for part in parts if part.any()))

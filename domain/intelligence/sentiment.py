"""Whether an author is pleased: trained weights on the words, and stars where the author gave some."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.feedback_findings import FeedbackSource, FeedbackText, Sentiment
from domain.intelligence.feedback_weights import SENTIMENT_REVIEW, SENTIMENT_SOCIAL

Floats = NDArray[np.float32]

ORDER = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
# What authors who gave so many stars tend to feel, in ORDER; a rule, not measured on anybody's customers.
RATED = {
    1: (0.92, 0.06, 0.02),
    2: (0.75, 0.20, 0.05),
    3: (0.20, 0.60, 0.20),
    4: (0.04, 0.16, 0.80),
    5: (0.01, 0.05, 0.94),
}
# With stars, the words count for this power of what they count for alone, as both come from one mood.
BESIDE_STARS = 0.6


def sentiment_chances(scores: Floats, texts: list[FeedbackText]) -> Floats:
    """For each text the probabilities of ORDER: p(words) to the power BESIDE_STARS times p(stars), scaled to 1."""
    social = np.array([text.source is FeedbackSource.SOCIAL for text in texts])
    chosen = np.where(social[:, None], scores[:, SENTIMENT_SOCIAL], scores[:, SENTIMENT_REVIEW])
    powers = chosen - chosen.max(axis=1, keepdims=True)
    powers -= np.log(np.exp(powers).sum(axis=1, keepdims=True))
    for row, text in enumerate(texts):
        if text.rating in RATED:
            powers[row] = powers[row] * BESIDE_STARS + np.log(RATED[text.rating])
    chances: Floats = np.exp(powers - powers.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


def decided(chances: list[float]) -> tuple[Sentiment, float, float]:
    """The likeliest sentiment, how pleased the author is from 0 to 1, and how sure the first is."""
    place = max(range(3), key=chances.__getitem__)
    return ORDER[place], chances[2] + chances[1] / 2, chances[place]

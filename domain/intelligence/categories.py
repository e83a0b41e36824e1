"""What feedback is: a bug report, a request for a feature, both, or general, by trained weights on the words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.intelligence.feedback_findings import FeedbackCategory
from domain.intelligence.feedback_weights import CATEGORY

Floats = NDArray[np.float32]

ORDER = (FeedbackCategory.BUG_REPORT, FeedbackCategory.FEATURE_REQUEST, FeedbackCategory.GENERAL)


def category_chances(scores: Floats) -> Floats:
    """For each text the probability that each of ORDER holds; several may."""
    chances: Floats = (1 / (1 + np.exp(-np.clip(scores[:, CATEGORY], -30, 30)))).astype(np.float32)
    return chances


def held(chances: list[float]) -> tuple[FeedbackCategory, tuple[FeedbackCategory, ...], float]:
    """The likeliest category, all that are likelier than not (the likeliest first), and how sure the first is."""
    places = sorted(range(3), key=lambda place: -chances[place])
    others = [place for place in places[1:] if chances[place] > 0.5]
    return ORDER[places[0]], tuple(ORDER[place] for place in (places[0], *others)), chances[places[0]]

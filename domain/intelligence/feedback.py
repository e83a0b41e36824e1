"""What feedback says: language, sentiment, category, priority, themes and things named, for many texts at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from domain.intelligence.categories import category_chances, held
from domain.intelligence.cues import signs
from domain.intelligence.feedback_features import featured
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackFindings, FeedbackText, Sentiment
from domain.intelligence.feedback_weights import Floats, scores, weights
from domain.intelligence.feedback_words import ANALYSED, words
from domain.intelligence.language import language_of
from domain.intelligence.phrases import Found
from domain.intelligence.priority import priority
from domain.intelligence.sentiment import decided, sentiment_chances
from domain.intelligence.themes import entities, known_matters, themes

Refined = Callable[[Sequence[str], Floats], Floats]

# The scores of a text without words: neutral, and general.
UNSAID = np.array([0, 1, 0, 0, 1, 0, -3, -3, 3], dtype=np.float32)
# Texts of so many characters in all are in memory as numbers at a time, some 300 bytes for each character.
TOGETHER = 50_000


def version(refined: Refined | None = None) -> str:
    """The name of what judges, to be kept with its findings: of the weights, and whether an embedding refined them."""
    return f"{weights().version}+embedding" if refined else weights().version


def analyse(texts: Sequence[FeedbackText], refined: Refined | None = None) -> list[FeedbackFindings]:
    """What each text says, in their order; of a text only the first ANALYSED characters count.

    `refined` makes better scores of those of the words, as `domain.intelligence.embedded.refined` does.
    """
    return [findings for part in _parts(texts) for findings in _together(part, refined)]


def themes_of(texts: Sequence[FeedbackText]) -> list[tuple[str, ...]]:
    """The themes of each text alone, spelled alike for the same matter so that they can be counted."""
    return [findings.themes for findings in analyse(texts)]


def _parts(texts: Sequence[FeedbackText]) -> Iterator[list[FeedbackText]]:
    part: list[FeedbackText] = []
    size = 0
    for text in texts:
        part.append(text)
        size += min(len(text.content), ANALYSED)
        if size >= TOGETHER:
            yield part
            part, size = [], 0
    if part:
        yield part


def _together(texts: list[FeedbackText], refined: Refined | None) -> list[FeedbackFindings]:
    tokens = [words(text.content) for text in texts]
    matters = [known_matters(row) for row in tokens]
    signed = [signs(*row) for row in zip(tokens, matters, strict=True)]
    found = scores(featured(tokens, signed), weights())
    if refined is not None:
        found = refined([text.content for text in texts], found)
    found[[not row for row in tokens]] = UNSAID
    moods = sentiment_chances(found, texts).tolist()
    kinds = category_chances(found).tolist()
    return [_findings(*one) for one in zip(texts, tokens, matters, moods, kinds, strict=True)]


def _findings(
    text: FeedbackText, tokens: list[str], matters: list[Found], mood: list[float], kind: list[float]
) -> FeedbackFindings:
    sentiment, score, sure = decided(mood)
    category, categories, category_sure = held(kind)
    level, reasons = priority(tokens, matters, categories, sentiment, text.rating)
    content = text.content[:ANALYSED]
    return FeedbackFindings(
        language=language_of(content, text.language),
        sentiment=sentiment,
        sentiment_score=score,
        sentiment_confidence=sure,
        category=category,
        categories=categories,
        category_confidence=category_sure,
        priority=level,
        priority_reasons=reasons,
        themes=themes(
            tokens,
            matters,
            troubled=FeedbackCategory.BUG_REPORT in categories or sentiment is Sentiment.NEGATIVE,
            asks=FeedbackCategory.FEATURE_REQUEST in categories,
        ),
        entities=entities(content, tokens, matters),
    )

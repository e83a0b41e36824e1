"""What is looked for in feedback, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FeedbackSource(StrEnum):
    """Where feedback came from."""

    APP_STORE = "APP_STORE"
    SUPPORT = "SUPPORT"
    SURVEY = "SURVEY"
    SOCIAL = "SOCIAL"


class Sentiment(StrEnum):
    """Whether the author is pleased."""

    POSITIVE = "POSITIVE"
    NEUTRAL = "NEUTRAL"
    NEGATIVE = "NEGATIVE"


class FeedbackCategory(StrEnum):
    """What feedback is about."""

    BUG_REPORT = "BUG_REPORT"
    FEATURE_REQUEST = "FEATURE_REQUEST"
    GENERAL = "GENERAL"


class FeedbackPriority(StrEnum):
    """How soon somebody should look at it."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True)
class FeedbackText:
    """One piece of feedback as it is analysed. `rating` is 1 to 5 stars, `language` what the sender said it is in."""

    content: str
    source: FeedbackSource
    rating: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FeedbackFindings:
    """What one piece of feedback says.

    `sentiment_score` is 0 (displeased) to 1 (pleased); confidences are probabilities of what was decided. `categories`
    are all that hold, `category` the leading one. `priority_reasons` name the parts of the rule that applied, `themes`
    and `entities` are lower-case words joined by underscores. `language` is an ISO 639-1 code, None when unsure.
    """

    language: str | None
    sentiment: Sentiment
    sentiment_score: float
    sentiment_confidence: float
    category: FeedbackCategory
    categories: tuple[FeedbackCategory, ...]
    category_confidence: float
    priority: FeedbackPriority
    priority_reasons: tuple[str, ...]
    themes: tuple[str, ...]
    entities: tuple[str, ...]

"""Making feedback in volume: authors, what they say, and the themes of it.

The analysis is drawn by share and not worked out from the text, which would take a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain.feedback import EndUser, Feedback, FeedbackTheme
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, FeedbackSource, Sentiment
from gateway.seeds.rows import values_of
from resolvers.feedback_writes import COUNTED_BY, URGENCY

Row = dict[str, Any]

_SPAN = timedelta(days=730)
_PIECES_PER_USER = 4
_KINDS = (
    # category, sentiment, mean score, priority, share, beginning of a text
    (FeedbackCategory.BUG_REPORT, Sentiment.NEGATIVE, 0.12, FeedbackPriority.HIGH, 12, "Since the update there is"),
    (FeedbackCategory.BUG_REPORT, Sentiment.NEGATIVE, 0.2, FeedbackPriority.MEDIUM, 8, "Again and again I get"),
    (FeedbackCategory.BUG_REPORT, Sentiment.NEGATIVE, 0.05, FeedbackPriority.CRITICAL, 2, "I have lost everything by"),
    (FeedbackCategory.FEATURE_REQUEST, Sentiment.NEUTRAL, 0.55, FeedbackPriority.MEDIUM, 14, "It would help to have"),
    (FeedbackCategory.FEATURE_REQUEST, Sentiment.POSITIVE, 0.8, FeedbackPriority.MEDIUM, 8, "Great, only I miss"),
    (FeedbackCategory.GENERAL, Sentiment.POSITIVE, 0.93, FeedbackPriority.LOW, 40, "I am glad of"),
    (FeedbackCategory.GENERAL, Sentiment.NEUTRAL, 0.5, FeedbackPriority.LOW, 10, "I have used"),
    (FeedbackCategory.GENERAL, Sentiment.NEGATIVE, 0.15, FeedbackPriority.MEDIUM, 6, "I do not care for"),
)
_THEMES = (
    *("crash", "login_error", "slow_loading", "dark_mode", "offline_sync", "export_data", "ease_of_use", "design"),
    *("performance", "notifications", "battery", "price", "payment", "customer_support", "search", "navigation"),
)
_PLATFORMS, _LANGUAGES = ("ios", "android", "web"), ("en", "de", "fr", "es", "it", "pt")


class FeedbackMaker:
    """Makes rows of feedback; each kind from what the earlier ones left."""

    def __init__(self, organization_id: str, now: datetime, first_user: int) -> None:
        """Users are numbered from `first_user` on."""
        self._organization_id, self._now, self._first_user = organization_id, now, first_user
        # Not for secrets: the same numbers should come again.
        self._random = Random(first_user)  # noqa: S311
        self._faces = [kind for kind in _KINDS for _ in range(kind[4])]
        self._users: list[str] = []
        self._pieces: list[Row] = []

    def users(self, pieces: int) -> Iterator[Row]:
        """Authors of so many pieces of feedback."""
        for number in range(-(-pieces // _PIECES_PER_USER)):
            at = self._now - _SPAN + timedelta(minutes=number % 1440)
            row = values_of(
                EndUser(
                    **self._owned(EndUser.new_id(), at),
                    external_id=f"user_{self._first_user + number}",
                    signup_date=at.date(),
                    last_login=(self._now - timedelta(days=int(self._random.expovariate(1 / 20)))).date(),
                    core_features=round(self._random.random(), 2),
                    advanced_features=round(self._random.random() ** 2, 2),
                    support_usage=round(self._random.random() / 3, 2),
                    updated_at=at,
                )
            )
            self._users.append(row["id"])
            yield row

    def feedback(self, count: int) -> Iterator[Row]:
        """Pieces of feedback over two years, oldest first."""
        for number in range(count):
            at = self._now - _SPAN + _SPAN * number / max(1, count)
            category, sentiment, mean, priority, _, beginning = self._one(self._faces)
            themes = list(dict.fromkeys(self._one(_THEMES) for _ in range(self._random.randrange(3))))
            words = " and ".join(each.replace("_", " ") for each in themes) or "the app"
            row = values_of(
                Feedback(
                    **self._owned(Feedback.new_id(), at.replace(microsecond=0)),
                    source=self._one(tuple(FeedbackSource)),
                    content=f"{beginning} {words}.",
                    rating=self._random.randrange(1, 6),
                    version=f"2.{number * 12 // max(1, count)}.0",
                    platform=self._one(_PLATFORMS),
                    language=None,
                    detected_language=self._one(_LANGUAGES),
                    details={},
                    sentiment=sentiment,
                    sentiment_score=min(1.0, max(0.0, self._random.gauss(mean, 0.05))),
                    sentiment_confidence=0.8,
                    category=category,
                    categories=[category.value],
                    category_confidence=0.8,
                    priority=priority,
                    priority_reasons=[],
                    urgency=URGENCY[priority],
                    themes=themes,
                    entities=["app"],
                    recommendations=[],
                    analyzed_by="drawn",
                    end_user_id=self._one(self._users) if self._users else None,
                )
            )
            self._pieces.append(row)
            yield row

    def themes(self) -> Iterator[Row]:
        """The themes of the pieces made."""
        for piece in self._pieces:
            counted = {name: piece[name] for name in COUNTED_BY}
            for theme in piece["themes"]:
                owned = self._owned(FeedbackTheme.new_id(), piece["created_at"])
                yield values_of(FeedbackTheme(**owned, feedback_id=piece["id"], theme=theme, **counted))

    def _one(self, values: Any) -> Any:
        return values[int(self._random.random() * len(values))]

    def _owned(self, id: str, at: datetime) -> Row:
        return {"id": id, "organization_id": self._organization_id, "created_at": at}

"""Feedback, end users and predictions as rows, and an analyst that goes by single words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.feedback import ChurnModel, ChurnPrediction, EndUser, Feedback, FeedbackTheme
from domain.intelligence.feedback_findings import (
    FeedbackCategory,
    FeedbackFindings,
    FeedbackPriority,
    FeedbackSource,
    FeedbackText,
    Sentiment,
)
from domain.levels import Basis, RiskLevel
from gateway.database import Database
from resolvers.feedback_writes import COUNTED_BY

_MOODS = {"great": (Sentiment.POSITIVE, 0.9), "crash": (Sentiment.NEGATIVE, 0.1), "hate": (Sentiment.NEGATIVE, 0.0)}
_KINDS = {"crash": FeedbackCategory.BUG_REPORT, "needs": FeedbackCategory.FEATURE_REQUEST}
_THEMES = {"dark mode": "dark_mode", "login": "login", "crash": "crash"}


class WordAnalyst:
    """An analyst whose answers a test can foresee: "great", "crash" and "needs" decide; it counts its calls."""

    version = "words 1"

    def __init__(self, confidence: float = 0.9) -> None:
        self.confidence = confidence
        self.calls: list[int] = []

    async def feedback(self, texts: Sequence[FeedbackText]) -> Sequence[FeedbackFindings]:
        self.calls.append(len(texts))
        return [self._found(each) for each in texts]

    async def language(self, text: str) -> str | None:
        return "en"

    def _found(self, text: FeedbackText) -> FeedbackFindings:
        words = text.content.lower()
        mood, score = next((mood for word, mood in _MOODS.items() if word in words), (Sentiment.NEUTRAL, 0.5))
        kind = next((kind for word, kind in _KINDS.items() if word in words), FeedbackCategory.GENERAL)
        themes = tuple(theme for word, theme in _THEMES.items() if word in words)
        urgent = FeedbackPriority.CRITICAL if "now" in words else FeedbackPriority.HIGH
        level = {FeedbackCategory.BUG_REPORT: urgent, FeedbackCategory.FEATURE_REQUEST: FeedbackPriority.MEDIUM}
        return FeedbackFindings(
            language=text.language or "en",
            sentiment=mood,
            sentiment_score=score,
            sentiment_confidence=self.confidence,
            category=kind,
            categories=(kind,),
            category_confidence=self.confidence,
            priority=level.get(kind, FeedbackPriority.LOW),
            priority_reasons=("by its words",),
            themes=themes,
            entities=("app",),
        )


def hire(database: Database, analyst: Any = None) -> Any:
    """Have an analyst read feedback; the one by words unless another is given."""
    hired = analyst or WordAnalyst()
    database.outside = replace(database.outside, analyst=hired)
    return hired


def end_user_row(organization: str, at: datetime, **values: Any) -> EndUser:
    """An end user that is not stored yet."""
    key = EndUser.new_id()
    known: dict[str, Any] = {"external_id": key, "updated_at": at, "churn_order": -1.0}
    return EndUser(id=key, organization_id=organization, created_at=at, **(known | values))


def feedback_row(organization: str, at: datetime, **values: Any) -> Feedback:
    """A piece of feedback that is not stored yet."""
    known: dict[str, Any] = {
        "source": FeedbackSource.APP_STORE,
        "content": "Great app",
        "details": {},
        "sentiment": Sentiment.POSITIVE,
        "sentiment_score": 0.9,
        "sentiment_confidence": 0.9,
        "category": FeedbackCategory.GENERAL,
        "categories": ["GENERAL"],
        "category_confidence": 0.9,
        "priority": FeedbackPriority.LOW,
        "priority_reasons": [],
        "themes": [],
        "entities": [],
        "recommendations": [],
        "analyzed_by": "words 1",
        "urgency": 0,
    }
    return Feedback(id=Feedback.new_id(), organization_id=organization, created_at=at, **(known | values))


def theme_row(feedback: Feedback, theme: str) -> FeedbackTheme:
    """That a piece of feedback names a theme, not stored yet."""
    return FeedbackTheme(
        id=FeedbackTheme.new_id(),
        organization_id=feedback.organization_id,
        created_at=feedback.created_at,
        feedback_id=feedback.id,
        theme=theme,
        **{name: getattr(feedback, name) for name in COUNTED_BY},
    )


def model_row(organization: str, at: datetime, **values: Any) -> ChurnModel:
    """Learnt weights that are not stored yet."""
    known: dict[str, Any] = {"labels": 200, "churned": 50, "weights": {}, "auc": 0.8, "calibration_error": 0.05}
    return ChurnModel(id=ChurnModel.new_id(), organization_id=organization, created_at=at, **(known | values))


def prediction_row(user: EndUser, at: datetime, **values: Any) -> ChurnPrediction:
    """A prediction that is not stored yet."""
    known: dict[str, Any] = {
        "probability": 0.3,
        "low": 0.1,
        "high": 0.6,
        "basis": Basis.PRIOR,
        "risk_level": RiskLevel.MEDIUM,
        "risk_factors": [],
        "recommendations": [],
        "inputs": {},
    }
    return ChurnPrediction(
        id=ChurnPrediction.new_id(),
        organization_id=user.organization_id,
        created_at=at,
        end_user_id=user.id,
        **(known | values),
    )


def feedback_rows(organization: str, at: datetime, contact: str | None = None, editor: str | None = None) -> list[Any]:
    """One of everything of feedback, all of one author."""
    user = end_user_row(organization, at, contact_id=contact, churn_order=0.3)
    piece = feedback_row(
        organization, at, end_user_id=user.id, themes=["dark_mode"], corrected_at=at, corrected_by_id=editor
    )
    model = model_row(organization, at)
    prediction = prediction_row(user, at, model_id=model.id)
    return [user, piece, theme_row(piece, "dark_mode"), model, prediction]

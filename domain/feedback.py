"""Feedback of end users, what it says, and how likely they are to leave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.compliance import ProcessingStatus
from domain.entity import Entity, Owned
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, FeedbackSource, Sentiment
from domain.levels import Basis, RiskLevel


class EndUser(Owned, Entity):
    """Somebody who uses the customer's product. `external_id` is the customer's own name for it: any text (X-12).

    Usage and sentiment are fractions. `email` is set, in lower case, when the external id is an address. `churned_at`
    is when the user left, `retained_at` when it was known to stay: both teach the organization's own model.
    `churn_order` is what users are sorted by: the probability last predicted, -1 before the first.
    """

    __tablename__ = "end_user"
    __table_args__ = (
        Index("ux_end_user_external", "organization_id", "external_id", unique=True),
        Index("ix_end_user_recent", "organization_id", "created_at", "id"),
        Index("ix_end_user_contact", "contact_id", "created_at", "id"),
        Index("ix_end_user_lead", "lead_id", "created_at", "id"),
        Index("ix_end_user_email", "organization_id", "email"),
        Index("ix_end_user_churn", "organization_id", "churn_order", "id"),
    )
    prefix, label = "euser", "User"

    external_id: Mapped[str]
    email: Mapped[str | None]
    signup_date: Mapped[date | None]
    last_login: Mapped[date | None]
    core_features: Mapped[float | None]
    advanced_features: Mapped[float | None]
    support_usage: Mapped[float | None]
    total_feedback: Mapped[int | None]
    positive_feedback: Mapped[int | None]
    negative_feedback: Mapped[int | None]
    recent_sentiment: Mapped[float | None]
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    lead_id: Mapped[str | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"))
    churned_at: Mapped[datetime | None]
    retained_at: Mapped[datetime | None]
    churn_order: Mapped[float] = mapped_column(default=-1.0)
    updated_at: Mapped[datetime]


class Feedback(Owned, Entity):
    """One piece of feedback and what it says. `metadata` is whatever else was sent with it.

    `sentiment_score` is 0 (displeased) to 1 (pleased), confidences are probabilities. `analyzed_by` names the model,
    `urgency` is the priority as a number, 0 to 3. Where a person has corrected the analysis, `model_sentiment` and
    `model_category` are what the model had said.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_recent", "organization_id", "created_at", "id"),
        Index("ix_feedback_category", "organization_id", "category", "created_at", "id"),
        Index("ix_feedback_user", "end_user_id", "created_at", "id"),
        # Everything a report counts by: it reads this index and no content.
        Index(
            "ix_feedback_report",
            "organization_id",
            "created_at",
            "source",
            "category",
            "sentiment",
            "urgency",
            "sentiment_score",
            "platform",
            "version",
            "detected_language",
        ),
        Index("ix_feedback_batch", "batch_id", "position", "id"),
        Index("ix_feedback_sentiment", "organization_id", "sentiment_score", "id"),
        Index("ix_feedback_urgency", "organization_id", "urgency", "id"),
    )
    prefix, label = "fb", "Feedback"

    source: Mapped[FeedbackSource]
    content: Mapped[str]
    rating: Mapped[int | None]
    version: Mapped[str | None]
    platform: Mapped[str | None]
    language: Mapped[str | None]
    detected_language: Mapped[str | None]
    details: Mapped[dict[str, Any]]
    status: Mapped[ProcessingStatus] = mapped_column(default=ProcessingStatus.PROCESSED)
    sentiment: Mapped[Sentiment]
    sentiment_score: Mapped[float]
    sentiment_confidence: Mapped[float]
    category: Mapped[FeedbackCategory]
    categories: Mapped[list[str]]
    category_confidence: Mapped[float]
    priority: Mapped[FeedbackPriority]
    priority_reasons: Mapped[list[str]]
    themes: Mapped[list[str]]
    entities: Mapped[list[str]]
    recommendations: Mapped[list[dict[str, Any]]]
    analyzed_by: Mapped[str]
    urgency: Mapped[int]
    corrected_at: Mapped[datetime | None]
    corrected_by_id: Mapped[str | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    model_sentiment: Mapped[Sentiment | None]
    model_category: Mapped[FeedbackCategory | None]
    end_user_id: Mapped[str | None] = mapped_column(ForeignKey("end_user.id", ondelete="SET NULL"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    position: Mapped[int | None]


class FeedbackTheme(Owned, Entity):
    """That a piece of feedback is about a theme: the rows that themes are counted from.

    What they are counted by is repeated here, so that counting reads one index.
    """

    __tablename__ = "feedback_theme"
    __table_args__ = (
        Index("ix_feedback_theme_feedback", "feedback_id"),
        Index(
            "ix_feedback_theme_theme",
            "organization_id",
            "theme",
            "created_at",
            "category",
            "source",
            "sentiment_score",
            "platform",
            "version",
            "detected_language",
            "feedback_id",
        ),
    )
    prefix, label = "fbt", "Theme"

    feedback_id: Mapped[str] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"))
    theme: Mapped[str]
    category: Mapped[FeedbackCategory]
    source: Mapped[FeedbackSource]
    sentiment_score: Mapped[float]
    platform: Mapped[str | None]
    version: Mapped[str | None]
    detected_language: Mapped[str | None]


class ChurnPrediction(Owned, Entity):
    """How likely an end user was to leave, as of when it was asked, and why.

    `low` and `high` bound the probability; `basis` says whether the organization's own history is in it, `inputs` what
    was known of the user.
    """

    __tablename__ = "churn_prediction"
    __table_args__ = (
        Index("ix_churn_prediction_user", "end_user_id", "created_at", "id"),
        Index("ix_churn_prediction_recent", "organization_id", "created_at", "id"),
    )
    prefix, label = "churn", "Churn prediction"

    end_user_id: Mapped[str] = mapped_column(ForeignKey("end_user.id", ondelete="CASCADE"))
    probability: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    basis: Mapped[Basis]
    risk_level: Mapped[RiskLevel]
    risk_factors: Mapped[list[dict[str, Any]]]
    recommendations: Mapped[list[dict[str, Any]]]
    inputs: Mapped[dict[str, Any]]
    model_id: Mapped[str | None] = mapped_column(ForeignKey("churn_model.id", ondelete="SET NULL"))


class ChurnModel(Owned, Entity):
    """Weights learnt from an organization's own outcomes, with what they reach; the newest is in use."""

    __tablename__ = "churn_model"
    __table_args__ = (Index("ix_churn_model_recent", "organization_id", "created_at", "id"),)
    prefix, label = "chm", "Churn model"

    labels: Mapped[int]
    churned: Mapped[int]
    weights: Mapped[dict[str, Any]]
    auc: Mapped[float | None]
    calibration_error: Mapped[float | None]

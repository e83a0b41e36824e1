"""What can be done with feedback that is there: correct its analysis, delete it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from domain.errors import required
from domain.events import EventType
from domain.feedback import Feedback, FeedbackTheme
from domain.intelligence.feedback_findings import FeedbackCategory, FeedbackPriority, Sentiment
from domain.permissions import Permission
from domain.values import iso
from resolvers.feedback_erasing import erase_feedback
from resolvers.feedback_writes import URGENCY
from resolvers.unit import Keys, Unit, requires

_BOUNDS = {Sentiment.POSITIVE: (0.75, 1.0), Sentiment.NEUTRAL: (0.5, 0.5), Sentiment.NEGATIVE: (0.0, 0.25)}
"""Where the score has to lie for it to say what a person has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackCorrection:
    """What a person says that feedback means; what is left out stays as it is."""

    id: str
    sentiment: Sentiment | None = None
    category: FeedbackCategory | None = None
    priority: FeedbackPriority | None = None


@requires(Permission.WRITE_FEEDBACK)
async def correct(unit: Unit, draft: FeedbackCorrection) -> Keys:
    """Correct the analysis of a piece of feedback; what the model had said is kept beside it."""
    if not (draft.sentiment or draft.category or draft.priority):
        raise required("sentiment", "sentiment, category or priority is required.")
    row = await unit.load(Feedback, draft.id)
    if draft.sentiment:
        low, high = _BOUNDS[draft.sentiment]
        row.model_sentiment = row.model_sentiment or row.sentiment
        row.sentiment, row.sentiment_confidence = draft.sentiment, 1.0
        row.sentiment_score = min(high, max(low, row.sentiment_score))
    if draft.category:
        others = [each for each in row.categories if each not in (draft.category, row.category)]
        row.model_category = row.model_category or row.category
        row.category, row.category_confidence = draft.category, 1.0
        row.categories = [draft.category.value, *others]
    if draft.priority:
        row.priority, row.urgency = draft.priority, URGENCY[draft.priority]
        row.priority_reasons = ["said by a person"]
    row.corrected_at, row.corrected_by_id = unit.now, unit.viewer.user_id
    counted = {"category": row.category, "sentiment_score": row.sentiment_score}
    themes = update(FeedbackTheme).where(FeedbackTheme.feedback_id == row.id).values(counted)
    await unit.session.execute(themes.execution_options(synchronize_session=False))
    unit.record(EventType.FEEDBACK_CORRECTED, row, _facts(row))
    return {"feedback": row.id}


@requires(Permission.WRITE_FEEDBACK)
async def delete_one(unit: Unit, id: str) -> Keys:
    """Delete a piece of feedback for good, with all that was found in it."""
    row = await unit.load(Feedback, id)
    await erase_feedback(unit, Feedback.id == row.id)
    unit.record(EventType.FEEDBACK_DELETED, row, {"id": row.id, "deletedAt": iso(unit.now)})
    return {"deleted_id": row.id}


def _facts(row: Feedback) -> dict[str, Any]:
    return {
        "id": row.id,
        "sentiment": row.sentiment.value,
        "category": row.category.value,
        "priority": row.priority.value,
        "correctedAt": iso(row.corrected_at) if row.corrected_at else None,
    }

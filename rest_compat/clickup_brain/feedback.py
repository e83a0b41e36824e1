"""Feedback (documentation, section User Feedback API)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Kind
from domain.limits import LimitGroup
from domain.texts import camel
from rest_compat.engine.answers import closed_object, follow, record, shape_at, take
from rest_compat.engine.arguments import SAYING, Argument, Given, body, either
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Route
from rest_compat.engine.shapes import Many, Record
from rest_compat.engine.spelling import JsonSchema

GROUP = "User Feedback API"
SOURCES: Mapping[str, str] = {
    "app_store": "APP_STORE",
    "support": "SUPPORT",
    "survey": "SURVEY",
    "social": "SOCIAL",
    "support_tickets": "SUPPORT",
    "surveys": "SURVEY",
}
"""Six spellings of four sources (CB-18)."""
SOURCE: JsonSchema = {"type": "string", "enum": list(SOURCES)}
METADATA: JsonSchema = {
    "properties": {
        "rating": {"type": ["integer", "null"], "minimum": 1, "maximum": 5},
        "version": {"type": ["string", "number", "null"], "maxLength": 200, "pattern": r"^[^\x00]*$"},
        "platform": {"type": ["string", "number", "null"], "maxLength": 200, "pattern": r"^[^\x00]*$"},
        "language": {"type": ["string", "null"], "pattern": r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"},
    }
}
_FEEDBACK = "collectFeedback.feedback"
_REPORT = "feedbackReport"
_GROUPS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "bug_reports": ("BUG_REPORT", {"count": "count", "avg_priority": "avgPriority", "top_issues": "top"}),
    "feature_requests": ("FEATURE_REQUEST", {"count": "count", "avg_priority": "avgPriority", "top_requests": "top"}),
    "general_feedback": ("GENERAL", {"count": "count", "avg_sentiment": "avgSentiment", "top_themes": "top"}),
}
"""Categories in the plural, each with keys of its own (CB-19)."""


def source(value: object, _: Given) -> object:
    """A source in any of its spellings."""
    if isinstance(value, str) and value in SOURCES:
        return SOURCES[value]
    raise Wrong(f"must be one of {', '.join(SOURCES)}")


def sources(value: object, given: Given) -> object:
    """Sources in any of their spellings; none given are all of them."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise Wrong("must be a list")
    return [source(each, given) for each in value]


def user_data(name: str, to: str, **bounds: object) -> Argument:
    """A fact about a user, which the JavaScript SDK may send in camelCase (CB-29)."""
    aliases = ("userData." + ".".join(map(camel, name.split("."))),)
    return body(f"user_data.{name}", f"input.{to}", aliases=aliases, bounds=bounds)


class CategoryAnalysis:
    """One key per category where the graph has a list of groups; no two have the same keys inside."""

    def write(self, data: Mapping[str, Any], given: Given) -> object:
        """The body."""
        groups = {each["key"]: each for each in follow(data, f"{_REPORT}.groups")}
        return {
            plural: {key: groups[category][name] for key, name in keys.items()}
            for plural, (category, keys) in _GROUPS.items()
        }

    def schema(self, result: Record) -> JsonSchema:
        """Its JSON Schema."""
        groups = shape_at(result, f"{_REPORT}.groups")
        fields = groups.item.fields if isinstance(groups, Many) and isinstance(groups.item, Record) else {}
        return closed_object(
            {
                plural: closed_object({key: fields[name].schema for key, name in keys.items()})
                for plural, (_, keys) in _GROUPS.items()
            }
        )


def _taken(where: str, names: Sequence[str]) -> dict[str, take]:
    return {name: take(f"{where}.{name}") for name in names}


COLLECTED = record(
    {
        **_taken(_FEEDBACK, ("feedback_id", "status")),
        "analysis": record(
            _taken(_FEEDBACK, ("sentiment", "sentiment_score", "category", "priority", "themes", "entities"))
        ),
        **_taken(_FEEDBACK, ("recommendations", "created_at")),
    }
)
ROUTES = (
    Route(
        "POST",
        "/feedback/collect",
        "CollectFeedback",
        COLLECTED,
        (
            body("source", "input.source", read=source, accepts=SOURCE),
            body("content", "input.content", bounds=SAYING),
            body(
                "user_id",
                "input.userId",
                aliases=("userId",),
                numeric=True,
                note="Your own id of the user, text or a whole number; feedback can be anonymous.",
            ),
            body(
                "metadata",
                "input.metadata",
                bounds=METADATA,
                note="Anything; `rating` (1 to 5), `version`, `platform` and `language` are understood.",
            ),
        ),
        title="Feedback Collection",
        group=GROUP,
        example="feedback_collect",
        limits=(LimitGroup.FEEDBACK_PROCESSING,),
    ),
    Route(
        "GET",
        "/feedback/analysis",
        "FeedbackAnalysis",
        record(
            {
                "analysis_summary": record(
                    _taken(_REPORT, ("total_feedback", "sentiment_distribution", "top_themes", "priority_distribution"))
                ),
                "category_analysis": CategoryAnalysis(),
            }
        ),
        (
            either("date_range.start", "dateFrom", aliases=("dateRange.start",), note="The first day."),
            either("date_range.end", "dateTo", aliases=("dateRange.end",), note="The last day, all of it."),
            either(
                "sources",
                "sources",
                read=sources,
                accepts={"type": "array", "items": SOURCE},
                note="All sources without it.",
            ),
            either("group_by", "groupBy", aliases=("groupBy",), default="category", note="Only by category (CB-46)."),
        ),
        title="Feedback Analysis",
        group=GROUP,
        example="feedback_analysis",
    ),
    Route(
        "POST",
        "/feedback/churn/predict",
        "PredictChurn",
        take("predictChurn.churn"),
        (
            body(
                "user_id",
                "input.userId",
                aliases=("userId",),
                numeric=True,
                bounds=SAYING,
                note="Your own id of the user, text or a whole number.",
            ),
            user_data("signup_date", "signupDate"),
            user_data("last_login", "lastLogin"),
            user_data("feature_usage.core_features", "coreFeatures", minimum=0, maximum=1),
            user_data("feature_usage.advanced_features", "advancedFeatures", minimum=0, maximum=1),
            user_data("feature_usage.support_usage", "supportUsage", minimum=0, maximum=1),
            user_data("feedback_history.total_feedback", "totalFeedback", minimum=0),
            user_data("feedback_history.positive_feedback", "positiveFeedback", minimum=0),
            user_data("feedback_history.negative_feedback", "negativeFeedback", minimum=0),
            user_data("feedback_history.recent_sentiment", "recentSentiment", minimum=0, maximum=1),
        ),
        title="Churn Prediction",
        group=GROUP,
        example="feedback_churn_predict",
        # Of a user nobody knows anything about there is nothing to say (CB-23).
        also=(Kind.NOT_FOUND,),
    ),
)

"""What feedback says as a whole."""

from datetime import datetime

import strawberry

from resolvers import feedback_reports
from schema.engine.forms import Optional, answer
from schema.engine.scalars import Fraction
from schema.enums import FeedbackDimension, FeedbackPriority, FeedbackSource


@strawberry.type(description="Shares of all feedback by sentiment; they add up to 1 unless there is none.")
class SentimentShares:
    """Shares of all feedback by sentiment; they add up to 1 unless there is none."""

    positive: Fraction
    neutral: Fraction
    negative: Fraction


@strawberry.type(description="Shares of all feedback by priority; they add up to 1 unless there is none.")
class PriorityShares:
    """Shares of all feedback by priority; they add up to 1 unless there is none."""

    low: Fraction
    medium: Fraction
    high: Fraction
    critical: Fraction
    urgent: Fraction = strawberry.field(description="High and critical together.")


@strawberry.type(description="A theme, how many pieces of feedback name it, and their mean sentiment.")
class FeedbackThemeCount:
    """A theme, how many pieces of feedback name it, and their mean sentiment."""

    theme: str
    count: int
    sentiment: Fraction


@strawberry.type(description="Feedback that shares one value of the report's dimension.")
class FeedbackGroup:
    """Feedback that shares one value of the report's dimension."""

    key: str | None
    count: int
    avg_priority: FeedbackPriority = strawberry.field(description="The nearest to the mean; low without feedback.")
    avg_sentiment: Fraction = strawberry.field(description="0.5 without feedback.")
    top: list[str] = strawberry.field(description="The three themes most pieces name.")


@strawberry.type(description="What feedback of a range of days and of some sources says.")
class FeedbackReport:
    """What feedback of a range of days and of some sources says."""

    date_from: datetime | None
    date_to: datetime | None
    sources: list[FeedbackSource]
    group_by: FeedbackDimension
    total_feedback: int
    avg_sentiment: Fraction
    sentiment: SentimentShares
    priority: PriorityShares
    top_themes: list[FeedbackThemeCount]
    groups: list[FeedbackGroup] = strawberry.field(
        description="The largest first, categories and months in their order; at most 200."
    )


@strawberry.type
class FeedbackReportQueries:
    """What feedback says as a whole."""

    feedback_report: FeedbackReport = answer(
        feedback_reports.FeedbackQuestion,
        "What feedback says as a whole: how it is meant, how pressing it is, what it is about.",
        group_by=Optional(FeedbackDimension),
        date_from=Optional(datetime),
        date_to=Optional(datetime),
        sources=Optional(list[FeedbackSource]),
        themes=Optional(int),
    )

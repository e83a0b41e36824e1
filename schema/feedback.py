"""Feedback."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import end_users, feedback, jobs
from schema.engine.forms import attribute, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction, JSONObject
from schema.enums import (
    Direction,
    FeedbackCategory,
    FeedbackPriority,
    FeedbackSortField,
    FeedbackSource,
    Level,
    ProcessingStatus,
    Sentiment,
)
from schema.nodes import Connection, Node
from schema.users import User

if TYPE_CHECKING:
    from schema.contacts import Contact
    from schema.end_users import EndUser
    from schema.jobs import Batch
    from schema.leads import Lead


@mirrors(feedback.FeedbackSort)
class FeedbackSort:
    """The order of feedback."""

    field: FeedbackSortField = FeedbackSortField.CREATED_AT
    direction: Direction = Direction.DESC


@mirrors(feedback.FeedbackFilter)
class FeedbackFilter:
    """Which feedback is wanted; bounds are inclusive."""

    sources: list[FeedbackSource] | None = UNSET
    sentiment: Sentiment | None = UNSET
    category: FeedbackCategory | None = strawberry.field(default=UNSET, description="The leading one.")
    priority: FeedbackPriority | None = UNSET
    theme: str | None = UNSET
    language: str | None = strawberry.field(default=UNSET, description="As found in the text, or as the sender said.")
    min_rating: int | None = UNSET
    max_rating: int | None = UNSET
    platform: str | None = UNSET
    version: str | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET
    user_id: str | None = strawberry.field(default=UNSET, description="The author, by the customer's own name for it.")
    batch: strawberry.ID | None = UNSET
    corrected: bool | None = strawberry.field(default=UNSET, description="Whether a person has corrected the analysis.")
    max_confidence: Fraction | None = strawberry.field(
        default=UNSET, description="The most that the analysis is sure of the sentiment: what a person should look at."
    )
    search: str | None = strawberry.field(default=UNSET, description="Part of the content, in any case.")


@strawberry.type(description="Something to do about a piece of feedback.")
class FeedbackRecommendation:
    """Something to do about a piece of feedback."""

    kind: str = strawberry.field(description="Such as add_to_roadmap or fix_bug.")
    description: str
    priority: Level
    estimated_effort: str = strawberry.field(
        description="As this installation estimates the kind; unknown where nobody has."
    )
    expected_impact: Level
    theme: str | None = strawberry.field(description="The theme that most others name in the same category.")
    others: int = strawberry.field(description="How many others name it.")
    days: int = strawberry.field(description="Over how many days they were counted.")


@strawberry.type(description="A piece of feedback and what it says.")
class Feedback(Node, read=feedback.visible):
    """A piece of feedback and what it says."""

    source: FeedbackSource
    content: str
    rating: int | None = strawberry.field(description="1 to 5 stars.")
    version: str | None
    platform: str | None
    language: str | None = strawberry.field(description="As the sender said.")
    detected_language: str | None = strawberry.field(description="ISO 639-1 code found in the text; null when unsure.")
    metadata: JSONObject = attribute("details", "Everything else that was sent with it.")
    status: ProcessingStatus
    sentiment: Sentiment
    sentiment_score: Fraction = strawberry.field(description="0 is displeased, 1 is pleased.")
    sentiment_confidence: Fraction
    category: FeedbackCategory = strawberry.field(description="The leading one.")
    categories: list[FeedbackCategory] = strawberry.field(description="All that hold.")
    category_confidence: Fraction
    priority: FeedbackPriority
    priority_reasons: list[str] = strawberry.field(description="The parts of the rule that applied.")
    themes: list[str]
    entities: list[str]
    recommendations: list[FeedbackRecommendation]
    analyzed_by: str = strawberry.field(description="The model whose answer this is.")
    corrected_at: datetime | None
    corrected_by: User | None = link(feedback.corrector, "Who corrected the analysis.")
    model_sentiment: Sentiment | None = strawberry.field(description="What the model had said before a correction.")
    model_category: FeedbackCategory | None = strawberry.field(description="The same of the category.")
    created_at: datetime
    end_user: Annotated["EndUser", strawberry.lazy("schema.end_users")] | None = link(
        end_users.of_feedback, "Its author, where one was named."
    )
    batch: Annotated["Batch", strawberry.lazy("schema.jobs")] | None = link(jobs.of_feedback, "The batch it came with.")
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        feedback.authors_contact, "The person its author is, by address or id."
    )
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] | None = link(
        feedback.authors_lead, "The lead its author is, by id or by address; the newest of several."
    )


@strawberry.type
class FeedbackQueries:
    """Reads of feedback."""

    feedback_items: Connection[Feedback] = connection(
        feedback.search, "Feedback, newest first unless sorted otherwise.", where=FeedbackFilter, sort=FeedbackSort
    )
    feedback: Feedback | None = one(feedback.visible, "A piece of feedback.")

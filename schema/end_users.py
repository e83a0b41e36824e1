"""End users: those who use the customer's product."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import UNSET

from resolvers import churn, end_users, feedback
from schema.churn import ChurnPrediction
from schema.engine.forms import collection, column, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction
from schema.enums import Direction, EndUserSortField, RiskLevel
from schema.feedback import Feedback, FeedbackFilter, FeedbackSort
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.contacts import Contact
    from schema.leads import Lead


@mirrors(end_users.EndUserSort)
class EndUserSort:
    """The order of end users."""

    field: EndUserSortField = EndUserSortField.CREATED_AT
    direction: Direction = Direction.DESC


@mirrors(end_users.EndUserFilter)
class EndUserFilter:
    """Which end users are wanted; bounds are inclusive."""

    external_id: str | None = UNSET
    risk_level: RiskLevel | None = strawberry.field(default=UNSET, description="By the newest prediction.")
    min_churn: Fraction | None = strawberry.field(default=UNSET, description="Least probability last predicted.")
    churned: bool | None = UNSET
    linked: bool | None = strawberry.field(default=UNSET, description="Whether it is known as a contact or lead.")
    last_login_from: datetime | None = UNSET
    last_login_to: datetime | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of the external id, in any case.")


@strawberry.type(description="Somebody who uses the customer's product: author of feedback, subject of predictions.")
class EndUser(Node, read=end_users.visible):
    """Somebody who uses the customer's product: author of feedback, subject of predictions."""

    external_id: str = strawberry.field(description="The customer's own name for it.")
    signup_date: date | None
    last_login: date | None
    core_features: Fraction | None = strawberry.field(description="Share of the core features in use.")
    advanced_features: Fraction | None
    support_usage: Fraction | None
    total_feedback: int = column(end_users.total_feedback, "As the customer has said, else as collected.")
    positive_feedback: int = column(end_users.positive_feedback)
    negative_feedback: int = column(end_users.negative_feedback)
    recent_sentiment: Fraction | None = column(
        end_users.recent_sentiment, "As the customer has said, else the mean of what was collected in 90 days."
    )
    churned_at: datetime | None = strawberry.field(description="When the user left.")
    retained_at: datetime | None = strawberry.field(description="When the user was known to stay.")
    created_at: datetime
    updated_at: datetime
    churn_predictions: Connection[ChurnPrediction] = collection(churn.of_end_user, "Predictions, newest first.")
    churn: ChurnPrediction | None = link(churn.newest_of_end_user, "The newest prediction.")
    feedback: Connection[Feedback] = collection(feedback.of_end_user, where=FeedbackFilter, sort=FeedbackSort)
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] | None = link(
        end_users.contact, "The person it is, by address or id."
    )
    lead: Annotated["Lead", strawberry.lazy("schema.leads")] | None = link(
        end_users.lead, "The lead it is, by id or by address; the newest of several."
    )


@strawberry.type
class EndUserQueries:
    """Reads of end users."""

    end_user: EndUser | None = one(end_users.visible, "An end user, by our own id.")
    end_users: Connection[EndUser] = connection(
        end_users.search, "End users, newest first unless sorted otherwise.", where=EndUserFilter, sort=EndUserSort
    )

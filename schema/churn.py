"""How likely end users are to leave."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers import churn
from schema.engine.forms import connection, derived, link, one
from schema.engine.scalars import Fraction, JSONObject
from schema.enums import Basis, RiskLevel
from schema.nodes import Connection, Node

if TYPE_CHECKING:
    from schema.end_users import EndUser


@strawberry.type(description="A reason to leave, and which part of the probability is due to it.")
class RiskFactor:
    """A reason to leave, and which part of the probability is due to it."""

    factor: str
    impact: Fraction = strawberry.field(description="The impacts of all factors add up to the probability.")
    description: str


@strawberry.type(description="Something to do against a factor.")
class ChurnRecommendation:
    """Something to do against a factor."""

    kind: str = strawberry.field(description="Such as personalized_onboarding.")
    description: str
    expected_impact: str = strawberry.field(description="At most: the factor's own part of the probability.")
    factor: str


@strawberry.type(description="Weights learnt from an organization's own outcomes, and what they reach.")
class ChurnModel(Node, read=churn.visible_models):
    """Weights learnt from an organization's own outcomes, and what they reach."""

    created_at: datetime
    labels: int = strawberry.field(description="From how many outcomes it was learnt.")
    churned: int = strawberry.field(description="How many of them had left.")
    weights: JSONObject = strawberry.field(description="Names, means and covariance of the weights.")
    auc: float | None = strawberry.field(
        description="The chance that who left was given more than who stayed, on outcomes left out of learning."
    )
    prior_auc: float | None = derived(churn.prior_auc, "weights", description="The same of the assumed weights.")
    calibration_error: float | None = strawberry.field(
        description="Mean distance of predicted from seen shares, on outcomes left out of learning."
    )


@strawberry.type(description="How likely an end user was to leave within a quarter, as of when it was asked, and why.")
class ChurnPrediction(Node, read=churn.visible):
    """How likely an end user was to leave within a quarter, as of when it was asked, and why."""

    probability: Fraction
    low: Fraction = strawberry.field(description="Four times in five the probability lies between low and high.")
    high: Fraction
    basis: Basis
    risk_level: RiskLevel
    risk_factors: list[RiskFactor]
    recommendations: list[ChurnRecommendation]
    inputs: JSONObject = strawberry.field(description="What was known of the user.")
    created_at: datetime
    end_user: Annotated["EndUser", strawberry.lazy("schema.end_users")] = link(churn.end_user)
    model: ChurnModel | None = link(churn.model, "The organization's own weights; null for the assumed ones.")


@strawberry.type
class ChurnQueries:
    """Reads of predictions."""

    churn_prediction: ChurnPrediction | None = one(churn.visible, "A prediction.")
    churn_predictions: Connection[ChurnPrediction] = connection(churn.search, "Predictions, newest first.")
    churn_model: ChurnModel | None = one(churn.visible_models, "A churn model.")
    churn_models: Connection[ChurnModel] = connection(churn.models, "Churn models, newest first; the first is in use.")

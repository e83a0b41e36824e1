"""How likely leads and companies are to be won."""

from datetime import datetime

import strawberry
from strawberry import UNSET

from resolvers import conversions
from schema.engine.forms import answer, connection, link, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction, JSONObject
from schema.enums import Basis, ConversionSubject
from schema.nodes import Connection, Node
from schema.scores import ScoreReason


@mirrors(conversions.ConversionModelFilter)
class ConversionModelFilter:
    """Which models are wanted."""

    subject: ConversionSubject | None = UNSET


@strawberry.type(description="Outcomes of about the same prediction: what was predicted of them, and what was seen.")
class CalibrationBin:
    """Outcomes of about the same prediction: what was predicted of them, and what was seen."""

    cases: int
    predicted: Fraction = strawberry.field(description="The mean of the probabilities.")
    seen: Fraction = strawberry.field(description="The share that was won.")


@strawberry.type(description="Weights learnt from an organization's own outcomes, and what they reach.")
class ConversionModel(Node, read=conversions.visible_models):
    """Weights learnt from an organization's own outcomes, and what they reach."""

    subject: ConversionSubject
    created_at: datetime
    labels: int = strawberry.field(description="From how many outcomes it was learnt.")
    converted: int = strawberry.field(description="How many of them were won.")
    weights: JSONObject = strawberry.field(description="Names, centres, scales, means and covariance of the weights.")
    auc: float | None = strawberry.field(
        description="The chance that what was won was given more than what was lost, on outcomes left out of learning."
    )
    points_auc: float | None = strawberry.field(description="The same of the points.")
    calibration_error: float | None = strawberry.field(
        description="Mean distance of predicted from seen shares, on outcomes left out of learning."
    )
    calibration: list[CalibrationBin] = strawberry.field(
        description="Tenths of those outcomes, the least probable first."
    )


@strawberry.type(description="How likely something is to be won: points, and a probability once outcomes can tell.")
class Conversion:
    """How likely something is to be won: points, and a probability once outcomes can tell."""

    points: int = strawberry.field(description="From 0 to 100, by a documented rule; never a probability.")
    reasons: list[ScoreReason] = strawberry.field(description="What the points were given for.")
    probability: Fraction | None = strawberry.field(
        description="By the organization's own model; null until there is one. Of what is won or lost, as of just then."
    )
    low: Fraction | None = strawberry.field(description="Four times in five the probability is between low and high.")
    high: Fraction | None
    basis: Basis = strawberry.field(description="PRIOR while points are all there is, HISTORY with a model.")
    model: ConversionModel | None = link(conversions.model, "The model the probability is by.")


@strawberry.type(description="What there is to learn from: what was won, and what was lost.")
class ConversionOutcomes:
    """What there is to learn from: what was won, and what was lost."""

    subject: ConversionSubject
    outcomes: int = strawberry.field(description="Leads won or lost; companies won, or with all leads lost.")
    converted: int = strawberry.field(description="How many of them were won.")
    lacking: str | None = strawberry.field(
        description="Why nothing can be learnt from them, however many there are; null when nothing is in the way."
    )


@strawberry.type
class ConversionQueries:
    """Reads of conversion models."""

    conversion_model: ConversionModel | None = one(conversions.visible_models, "A conversion model.")
    conversion_models: Connection[ConversionModel] = connection(
        conversions.models,
        "Conversion models, newest first; the first of a subject is in use.",
        where=ConversionModelFilter,
    )
    conversion_outcomes: ConversionOutcomes = answer(
        conversions.OutcomesQuestion,
        "What a model can be learnt from; it is from 300 outcomes on unless the server is set otherwise.",
        subject=ConversionSubject,
    )

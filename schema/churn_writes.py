"""Predicting who leaves."""

import strawberry

from resolvers import churn
from resolvers.reads import ToOne
from schema.churn import ChurnPrediction
from schema.end_user_writes import UpsertEndUserInput
from schema.engine.forms import change, link
from schema.nodes import Payload

_CHURN = ToOne(churn.visible, "churn")


@strawberry.type
class PredictChurnPayload(Payload):
    """How likely the user is to leave, and why."""

    churn: ChurnPrediction | None = link(_CHURN)


@strawberry.type
class ChurnMutations:
    """Predicting who leaves."""

    predict_churn: PredictChurnPayload = change(churn.predict_churn, input=UpsertEndUserInput)

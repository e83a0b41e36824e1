"""How likely end users are to leave: predictions, what they stand on, and making one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from domain.contacts import Contact
from domain.events import EventType
from domain.feedback import ChurnModel, ChurnPrediction, EndUser
from domain.intelligence.churn import Churn, ChurnAdvice, predict
from domain.intelligence.churn_weights import PRIOR_WEIGHTS, UserFacts, Weights
from domain.leads import Lead
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import end_users
from resolvers.end_user_fields import EndUserDraft, apply, said
from resolvers.end_user_writes import existing, found_or_made, tell
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@reads(ChurnPrediction, Permission.READ_FEEDBACK)
def visible(viewer: Viewer) -> Statement:
    """Predictions of the organization."""
    return visible_to(viewer, ChurnPrediction)


@reads(ChurnPrediction, Permission.READ_FEEDBACK)
def search(viewer: Viewer) -> Listing:
    """Predictions, newest first."""
    return Listing(visible_to(viewer, ChurnPrediction), newest_first(ChurnPrediction))


@reads(ChurnModel, Permission.READ_FEEDBACK)
def visible_models(viewer: Viewer) -> Statement:
    """Churn models of the organization."""
    return visible_to(viewer, ChurnModel)


@reads(ChurnModel, Permission.READ_FEEDBACK)
def models(viewer: Viewer) -> Listing:
    """Churn models, newest first; the first is in use."""
    return Listing(visible_to(viewer, ChurnModel), newest_first(ChurnModel))


@requires(Permission.WRITE_FEEDBACK)
async def predict_churn(unit: Unit, draft: EndUserDraft) -> Keys:
    """Say how likely an end user is to leave, and why; what is sent of it is kept, the rest is as known (CB-23)."""
    name, facts = said(draft)
    if any(value is not None for value in facts.values()):
        user, made = await found_or_made(unit, name)
    else:
        user, made = await existing(unit, name), False
    if apply(unit, user, facts) or made:
        tell(unit, user)
    counted = (await unit.session.execute(end_users.history(user, unit.now))).one()
    known = end_users.facts_of(user, (counted[0], counted[1], counted[2]))
    weights, model_id = await in_use(unit)
    found = predict(weights, known, unit.now.date())
    row = _row(unit, user, found, known, model_id)
    unit.add(row)
    user.churn_order = found.probability
    unit.record(EventType.CHURN_PREDICTED, row, _told(row))
    return {"churn": row.id}


def prior_auc(weights: dict[str, Any]) -> float | None:
    """What the assumed weights reach on the outcomes that a model was learnt from."""
    found = weights.get("prior_auc")
    return found if isinstance(found, float) else None


async def in_use(unit: Unit) -> tuple[Weights, str | None]:
    """The weights to predict by: the organization's own when there are any, and the model they are of."""
    newest = visible_to(unit.viewer, ChurnModel).order_by(ChurnModel.created_at.desc(), ChurnModel.id.desc())
    model = await unit.find(newest)
    own = Weights.from_json(model.weights) if model else None
    return (own, model.id) if own else (PRIOR_WEIGHTS, None)


def _row(unit: Unit, user: EndUser, found: Churn, facts: UserFacts, model_id: str | None) -> ChurnPrediction:
    return ChurnPrediction(
        id=ChurnPrediction.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        end_user_id=user.id,
        probability=found.probability,
        low=found.low,
        high=found.high,
        basis=found.basis,
        risk_level=found.level,
        risk_factors=[asdict(each) for each in found.factors],
        recommendations=[told_advice(each) for each in found.advice],
        inputs={name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(facts).items()},
        model_id=model_id,
    )


def told_advice(advice: ChurnAdvice) -> dict[str, Any]:
    """Advice as the graph tells it; what it is worth is the factor's own part, the most that it can take away."""
    return {
        "kind": advice.kind,
        "description": advice.description,
        "expected_impact": f"Reduce churn probability by up to {advice.points:.0%}",
        "factor": advice.factor,
    }


def _told(row: ChurnPrediction) -> dict[str, Any]:
    return {
        "id": row.id,
        "endUserId": row.end_user_id,
        "probability": row.probability,
        "riskLevel": row.risk_level.value,
        "basis": row.basis.value,
        "factors": [each["factor"] for each in row.risk_factors],
    }


def _newest(*theirs: Any) -> Any:
    newest = select(ChurnPrediction.id).order_by(ChurnPrediction.created_at.desc(), ChurnPrediction.id.desc()).limit(1)
    return newest.where(*theirs)


_OF_CONTACT = (ChurnPrediction.end_user_id == EndUser.id, EndUser.contact_id == Contact.id)
_OF_LEAD = (
    ChurnPrediction.end_user_id == EndUser.id,
    EndUser.organization_id == Lead.organization_id,
    or_(EndUser.lead_id == Lead.id, EndUser.contact_id == Lead.contact_id),
)

of_end_user = ToMany(search, ChurnPrediction.end_user_id)
newest_of_end_user = ToOne(
    visible, _newest(ChurnPrediction.end_user_id == EndUser.id).correlate(EndUser).scalar_subquery()
)
newest_of_contact = ToOne(visible, _newest(*_OF_CONTACT).correlate(Contact).scalar_subquery())
newest_of_lead = ToOne(visible, _newest(*_OF_LEAD).correlate(Lead).scalar_subquery())
end_user = ToOne(end_users.visible, ChurnPrediction.end_user_id)
model = ToOne(visible_models, ChurnPrediction.model_id)

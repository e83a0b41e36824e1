"""What churn models are learnt from, and keeping them. Only the process itself calls these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, and_, case, func, or_, select

from domain.events import EventType
from domain.feedback import ChurnModel, EndUser, Feedback
from domain.intelligence.churn_weights import Fitted, row
from domain.intelligence.feedback_findings import Sentiment
from resolvers.end_users import RECENT, facts_of
from resolvers.reads import Statement
from resolvers.sql import days_between
from resolvers.unit import Keys, Unit

EACH_KIND = 20
"""Fewest users who left, and fewest who stayed."""
NEWEST = 20_000
"""Most outcomes that are learnt from, the newest: older ones tell of another product."""

_OUTCOME = func.coalesce(EndUser.churned_at, EndUser.retained_at)
_KNOWN = or_(EndUser.churned_at.is_not(None), EndUser.retained_at.is_not(None))


@dataclass(frozen=True, slots=True)
class Example:
    """What was known of a user at the time of its outcome, as exposures, and whether it left."""

    row: list[float]
    left: bool


def counted(fewest: int) -> Statement:
    """Organizations with enough outcomes: how many, how many left, how many the newest model was learnt from, and how
    many came about since.
    """
    since = func.sum(case((_of_newest(ChurnModel.created_at) < _OUTCOME, 1), else_=0), type_=Integer)
    left = func.sum(case((EndUser.churned_at.is_not(None), 1), else_=0), type_=Integer)
    labels = func.count()
    columns = (EndUser.organization_id, labels, left, _of_newest(ChurnModel.labels), since)
    statement = select(*columns).where(_KNOWN).group_by(EndUser.organization_id)
    return statement.having(labels >= fewest).order_by(EndUser.organization_id)


def _of_newest(value: Any) -> Any:
    """Something of an organization's newest model."""
    newest = select(value).where(ChurnModel.organization_id == EndUser.organization_id)
    latest = newest.order_by(ChurnModel.created_at.desc(), ChurnModel.id.desc()).limit(1)
    return latest.correlate(EndUser).scalar_subquery()


def is_worth_learning(labels: int, churned: int, known: int | None, since: int, growth: float) -> bool:
    """Whether there are enough outcomes of both kinds, and enough more than the newest model knows.

    A model that was learnt from as many as are ever learnt from goes by what came about since.
    """
    if min(churned, labels - churned) < EACH_KIND:
        return False
    if known is None:
        return True
    return (since if known >= NEWEST else labels - known) > known * growth


def outcomes(organization_id: str) -> Statement:
    """Users whose outcome is known, the newest first, with what was collected of each up to then."""
    before = and_(Feedback.end_user_id == EndUser.id, Feedback.created_at <= _OUTCOME)
    recent = case((days_between(Feedback.created_at, _OUTCOME) <= RECENT.days, Feedback.sentiment_score))
    negative = func.coalesce(func.sum(case((Feedback.sentiment == Sentiment.NEGATIVE, 1), else_=0), type_=Integer), 0)
    statement = select(EndUser, func.count(Feedback.id), negative, func.avg(recent)).outerjoin(Feedback, before)
    own = statement.where(EndUser.organization_id == organization_id, _KNOWN).group_by(EndUser.id)
    return own.order_by(_OUTCOME.desc(), EndUser.id).limit(NEWEST)


def examples(rows: Iterable[Any]) -> list[Example]:
    """What the rows of `outcomes` teach."""
    columns = [attribute.key for attribute in EndUser.__mapper__.column_attrs]
    found = []
    for each in rows:
        user = EndUser(**dict(zip(columns, each, strict=False)))
        total, negative, recent = each[len(columns) :]
        day = (user.churned_at or user.retained_at or user.created_at).date()
        found.append(Example(row(facts_of(user, (total, negative, recent)), day), user.churned_at is not None))
    return found


def keep(unit: Unit, learnt_from: Sequence[Example], fitted: Fitted) -> Keys:
    """Keep a model, which is in use from then on, and tell of it."""
    model = ChurnModel(
        id=ChurnModel.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        labels=len(learnt_from),
        churned=sum(each.left for each in learnt_from),
        weights=fitted.weights.as_json() | {"prior_auc": fitted.prior_auc},
        auc=fitted.auc,
        calibration_error=fitted.calibration_error,
    )
    unit.add(model)
    facts = {"id": model.id, "labels": model.labels, "churned": model.churned, "auc": round(fitted.auc, 4)}
    unit.record(EventType.CHURN_MODEL_FITTED, model, facts)
    return {"churn_model": model.id}

"""What conversion models are learnt from, and keeping them. Only the process itself calls these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, case, func, select

from domain.accounts import Account
from domain.conversion import ConversionModel, ConversionSubject
from domain.events import EventType
from domain.intelligence.conversion import Facts, Fitted, lacking
from domain.leads import Lead, LeadStatus
from resolvers import conversion_facts
from resolvers.churn_models import NEWEST
from resolvers.reads import Statement
from resolvers.unit import Keys, Unit


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was known when something was won or lost, and which it was."""

    facts: Facts
    converted: bool


def counted(subject: ConversionSubject, fewest: int) -> Statement:
    """Organizations with enough outcomes: how many, how many were won, how many the newest model was learnt from, and
    how many came about since.
    """
    decided = decided_ones(subject).subquery("decided")
    since = func.sum(case((_of_newest(ConversionModel.created_at, subject, decided) < decided.c.at, 1), else_=0))
    won = func.sum(decided.c.won, type_=Integer)
    known = _of_newest(ConversionModel.labels, subject, decided)
    statement = select(decided.c.organization_id, func.count(), won, known, since).group_by(decided.c.organization_id)
    return statement.having(func.count() >= fewest).order_by(decided.c.organization_id)


def is_worth_learning(labels: int, converted: int, known: int | None, since: int, growth: float) -> bool:
    """Whether there are enough outcomes of both kinds, and enough more than the newest model knows.

    A model that was learnt from as many as are ever learnt from goes by what came about since. Outcomes can also
    become fewer: a lead that was lost is taken up again.
    """
    if lacking(labels, converted):
        return False
    if known is None:
        return True
    return (since if known >= NEWEST else abs(labels - known)) > known * growth


def outcomes(subject: ConversionSubject, organization_id: str, now: Any) -> Statement:
    """The newest outcomes of an organization, with what was known at the time of each."""
    if subject is ConversionSubject.LEAD:
        own = (Lead.organization_id == organization_id, Lead.deleted_at.is_(None))
        return conversion_facts.of_leads(own, now, NEWEST)
    return conversion_facts.of_accounts((Account.organization_id == organization_id,), now, NEWEST)


def examples(subject: ConversionSubject, rows: Iterable[Any]) -> list[Outcome]:
    """What the rows of `outcomes` teach."""
    if subject is ConversionSubject.LEAD:
        return [Outcome(conversion_facts.lead_facts(row), row.status == LeadStatus.WON) for row in rows]
    return [Outcome(conversion_facts.account_facts(row), row.won_at is not None) for row in rows]


def keep(unit: Unit, subject: ConversionSubject, fitted: Fitted, converted: int) -> Keys:
    """Keep a model, which is in use from then on, and tell of it."""
    model = ConversionModel(
        id=ConversionModel.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        subject=subject,
        labels=fitted.weights.cases,
        converted=converted,
        weights=fitted.weights.as_json(),
        auc=fitted.auc,
        points_auc=fitted.points_auc,
        calibration_error=fitted.calibration_error,
        calibration=[
            {"cases": cases, "predicted": predicted, "seen": seen} for cases, predicted, seen in fitted.calibration
        ],
    )
    unit.add(model)
    facts = {"id": model.id, "subject": subject, "labels": model.labels, "converted": converted}
    unit.record(EventType.CONVERSION_MODEL_FITTED, model, facts | {"auc": round(fitted.auc, 4)})
    return {"conversion_model": model.id}


def decided_ones(subject: ConversionSubject) -> Statement:
    """Everything that is won or lost: of which organization, whether won, and when."""
    if subject is ConversionSubject.LEAD:
        won = case((Lead.status == LeadStatus.WON, 1), else_=0)
        at = conversion_facts.lead_decided_at()
        leads = select(Lead.organization_id, won.label("won"), at.label("at"))
        return leads.where(Lead.status.in_((LeadStatus.WON, LeadStatus.LOST)), Lead.deleted_at.is_(None))
    won_at, lost_at, leads = conversion_facts.outcomes_of_accounts()
    won = case((won_at.is_not(None), 1), else_=0)
    at = func.coalesce(won_at, lost_at)
    found = select(Account.organization_id, won.label("won"), at.label("at"))
    return found.join(leads, leads.c.account_id == Account.id).where(at.is_not(None))


def _of_newest(value: Any, subject: ConversionSubject, decided: Any) -> Any:
    """Something of an organization's newest model of a subject."""
    own = select(value).where(
        ConversionModel.organization_id == decided.c.organization_id, ConversionModel.subject == subject
    )
    latest = own.order_by(ConversionModel.created_at.desc(), ConversionModel.id.desc()).limit(1)
    return latest.correlate(decided).scalar_subquery()

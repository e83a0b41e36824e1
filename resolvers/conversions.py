"""How likely leads and companies are to be won: points until an organization's own outcomes can tell, then both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.accounts import Account
from domain.conversion import ConversionModel, ConversionSubject
from domain.intelligence.conversion import ConversionWeights, Facts, account_points, lacking, probability
from domain.leads import Lead
from domain.levels import Basis
from domain.permissions import Permission
from domain.scoring import ScoreReason
from domain.viewer import Viewer
from resolvers import conversion_facts, conversion_models
from resolvers.reads import Listing, Run, Statement, ToOne, newest_first, reads, reckons, visibility, visible_to
from resolvers.sql import padded


@dataclass(frozen=True, slots=True)
class Conversion:
    """Points and what they were given for; with a model of the organization's own, a probability and its interval."""

    points: int
    reasons: Sequence[ScoreReason]
    probability: float | None
    low: float | None
    high: float | None
    basis: Basis
    model_id: str | None


@dataclass(frozen=True, slots=True)
class ConversionModelFilter:
    """Which models are wanted."""

    subject: ConversionSubject | None = None


@reads(ConversionModel, Permission.READ_LEADS)
def visible_models(viewer: Viewer) -> Statement:
    """Conversion models of the organization."""
    return visible_to(viewer, ConversionModel)


@reads(ConversionModel, Permission.READ_LEADS)
def models(viewer: Viewer, where: ConversionModelFilter | None = None) -> Listing:
    """Conversion models, newest first; the first of a subject is in use."""
    statement = visible_to(viewer, ConversionModel)
    if where and where.subject:
        statement = statement.where(ConversionModel.subject == where.subject)
    return Listing(statement, newest_first(ConversionModel))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What there is to learn from; `lacking` says why nothing can be learnt from it, however much there is."""

    subject: ConversionSubject
    outcomes: int
    converted: int
    lacking: str | None


@dataclass(frozen=True, slots=True)
class OutcomesQuestion:
    """Of what the outcomes are wanted."""

    subject: ConversionSubject

    permission = Permission.READ_LEADS

    def statement(self, viewer: Viewer) -> Statement:
        """How many are won or lost, and how many are won."""
        decided = conversion_models.decided_ones(self.subject).subquery("decided")
        counted = select(func.count(), func.coalesce(func.sum(decided.c.won), 0))
        return counted.where(decided.c.organization_id == viewer.organization_id)

    def answer(self, rows: Sequence[Any]) -> Outcomes:
        """The counts, and what they lack."""
        ((outcomes, converted),) = rows
        return Outcomes(self.subject, outcomes, int(converted), lacking(outcomes, int(converted)))


@reckons(Permission.READ_LEADS)
async def of_leads(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Conversion]:
    """How likely leads are to be won; of those that are won or lost, how likely they were just then."""
    model = await _in_use(run, viewer, ConversionSubject.LEAD)
    chosen = [*visibility(viewer, Lead), Lead.id.in_(padded(ids))]
    if model is None:
        # The points are in the row: nothing else is read for them.
        rows = await run(
            visible_to(viewer, Lead).where(*chosen).with_only_columns(Lead.id, Lead.score, Lead.score_reasons)
        )
        return {lead: _told(points, _reasons(reasons), None, None) for lead, points, reasons in rows}
    rows = await run(conversion_facts.of_leads(chosen, now))
    return {
        row.id: _told(row.points, _reasons(row.score_reasons), model, conversion_facts.lead_facts(row)) for row in rows
    }


@reckons(Permission.READ_ACCOUNTS)
async def of_accounts(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Conversion]:
    """How likely companies are to be won; of those that are won or lost, how likely they were just then.

    Raises:
        DomainError: FORBIDDEN for who may not read leads, which the answer tells of.
    """
    viewer.require(Permission.READ_LEADS)
    model = await _in_use(run, viewer, ConversionSubject.ACCOUNT)
    rows = await run(conversion_facts.of_accounts([*visibility(viewer, Account), Account.id.in_(padded(ids))], now))
    found: dict[str, Conversion] = {}
    for row in rows:
        facts = conversion_facts.account_facts(row)
        scored = account_points(facts)
        found[row.id] = _told(scored.points, scored.reasons, model, facts)
    return found


_Model = tuple[str, ConversionWeights]


async def _in_use(run: Run, viewer: Viewer, subject: ConversionSubject) -> _Model | None:
    """The newest model of a subject, by its id."""
    own = visible_to(viewer, ConversionModel).where(ConversionModel.subject == subject)
    newest = own.order_by(ConversionModel.created_at.desc(), ConversionModel.id.desc()).limit(1)
    for model_id, stored in await run(newest.with_only_columns(ConversionModel.id, ConversionModel.weights)):
        weights = ConversionWeights.from_json(stored)
        return (model_id, weights) if weights else None
    return None


def _told(points: int, reasons: Sequence[ScoreReason], model: _Model | None, facts: Facts | None) -> Conversion:
    if model is None or facts is None:
        return Conversion(points, reasons, None, None, None, Basis.PRIOR, None)
    found = probability(model[1], facts)
    return Conversion(points, reasons, found.value, found.low, found.high, found.basis, model[0])


def _reasons(stored: Sequence[dict[str, Any]]) -> list[ScoreReason]:
    return [ScoreReason(each["points"], each["reason"]) for each in stored]


model = ToOne(visible_models, "model_id")

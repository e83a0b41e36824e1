"""Working on a research that was begun: taking it up, telling how far it is, and storing what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.accounts import Account
from domain.entity import Entity
from domain.events import EventType
from domain.intelligence.research import Conclusions
from domain.intelligence.research_facts import Evidence, Source
from domain.intelligence.research_news import IMPACTS, relevance, shortened
from domain.research import Competitor, NewsItem, Opportunity, PainPoint, ResearchRun, ResearchStage, ResearchStatus
from resolvers import leases, quotas
from resolvers.leases import Taken
from resolvers.reads import Statement
from resolvers.research_writes import facts
from resolvers.unit import Keys, Unit


@dataclass(frozen=True, slots=True)
class Researched:
    """What a research has found, where it looked, what that took."""

    conclusions: Conclusions
    sources: Sequence[Source]
    tokens: int
    seconds: float


async def take(session: AsyncSession, now: datetime, lease: timedelta, most: int) -> Sequence[Taken]:
    """Take up researches that are due, oldest first."""
    run = ResearchRun
    due = select(run.id).where(run.due_at <= now).order_by(run.due_at).limit(most)
    return await leases.take(session, run, due, due_at=now + lease)


def next_due() -> Statement:
    """When the next research is due, or the lease of one is over."""
    waiting = select(ResearchRun.due_at).where(ResearchRun.due_at.is_not(None))
    return waiting.order_by(ResearchRun.due_at).limit(1)


async def progress(unit: Unit, id: str, attempt: int, stage: ResearchStage, lease: timedelta) -> Keys:
    """Tell that a research has come to a stage that takes a while; its lease begins anew."""
    run = await _held(unit, id, attempt)
    if run is not None:
        run.stage, run.due_at = stage, unit.now + lease
        unit.record(EventType.RESEARCH_PROGRESSED, run, facts(run))
    return {}


async def complete(unit: Unit, id: str, attempt: int, found: Researched) -> Keys:
    """Store what a research found, and show its company with it; the tokens are used up with it.

    Raises:
        DomainError: QUOTA_EXCEEDED when the month's tokens do not suffice.
    """
    run = await _held(unit, id, attempt)
    if run is None:
        return {}
    await quotas.spend(unit, found.tokens, run.client_id)
    _fill(unit, run, found)
    for row in _rows(unit, run, found.conclusions):
        unit.add(row)
    shown = update(Account).where(Account.id == run.account_id).values(research_run_id=run.id)
    await unit.session.execute(shown.execution_options(synchronize_session=False))
    unit.record(EventType.RESEARCH_COMPLETED, run, _told(run))
    return {}


async def note_failed(unit: Unit, id: str, attempt: int, why: tuple[str, str], pauses: Sequence[float]) -> Keys:
    """Note that an attempt failed, by code and reason; it was the last when no pause is left to follow it."""
    run = await _held(unit, id, attempt)
    if run is None:
        return {}
    run.attempts += 1
    run.failure_code, run.failure = why
    if run.attempts <= len(pauses):
        run.due_at = unit.now + timedelta(seconds=pauses[run.attempts - 1])
        unit.stir()
    else:
        run.status, run.stage, run.due_at = ResearchStatus.FAILED, None, None
        told = facts(run) | {"failureCode": run.failure_code, "failure": run.failure}
        unit.record(EventType.RESEARCH_FAILED, run, told)
    return {}


async def _held(unit: Unit, id: str, attempt: int) -> ResearchRun | None:
    """The research, while it is in this attempt's hands."""
    run = await unit.known(ResearchRun, id, lock=True)
    held = run is not None and run.status is ResearchStatus.RUNNING and run.taken == attempt
    return run if held else None


def _fill(unit: Unit, run: ResearchRun, found: Researched) -> None:
    known = found.conclusions
    run.status, run.stage, run.due_at = ResearchStatus.COMPLETED, None, None
    run.failure_code = run.failure = None
    run.generated_at, run.processing_seconds = unit.now, round(found.seconds, 3)
    run.confidence, run.engagement_score = round(known.confidence, 4), round(known.engagement_score, 4)
    run.insights_generated = known.findings
    run.decision_makers_found = len(known.people)
    run.pain_points_identified = len(known.pains)
    run.opportunities_discovered = len(known.opportunities)
    run.conversion_probability = round(known.conversion.value, 4)
    run.conversion_low, run.conversion_high = round(known.conversion.low, 4), round(known.conversion.high, 4)
    run.conversion_basis, run.conversion_cases = known.conversion.basis, known.conversion.cases
    run.optimal_approach, run.timing_insights = known.approach, known.timing
    run.recommended_content = known.content
    run.next_actions = [each.stored(unit.now) for each in known.actions]
    run.decision_makers = [each.stored() for each in known.people]
    run.sources = [each.stored() for each in found.sources]
    run.tokens_used = found.tokens


def _rows(unit: Unit, run: ResearchRun, known: Conclusions) -> list[Entity]:
    rows: list[Entity] = []
    for place, pain in enumerate(known.pains):
        head = _head(PainPoint, unit, run, place, pain.confidence, pain.evidence)
        words = {"category": pain.category, "description": pain.description, "urgency": pain.urgency}
        rows.append(PainPoint(**head, **words, impact=pain.impact, solutions=list(pain.solutions)))
    for place, chance in enumerate(known.opportunities):
        head = _head(Opportunity, unit, run, place, chance.confidence, chance.evidence)
        words = {"type": chance.type, "description": chance.description, "value": chance.value}
        share = chance.estimate
        numbers = {"low": round(share.low, 4), "high": round(share.high, 4), "basis": share.basis, "cases": share.cases}
        row = Opportunity(**head, **words, timeline=chance.timeline, probability=round(share.value, 4), **numbers)
        rows.append(row)
    for place, (rival, sure) in enumerate(known.rivals):
        head = _head(Competitor, unit, run, place, sure, rival.evidence)
        sides = {"strengths": list(rival.strengths), "weaknesses": list(rival.weaknesses)}
        rows.append(Competitor(**head, name=rival.name, relationship=rival.relationship or "", **sides))
    return rows + _news(unit, run, known)


def _news(unit: Unit, run: ResearchRun, known: Conclusions) -> list[Entity]:
    rows: list[Entity] = []
    for place, each in enumerate(known.news):
        evidence = (Evidence.of_news(each),)
        row = NewsItem(
            **_head(NewsItem, unit, run, place, 0.9 if each.in_title else 0.6, evidence),
            entry_id=each.id,
            title=each.title,
            date=each.published,
            relevance=relevance(each, unit.now.date()),
            impact=IMPACTS[each.sentiment],
            summary=shortened(each.summary),
            url=each.url,
        )
        rows.append(row)
    return rows


def _head(
    entity: type[Entity], unit: Unit, run: ResearchRun, place: int, sure: float, evidence: Sequence[Evidence]
) -> dict[str, Any]:
    return {
        "id": entity.new_id(),
        "organization_id": run.organization_id,
        "created_at": unit.now,
        "account_id": run.account_id,
        "run_id": run.id,
        "position": place,
        "confidence": round(min(sure, 1.0), 4),
        "evidence": [each.stored() for each in evidence],
    }


def _told(run: ResearchRun) -> dict[str, Any]:
    """The research as its end is told; the score is its confidence in percent (CC-37)."""
    actions = [
        {
            "actionType": each["action_type"],
            "priority": each["priority"].lower(),
            "estimatedCompletion": each["estimated_completion"],
        }
        for each in run.next_actions
    ]
    return facts(run) | {
        "researchScore": round(100 * (run.confidence or 0)),
        "processingTime": round(run.processing_seconds or 0, 1),
        "insightsGenerated": run.insights_generated,
        "decisionMakersFound": run.decision_makers_found,
        "painPointsIdentified": run.pain_points_identified,
        "opportunitiesDiscovered": run.opportunities_discovered,
        "nextActions": actions,
    }

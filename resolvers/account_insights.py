"""Insights into companies: how engaged they are, what they respond to, and what to do next."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from domain.intelligence import account_engagement as engagement
from domain.intelligence import account_insights as insights
from domain.intelligence.account_advice import Findings, advice, next_action
from domain.intelligence.account_engagement import FEWEST_EVENTS, WEEKDAYS
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.account_evidence import evidence
from resolvers.reads import Run, reckons


@reckons(Permission.READ_MARKETING)
async def insight(run: Run, viewer: Viewer, now: datetime, ids: Sequence[str]) -> dict[str, Any]:
    """Insights from the last 180 days of engagement, and from what else is known of companies.

    Raises:
        DomainError: FORBIDDEN for who may not read both companies and marketing.
    """
    viewer.require(Permission.READ_ACCOUNTS)
    known = await evidence(run, viewer, now, ids)
    # Away from the event loop: a page of companies is some work.
    return await asyncio.to_thread(_answers, known, now)


def _answers(known: Mapping[str, insights.Evidence], now: datetime) -> dict[str, Any]:
    return {id_: _answer(id_, each, now) for id_, each in known.items()}


def _answer(id_: str, of: insights.Evidence, now: datetime) -> dict[str, Any]:
    heading = engagement.trend(of.hours, now)
    days, hours = engagement.peak_days(of.hours), engagement.peak_hours(of.hours)
    preferred = insights.preferred(of)
    when, usual = insights.timing(days, hours, of.people)
    found = Findings(heading, days, hours, preferred, when)
    timeline = insights.decision_timeline(of.decision_days)
    assumed = [*preferred.assumed, *(["recommendedTiming"] if usual else [])]
    assumed += ["decisionTimeline"] if timeline is None else []
    return {
        "account_id": id_,
        "overall_score": engagement.overall_score(of.hours, now),
        "trend": heading.word,
        "change_fraction": heading.change,
        "peak_days": [WEEKDAYS[each.place] for each in days],
        "peak_times": [engagement.span(each.place) for each in hours],
        "preferred_content_types": preferred.content_types,
        "preferred_channels": preferred.channels,
        "optimal_content_length": preferred.length,
        "preferred_tone": preferred.tone,
        "decision_timeline": timeline or insights.USUAL_TIMELINE,
        "influence_factors": insights.influence_factors(of),
        "objection_patterns": insights.objection_patterns(of),
        **_chances(of),
        "optimal_next_action": next_action(of, found, now),
        "recommended_timing": when,
        "risk_factors": insights.risk_factors(of, heading),
        "success_factors": insights.success_factors(of, heading),
        "recommendations": [asdict(each) for each in advice(of, found, now)],
        "evidence": of.events,
        "thin": of.events < FEWEST_EVENTS,
        "assumed": assumed,
        "generated_at": now,
    }


def _chances(of: insights.Evidence) -> dict[str, Any]:
    response, conversion = insights.response_likelihood(of), insights.conversion_probability(of)
    return {
        "response_likelihood": response.value,
        "response_likelihood_estimate": response,
        "conversion_probability": conversion.value,
        "conversion_probability_estimate": conversion,
    }

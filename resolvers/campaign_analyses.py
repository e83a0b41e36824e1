"""Analyses of campaigns: reading them, and making them from what is stored and what is given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from domain.errors import invalid
from domain.events import EventType
from domain.figures import Fact, Figures, figures, given_figures, total
from domain.intelligence.campaign_analysis import Analysis, analyse
from domain.marketing import AdCampaign, AdPerformance, CampaignAnalysis
from domain.performance_rows import PerformanceRow
from domain.permissions import Permission
from domain.rounding import shown
from domain.texts import LINE, line, needed, text
from domain.viewer import Viewer
from resolvers.ad_campaign_writes import found_or_made
from resolvers.ad_campaigns import named
from resolvers.ad_performance import describe, store
from resolvers.campaign_figures import GivenPerformance, given_performance
from resolvers.campaign_totals import added_up, figures_of_whole, sums
from resolvers.desk import Desk
from resolvers.reads import Listing, Statement, ToMany, newest_first, reads, visibility, visible_to
from resolvers.sql import equals
from resolvers.unit import Keys, Unit, requires

_METRICS = 50


@dataclass(frozen=True, slots=True)
class CampaignAnalysisFilter:
    """Which analyses are wanted."""

    campaign: str | None = None


@reads(CampaignAnalysis, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Analyses of the organization's campaigns."""
    return visible_to(viewer, CampaignAnalysis)


@reads(CampaignAnalysis, Permission.READ_MARKETING)
def search(viewer: Viewer, where: CampaignAnalysisFilter | None = None) -> Listing:
    """Analyses, newest first."""
    statement = visible_to(viewer, CampaignAnalysis)
    if where and where.campaign is not None:
        statement = statement.where(CampaignAnalysis.campaign_id == where.campaign)
    return Listing(statement, newest_first(CampaignAnalysis))


of_campaign = ToMany(search, CampaignAnalysis.campaign_id)


@dataclass(frozen=True, slots=True)
class AnalysisDraft:
    """What is to be analysed: a campaign by its owner's id or ours, in a range of days, with figures if given.

    `performance_data` is an object of figures of the whole, or one whose `rows` are rows as Google Ads exports them.
    """

    campaign_id: str
    platform: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    metrics: list[str] = field(default_factory=list)
    performance_data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ReadyAnalysis:
    """A draft whose analysis is done, and what was given with it."""

    draft: AnalysisDraft
    given: GivenPerformance
    analysis: Analysis


async def prepared(desk: Desk, draft: AnalysisDraft) -> ReadyAnalysis:
    """Check what was sent, read what is stored, and analyse it."""
    name, platform = needed("campaignId", draft.campaign_id).strip(), line("platform", draft.platform)
    if draft.date_from and draft.date_to and draft.date_from > draft.date_to:
        raise invalid("dateFrom", "dateFrom must not be after dateTo.")
    if len(draft.metrics) > _METRICS:
        raise invalid("metrics", f"metrics must be at most {_METRICS} names.")
    metrics = [text("metrics", each, LINE) for each in draft.metrics]
    terms = desk.outside.marketing
    given = given_performance(name, draft.performance_data, terms.import_rows)
    draft = AnalysisDraft(name, platform, draft.date_from, draft.date_to, metrics)
    facts, notes, known = await _facts(desk, draft, given)
    history = await _history(desk, draft, known, given)
    period = (draft.date_from, draft.date_to)
    # Away from the event loop: a year of keywords is many rows.
    analysis = await asyncio.to_thread(analyse, facts, history, terms.fewest_clicks, period)
    analysis.notes.extend([*given.notes, *notes])
    return ReadyAnalysis(draft, given, analysis)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored of the campaign beside its days."""

    id: str
    platform: str | None
    currency: str | None
    external_id: str
    performance_data: dict[str, Any] | None


async def _facts(
    desk: Desk, draft: AnalysisDraft, given: GivenPerformance
) -> tuple[list[Fact], list[str], _Known | None]:
    """What is known of the campaign in the range: given figures win over stored ones."""
    own = AdCampaign
    columns = (own.id, own.platform, own.currency, own.external_id, own.performance_data)
    rows = [
        _Known(*row) for row in await desk.rows(named(desk.viewer, [draft.campaign_id]).with_only_columns(*columns))
    ]
    campaign = next((row for row in rows if row.external_id == draft.campaign_id), rows[0] if rows else None)
    if given.undated:
        return [row.fact for row in given.undated], [], campaign
    facts = {(each.day, each.region, each.segment): each for each in await _stored(desk, draft, campaign)}
    for fact in given.dated():
        if _inside(fact.day, draft):
            facts[(fact.day, fact.region, fact.segment)] = fact
    if not facts and campaign and campaign.performance_data:
        whole = campaign.performance_data
        cost, revenue = whole.get("cost", 0.0), whole.get("revenue")
        told = figures(
            whole.get("impressions", 0), whole.get("clicks", 0), whole.get("conversions", 0.0), cost, revenue
        )
        return [Fact(told)], ["No days are known in this range: these are the figures given for the whole."], campaign
    return list(facts.values()), [], campaign


async def _stored(desk: Desk, draft: AnalysisDraft, campaign: _Known | None) -> list[Fact]:
    if campaign is None:
        return []
    own = AdPerformance
    statement = select(
        own.day, own.region, own.segment, own.impressions, own.clicks, own.conversions, own.cost, own.revenue
    ).where(*visibility(desk.viewer, own), own.campaign_id == campaign.id)
    if draft.date_from:
        statement = statement.where(own.day >= draft.date_from)
    if draft.date_to:
        statement = statement.where(own.day <= draft.date_to)
    return [
        Fact(figures(*numbers), day, region, segment) for day, region, segment, *numbers in await desk.rows(statement)
    ]


def _inside(day: date | None, draft: AnalysisDraft) -> bool:
    return day is not None and not (
        (draft.date_from and day < draft.date_from) or (draft.date_to and day > draft.date_to)
    )


async def _history(desk: Desk, draft: AnalysisDraft, campaign: _Known | None, given: GivenPerformance) -> Figures:
    """The organization's other campaigns on the platform, and the campaign's own days before the range.

    Those in another currency than its own are left out, for their money does not add up.
    """
    own = AdCampaign
    earning = func.sum(own.cost).filter(own.revenue.is_not(None))
    counted = (own.impressions, own.clicks, own.conversions, own.cost)
    columns = [*(func.coalesce(func.sum(column), 0) for column in counted), func.sum(own.revenue), earning]
    others = select(*columns).where(*visibility(desk.viewer, own), own.external_id != draft.campaign_id)
    platform = draft.platform or (campaign.platform if campaign else None)
    told = (row.currency for row in (*given.undated, *given.days))
    currency = (campaign and campaign.currency) or next(filter(None, told), None)
    if currency:
        others = others.where(or_(own.currency == currency, own.currency.is_(None)))
    if platform:
        others = others.where(equals(platform, own.platform))
    if campaign is None:
        return added_up((await desk.rows(others))[0])
    history = added_up((await desk.rows(others.where(own.id != campaign.id)))[0])
    if draft.date_from:
        before = select(*sums()).where(
            *visibility(desk.viewer, AdPerformance),
            AdPerformance.campaign_id == campaign.id,
            AdPerformance.day < draft.date_from,
        )
        history += added_up((await desk.rows(before))[0])
    return history


@requires(Permission.WRITE_MARKETING)
async def analyze(unit: Unit, ready: ReadyAnalysis) -> Keys:
    """Analyse a campaign from what is stored, or from the figures given, which are kept; an unknown one is made."""
    draft, given, found = ready.draft, ready.given, ready.analysis
    campaigns = await found_or_made(unit, [draft.campaign_id])
    campaign = campaigns[draft.campaign_id]
    _keep(unit, campaign, draft, given, found)
    await unit.flush()
    if given.days:
        await store(unit, {row.campaign_id: campaign for row in given.days}, given.days)
    analysis = _row(unit, campaign, draft, found)
    unit.add(analysis)
    unit.record(EventType.MARKETING_OPTIMIZED, analysis, told(draft.campaign_id, found))
    rejected = [asdict(each) for each in given.rejected]
    return {"analysis": analysis.id, "rejected": rejected}


def _keep(unit: Unit, campaign: AdCampaign, draft: AnalysisDraft, given: GivenPerformance, found: Analysis) -> None:
    """What was said of the campaign beside its days."""
    campaign.platform = draft.platform or campaign.platform
    for row in (*given.undated, *given.days):
        describe(campaign, row)
    if given.undated:
        whole, roi = total(row.fact for row in given.undated), _only_roi(given.undated)
        for name, value in figures_of_whole(whole, roi).items():
            setattr(campaign, name, value)
        campaign.performance_data = given_figures(whole, roi)
    if found.figures.known:
        campaign.performance_score = found.score.value
    campaign.updated_at = unit.now


def _only_roi(rows: Sequence[PerformanceRow]) -> float | None:
    return rows[0].roi if len(rows) == 1 else None


def _row(unit: Unit, campaign: AdCampaign, draft: AnalysisDraft, found: Analysis) -> CampaignAnalysis:
    whole = found.figures
    return CampaignAnalysis(
        id=CampaignAnalysis.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=campaign.id,
        date_from=draft.date_from,
        date_to=draft.date_to,
        metrics=draft.metrics,
        basis=found.basis,
        impressions=whole.impressions,
        clicks=whole.clicks,
        conversions=whole.conversions,
        cost=whole.cost,
        revenue=whole.revenue,
        performance_score=found.score.value,
        score_low=found.score.low,
        score_high=found.score.high,
        roi=whole.roi or 0.0,
        conversion_rate=whole.conversion_rate,
        cost_per_conversion=whole.cost_per_conversion,
        regions=[_region(each) for each in found.regions],
        recommendations=[asdict(each) for each in found.recommendations],
        notes=found.notes,
    )


def _region(each: Any) -> dict[str, Any]:
    whole: Figures = each.figures
    return {
        "region": each.region,
        "performance": each.score.value,
        "low": each.score.low,
        "high": each.score.high,
        "recommendation_count": each.recommendations,
        "impressions": whole.impressions,
        "clicks": whole.clicks,
        "conversions": whole.conversions,
        "cost": whole.cost,
        "revenue": whole.revenue,
        "conversion_rate": whole.conversion_rate,
        "roi": whole.roi,
    }


def told(name: str, found: Analysis) -> dict[str, Any]:
    """The analysis as ClickUp Brain answers it, and so tells it (CB-32)."""
    per_conversion = found.figures.cost_per_conversion
    return {
        "campaign_id": name,
        "analysis": {
            "performance_score": shown(found.score.value),
            "roi": shown(found.figures.roi or 0.0),
            "conversion_rate": shown(found.figures.conversion_rate),
            "cost_per_conversion": None if per_conversion is None else shown(per_conversion, 2),
            "recommendations": [
                {"type": each.kind, "description": each.description, "expected_impact": each.expected_impact}
                for each in found.recommendations
            ],
        },
        "regional_analysis": {
            each.region: {"performance": shown(each.score.value), "recommendations": each.recommendations}
            for each in found.regions
        },
    }

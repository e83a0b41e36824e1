"""Campaigns and what hangs on them, as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from domain.levels import Basis
from domain.localization import GlossaryTerm, Localization, LocalizationMethod, MarketProfile, TranslationUnit
from domain.marketing import AdCampaign, AdPerformance, BudgetAllocation, BudgetPlan, CampaignAnalysis
from domain.values import new_id
from gateway.database import Database
from gateway.locales import LocaleTables
from gateway.seeds.marketing import advertising
from gateway.writing.writer import NoWriter
from tests.factories.feedback import hire
from tests.factories.organizations import store


def campaign_row(organization: str, at: datetime, **values: Any) -> AdCampaign:
    """A campaign that is not stored yet."""
    own_id = AdCampaign.new_id()
    known: dict[str, Any] = {"external_id": own_id, "name": "Spring", "platform": "google_ads", "audiences": []}
    known |= {"locations": [], "updated_at": at}
    return AdCampaign(id=own_id, organization_id=organization, created_at=at, **(known | values))


def performance_row(campaign: AdCampaign, day: date, **values: Any) -> AdPerformance:
    """What a campaign reached on a day, not stored yet."""
    known: dict[str, Any] = {"region": "US", "segment": "", "impressions": 1000, "clicks": 50, "conversions": 2.0}
    known |= {"cost": 100.0, "revenue": 250.0}
    return AdPerformance(
        id=AdPerformance.new_id(),
        organization_id=campaign.organization_id,
        created_at=campaign.created_at,
        campaign_id=campaign.id,
        day=day,
        **(known | values),
    )


def owned(entity: type[Any], organization: str, at: datetime, **values: Any) -> Any:
    """A row of an organization, not stored yet."""
    return entity(id=entity.new_id(), organization_id=organization, created_at=at, **values)


def marketing_rows(organization: str, at: datetime) -> list[Any]:
    """One of everything of marketing."""
    campaign = campaign_row(organization, at, locations=["United States"])
    plan = owned(
        BudgetPlan,
        organization,
        at,
        total_budget=100.0,
        current_total_roi=2.0,
        expected_total_roi=2.1,
        roi_improvement=0.1,
        assumption="Returns diminish.",
    )
    part = owned(
        BudgetAllocation,
        organization,
        at,
        plan_id=plan.id,
        campaign_id=campaign.id,
        position=0,
        name="camp_1",
        current_budget=90.0,
        recommended_budget=100.0,
        change=10.0,
        expected_roi=2.1,
        reasoning="The only one.",
    )
    texts = language_rows(organization, at, campaign.id)
    return [campaign, performance_row(campaign, at.date()), analysis_row(campaign), plan, part, *texts]


def language_rows(organization: str, at: datetime, campaign: str) -> list[Any]:
    """A localization, a translation, a term and a profile, each different from all others."""
    number = new_id("x")
    languages = {"source_language": "en", "target_language": "de", "updated_at": at}
    customs: dict[str, Any] = {"color_preferences": ["blue"], "payment_preferences": [], "cultural_taboos": []}
    localization = owned(
        Localization,
        organization,
        at,
        campaign_id=campaign,
        original_content="Buy now",
        target_market="DE",
        language="de",
        localized_content="Jetzt kaufen",
        method=LocalizationMethod.MEMORY,
        seasonal_context="winter_sales",
        performance_prediction=0.76,
        prediction_low=0.47,
        prediction_high=0.95,
        prediction_basis=Basis.PRIOR,
        notes=[],
        **customs,
    )
    translation = owned(
        TranslationUnit,
        organization,
        at,
        market="",
        voice="",
        source=number,
        target="Jetzt kaufen",
        key=number,
        **languages,
    )
    term = owned(GlossaryTerm, organization, at, term=number, key=number, **languages)
    profile = owned(MarketProfile, organization, at, market=number, updated_at=at, **customs)
    return [localization, translation, term, profile]


def analysis_row(campaign: AdCampaign) -> CampaignAnalysis:
    """What was concluded about a campaign, not stored yet."""
    figures = {"impressions": 1000, "clicks": 50, "conversions": 2.0, "cost": 100.0, "revenue": 250.0}
    scores = {"performance_score": 0.5, "score_low": 0.4, "score_high": 0.6, "roi": 2.5, "conversion_rate": 0.04}
    listed: dict[str, Any] = {"metrics": [], "regions": [], "recommendations": [], "notes": []}
    analysis: CampaignAnalysis = owned(
        CampaignAnalysis,
        campaign.organization_id,
        campaign.created_at,
        campaign_id=campaign.id,
        basis=Basis.PRIOR,
        cost_per_conversion=50.0,
        **figures,
        **scores,
        **listed,
    )
    return analysis


async def make_memory(database: Database, organization: str) -> None:
    """The demo's translation memory in another organization."""
    units = [each for each in advertising() if isinstance(each, TranslationUnit)]
    for each in units:
        each.id, each.organization_id = TranslationUnit.new_id(), organization
    await store(database, *units)


def hire_locales(database: Database) -> None:
    """Have numbers written and holidays known, texts read by words, and no language model."""
    hire(database)
    database.outside = replace(database.outside, locales=LocaleTables(), writer=NoWriter())

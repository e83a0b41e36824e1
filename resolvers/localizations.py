"""Localizations: reading them, and keeping those that were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

from domain.content import ContentVariant
from domain.errors import Code
from domain.events import EventType
from domain.localization import Localization, LocalizationMethod
from domain.marketing import AdCampaign
from domain.permissions import Permission
from domain.regions import country_of
from domain.rounding import shown
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import ad_campaigns
from resolvers.localizing import ReadyLocalization, ReadyText
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class LocalizationFilter:
    """Which localizations are wanted; bounds are inclusive."""

    market: str | None = None
    language: str | None = None
    method: LocalizationMethod | None = None
    campaign: str | None = None
    variant: str | None = None
    search: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@reads(Localization, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Localizations of the organization."""
    return visible_to(viewer, Localization)


@reads(Localization, Permission.READ_MARKETING)
def search(viewer: Viewer, where: LocalizationFilter | None = None) -> Listing:
    """Localizations, newest first."""
    statement, where = visible_to(viewer, Localization), where or LocalizationFilter()
    country = country_of(where.market) if where.market else None
    equal = (
        (Localization.target_market, country.code if country else where.market),
        (Localization.language, where.language),
        (Localization.method, where.method),
        (Localization.campaign_id, where.campaign),
        (Localization.variant_id, where.variant),
    )
    for column, value in equal:
        if value is not None:
            statement = statement.where(column == value)
    if where.search and where.search.strip():
        words = func.lower(Localization.original_content + " " + Localization.localized_content)
        statement = statement.where(words.contains(where.search.strip().lower(), autoescape=True))
    if where.created_from:
        statement = statement.where(Localization.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(Localization.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(Localization))


of_campaign = ToMany(search, Localization.campaign_id)
campaign = ToOne(ad_campaigns.visible, Localization.campaign_id)


@requires(Permission.WRITE_MARKETING)
async def localize(unit: Unit, ready: ReadyLocalization) -> Keys:
    """Adapt a text to markets: language, numbers, customs and season; where nobody can translate, it is said so."""
    if ready.campaign_id is not None:
        await unit.load(AdCampaign, ready.campaign_id, "campaignId")
    if ready.variant_id is not None:
        await unit.load(ContentVariant, ready.variant_id, "variantId")
    made = {key: _row(unit, ready, text) for key, text in ready.texts.items()}
    for row in made.values():
        unit.add(row)
    results: list[dict[str, Any]] = []
    for market in ready.markets:
        problem, own = ready.problems.get(market.key), made.get(market.key)
        told = {"code": Code.UNAVAILABLE, "message": problem, "field": "markets"} if problem else None
        results.append({"market": market.asked, "localization": own.id if own else None, "problem": told})
    if made:
        first = next(iter(made.values()))
        unit.record(EventType.MARKETING_OPTIMIZED, first, told_of(ready))
    return {"results": results}


def _row(unit: Unit, ready: ReadyLocalization, text: ReadyText) -> Localization:
    facts, chance = text.facts, text.prediction
    return Localization(
        id=Localization.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=ready.campaign_id,
        variant_id=ready.variant_id,
        original_content=ready.content,
        original_language=ready.source_language,
        target_market=facts.market,
        language=text.language,
        localized_content=text.text,
        method=text.method,
        campaign_type=ready.campaign_type,
        brand_voice=ready.brand_voice,
        color_preferences=facts.color_preferences,
        seasonal_context=text.season,
        payment_preferences=facts.payment_preferences,
        cultural_taboos=facts.cultural_taboos,
        performance_prediction=chance.value,
        prediction_low=chance.low,
        prediction_high=chance.high,
        prediction_basis=chance.basis,
        notes=[*text.notes, f"Customs as of {facts.as_of}: {facts.source}"],
    )


def told_of(ready: ReadyLocalization) -> dict[str, Any]:
    """The localizations as ClickUp Brain answers them, and so tells them (CB-32)."""
    return {
        "localized_content": {
            market.asked: _told(ready.texts[market.key]) for market in ready.markets if market.key in ready.texts
        }
    }


def _told(text: ReadyText) -> dict[str, Any]:
    return {
        "translation": text.text,
        "cultural_adaptations": {
            "color_preferences": text.facts.color_preferences,
            "seasonal_context": text.season,
            "payment_preferences": text.facts.payment_preferences,
        },
        "performance_prediction": shown(text.prediction.value),
    }

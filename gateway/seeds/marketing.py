"""The demo's advertising: campaigns with their days, and a translation memory of common phrases."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.entity import Entity
from domain.figures import Figures, figures
from domain.localization import GlossaryTerm, TranslationUnit
from domain.marketing import AdCampaign, AdPerformance
from gateway.seeds.printed import ORGANIZATION
from resolvers.campaign_totals import figures_of_whole
from resolvers.translations import TranslationDraft, values_of

_MADE = datetime(2023, 12, 28, 9, tzinfo=UTC)
_FIRST, _DAYS = date(2024, 1, 1), 31
_PHRASES = Path(__file__).with_name("phrases.json")
_LANGUAGES = ("de", "fr", "es")
_CAMPAIGNS = (
    ("camp_789", "New year, new cover", "google_ads", ("US", "DE", "JP"), 1.0),
    ("camp_001", "Summer promo", "facebook_ads", ("US",), 0.6),
)
"""Two ids the documents print: the campaign that is analysed, and the one John Doe's lead names."""
_PARTS = (("US", "brand", 130, 9.0), ("US", "generic", 90, 3.4), ("DE", "generic", 80, 2.6), ("JP", "generic", 70, 2.7))
"""Region, ad group, clicks and conversions of a day."""


def advertising() -> list[Entity]:
    """Every campaign, day, translation and term."""
    return [*_campaigns(), *_memory(), *_glossary()]


def _campaigns() -> list[Entity]:
    found: list[Entity] = []
    for name, title, platform, places, size in _CAMPAIGNS:
        days = [_day(name, number, part, size) for number in range(_DAYS) for part in _PARTS if part[0] in places]
        whole = Figures()
        for day in days:
            whole += figures(day.impressions, day.clicks, day.conversions, day.cost, day.revenue)
        campaign = _owned(
            AdCampaign,
            name,
            external_id=name,
            name=title,
            platform=platform,
            currency="USD",
            budget_total=12_000 * size,
            budget_spent=round(whole.cost, 2),
            audiences=["drivers"],
            locations=list(places),
            updated_at=_MADE + timedelta(days=_DAYS + 4),
            **figures_of_whole(whole),
        )
        found += [campaign, *days]
    return found


def _day(campaign: str, number: int, part: tuple[str, str, int, float], size: float) -> Any:
    region, group, clicks, conversions = part
    # The week's rhythm: what is bought on a Monday is not bought on a Saturday.
    rhythm = size * (1.15, 1.1, 1.05, 1.0, 0.95, 0.8, 0.85)[number % 7]
    won = round(conversions * rhythm)
    clicked = round(clicks * rhythm)
    return _owned(
        AdPerformance,
        f"perf_demo_{campaign}_{number:02}_{region}_{group}".lower(),
        campaign_id=campaign,
        day=_FIRST + timedelta(days=number),
        region=region,
        segment=group,
        impressions=clicked * 24,
        clicks=clicked,
        conversions=float(won),
        cost=round(clicked * 1.15, 2),
        revenue=won * 82.5,
    )


def _memory() -> list[Entity]:
    phrases: list[dict[str, str]] = json.loads(_PHRASES.read_text("utf-8"))
    return [
        _owned(
            TranslationUnit,
            f"tu_demo_{language}_{number:02}",
            updated_at=_MADE,
            **values_of(TranslationDraft(source=phrase["en"], target=phrase[language], target_language=language)),
        )
        for number, phrase in enumerate(phrases)
        for language in _LANGUAGES
    ]


def _glossary() -> list[Entity]:
    words = (("quote", "de", "Angebot"), ("quote", "fr", "devis"), ("quote", "es", "presupuesto"))
    return [
        _owned(
            GlossaryTerm,
            f"term_demo_{language}",
            source_language="en",
            target_language=language,
            term=term,
            key=term,
            target=target,
            updated_at=_MADE,
        )
        for term, language, target in words
    ]


def _owned(entity: type[Any], own_id: str, /, **values: Any) -> Any:
    return entity(id=own_id, organization_id=ORGANIZATION, created_at=_MADE, **values)

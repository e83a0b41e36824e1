"""Settings of marketing: how much at once, and how bold its advice is."""

from __future__ import annotations

from pydantic import Field

from gateway.settings_sections import Section


class MarketingSettings(Section):
    """Campaigns, budgets and localized texts."""

    plan_campaigns: int = Field(1_000, ge=1, description="Most campaigns a budget is divided among")
    import_rows: int = Field(
        20_000,
        ge=1,
        description="Most rows of performance, or translations, in a request; `trigraph import` takes any",
    )
    import_bytes: int = Field(10_000_000, ge=1, description="Most bytes of a file with them")
    localized_markets: int = Field(30, ge=1, description="Most markets a text is adapted to at once")
    localized_characters: int = Field(5_000, ge=1, description="Most characters of a text that is adapted")
    fewest_clicks: int = Field(
        100, ge=1, description="From how many clicks a part of a campaign is compared with the rest of it"
    )
    most_change: float = Field(
        0.5,
        gt=0,
        le=100,
        description="The most a plan moves a campaign's budget, relative to its part of the total, unless it is asked "
        "for more",
    )
    campaign_weeks: int = Field(52, ge=1, le=520, description="Most weeks of a campaign for one company")
    campaign_personas: int = Field(50, ge=1, description="Most personas of a campaign for one company")
    campaign_items: int = Field(300, ge=1, description="Most pieces that a campaign for one company plans")
    content_variants: int = Field(10, ge=1, le=20, description="Most variants of a text that is generated")

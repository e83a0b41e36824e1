"""Campaigns and what hangs on them, as rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from domain.marketing import AdCampaign, AdPerformance


def campaign_row(organization: str, at: datetime, **values: Any) -> AdCampaign:
    """A campaign that is not stored yet."""
    id = AdCampaign.new_id()
    known: dict[str, Any] = {"external_id": id, "name": "Spring", "platform": "google_ads", "audiences": []}
    known |= {"locations": [], "updated_at": at}
    return AdCampaign(id=id, organization_id=organization, created_at=at, **(known | values))


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


def marketing_rows(organization: str, at: datetime) -> list[Any]:
    """One of everything of marketing."""
    return [campaign_row(organization, at)]

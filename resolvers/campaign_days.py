"""Adding to what happened in campaigns by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import update

from domain.abm import CampaignDay
from resolvers.unit import Unit

Counts = Mapping[tuple[str, date], Mapping[str, float]]
"""What is added to the columns of a campaign's day."""


async def add(unit: Unit, counts: Counts) -> None:
    """Add to days, in the database itself, so that nobody's addition is lost; a day begins with its first.

    Two who begin a day at the same moment meet in its index, and the second is run again.
    """
    # In one order for everybody, or two who add to the same days could wait for each other.
    for (campaign_id, day), given in sorted(counts.items()):
        # Scores alone are no whole numbers.
        added = {name: value if name == "score_sum" else int(value) for name, value in given.items() if value}
        if not added:
            continue
        statement = update(CampaignDay).where(CampaignDay.campaign_id == campaign_id, CampaignDay.day == day)
        values = {name: getattr(CampaignDay, name) + value for name, value in added.items()}
        statement = statement.values(values).returning(CampaignDay.id)
        found = await unit.session.execute(statement.execution_options(synchronize_session=False))
        if found.first() is None:
            unit.add(_begun(unit, campaign_id, day, added))
            # Found by whoever adds to it next in this unit.
            await unit.flush()


def _begun(unit: Unit, campaign_id: str, day: date, added: Mapping[str, Any]) -> CampaignDay:
    return CampaignDay(
        id=CampaignDay.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        campaign_id=campaign_id,
        day=day,
        **added,
    )

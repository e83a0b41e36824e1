"""How campaigns did day by day: reading it, and taking in what platforms report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from domain.errors import required
from domain.events import EventType
from domain.figures import Figures
from domain.marketing import AdCampaign, AdPerformance
from domain.performance_rows import PerformanceRow
from domain.permissions import Permission
from domain.rejected_rows import RejectedRow
from domain.viewer import Viewer
from resolvers.ad_campaign_writes import found_or_made
from resolvers.campaign_totals import add_up
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, reads, visibility, visible_to
from resolvers.unit import Keys, Unit, requires


class AdPerformanceSortField(StrEnum):
    """By what days of campaigns can be sorted."""

    DAY = "DAY"
    CREATED_AT = "CREATED_AT"
    CLICKS = "CLICKS"
    CONVERSIONS = "CONVERSIONS"
    COST = "COST"


_SORT_COLUMNS: dict[AdPerformanceSortField, Any] = {
    AdPerformanceSortField.DAY: AdPerformance.day,
    AdPerformanceSortField.CREATED_AT: AdPerformance.created_at,
    AdPerformanceSortField.CLICKS: AdPerformance.clicks,
    AdPerformanceSortField.CONVERSIONS: AdPerformance.conversions,
    AdPerformanceSortField.COST: AdPerformance.cost,
}


@dataclass(frozen=True, slots=True)
class AdPerformanceSort:
    """The order of days."""

    field: AdPerformanceSortField = AdPerformanceSortField.DAY
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class AdPerformanceFilter:
    """Which days are wanted; every given condition has to hold, bounds are inclusive."""

    campaign: str | None = None
    day_from: date | None = None
    day_to: date | None = None
    region: str | None = None
    segment: str | None = None


@reads(AdPerformance, Permission.READ_MARKETING)
def visible(viewer: Viewer) -> Statement:
    """Days of the organization's campaigns."""
    return visible_to(viewer, AdPerformance)


@reads(AdPerformance, Permission.READ_MARKETING)
def search(viewer: Viewer, where: AdPerformanceFilter | None = None, sort: AdPerformanceSort | None = None) -> Listing:
    """Days that match, the latest first unless sorted otherwise."""
    sort = sort or AdPerformanceSort()
    statement = visible_to(viewer, AdPerformance).where(*conditions(where or AdPerformanceFilter()))
    return Listing(statement, Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC))


def conditions(where: AdPerformanceFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, also for statements that add up."""
    equal = ((AdPerformance.campaign_id, where.campaign), (AdPerformance.region, where.region))
    wanted: list[ColumnElement[bool]] = [column == value for column, value in equal if value is not None]
    if where.segment is not None:
        wanted.append(AdPerformance.segment == where.segment)
    if where.day_from is not None:
        wanted.append(AdPerformance.day >= where.day_from)
    if where.day_to is not None:
        wanted.append(AdPerformance.day <= where.day_to)
    return wanted


@dataclass(frozen=True, slots=True)
class PerformanceImport:
    """Rows to be taken in, and those that could not be read.

    `unfinished` is how rows name the campaign that more of them follow of: it is added up with the last ones.
    """

    rows: Sequence[PerformanceRow]
    rejected: Sequence[RejectedRow] = field(default=())
    unfinished: str | None = None


@requires(Permission.WRITE_MARKETING)
async def finish(unit: Unit, name: str) -> None:
    """Add up the campaign that rows call so, where the last of them never came."""
    campaigns = await found_or_made(unit, [name])
    await add_up(unit, {campaign.id: campaign for campaign in campaigns.values()})


@requires(Permission.WRITE_MARKETING)
async def import_rows(unit: Unit, batch: PerformanceImport) -> Keys:
    """Take in days of campaigns; a day that is known already is replaced, unknown campaigns are made.

    Rows of the same campaign, day, region and segment are added up.
    """
    if not batch.rows and not batch.rejected:
        raise required("rows", "rows must hold at least one row.")
    days = [row for row in batch.rows if row.fact.day is not None]
    campaigns = await found_or_made(unit, [row.campaign_id for row in days])
    for row in days:
        describe(campaigns[row.campaign_id], row)
    await unit.flush()
    stored = await store(unit, campaigns, days, batch.unfinished)
    for campaign in {each.id: each for each in campaigns.values()}.values():
        own = [row.fact.day for row in days if campaigns[row.campaign_id] is campaign and row.fact.day]
        told = {"campaignId": campaign.external_id, "rows": len(own), "from": str(min(own)), "to": str(max(own))}
        unit.record(EventType.PERFORMANCE_IMPORTED, campaign, told)
    return {
        "imported": len(days),
        "stored": stored,
        "ids": sorted({campaign.id for campaign in campaigns.values()}),
        "rejected": [{"line": r.line, "column": r.column, "reason": r.reason} for r in batch.rejected],
    }


def describe(campaign: AdCampaign, row: PerformanceRow) -> None:
    """Keep what a row says of its campaign, where nobody has said it before."""
    campaign.name = campaign.name or row.campaign
    campaign.platform = campaign.platform or row.platform
    campaign.currency = campaign.currency or row.currency


_Key = tuple[str, date, str, str]


async def store(
    unit: Unit, campaigns: dict[str, AdCampaign], rows: Iterable[PerformanceRow], unfinished: str | None = None
) -> int:
    """Put days of campaigns in place of what was known of them, and add the campaigns up anew; how many days."""
    added: dict[_Key, Figures] = {}
    for row in rows:
        fact = row.fact
        if fact.day is not None:
            key = (campaigns[row.campaign_id].id, fact.day, fact.region, fact.segment)
            added[key] = added.get(key, Figures()) + fact.figures
    if not added:
        return 0
    known = await _known(unit, added)
    fresh = [_values(unit, key, each) for key, each in added.items() if key not in known]
    changed = [{"id": known[key], **_measures(each)} for key, each in added.items() if key in known]
    if fresh:
        await unit.session.execute(insert(AdPerformance), fresh)
    if changed:
        await unit.session.execute(update(AdPerformance), changed)
    later = campaigns[unfinished] if unfinished is not None else None
    await add_up(unit, {campaign.id: campaign for campaign in campaigns.values() if campaign is not later})
    return len(added)


async def _known(unit: Unit, keys: Iterable[_Key]) -> dict[_Key, str]:
    """The ids of the days that are stored already."""
    wanted = set(keys)
    ids = sorted({key[0] for key in wanted})
    days = [key[1] for key in wanted]
    columns = (AdPerformance.campaign_id, AdPerformance.day, AdPerformance.region, AdPerformance.segment)
    found: dict[_Key, str] = {}
    for start in range(0, len(ids), _AT_ONCE):
        statement = select(*columns, AdPerformance.id).where(
            *visibility(unit.viewer, AdPerformance),
            AdPerformance.campaign_id.in_(ids[start : start + _AT_ONCE]),
            AdPerformance.day.between(min(days), max(days)),
        )
        for campaign, day, region, segment, id_ in await unit.session.execute(statement):
            key = (campaign, day, region, segment)
            if key in wanted:
                found[key] = id_
    return found


_AT_ONCE = 400


def _values(unit: Unit, key: _Key, each: Figures) -> dict[str, Any]:
    campaign, day, region, segment = key
    owned = {"id": AdPerformance.new_id(), "organization_id": unit.viewer.organization_id, "created_at": unit.now}
    return {**owned, "campaign_id": campaign, "day": day, "region": region, "segment": segment, **_measures(each)}


def _measures(each: Figures) -> dict[str, Any]:
    return {
        "impressions": each.impressions,
        "clicks": each.clicks,
        "conversions": each.conversions,
        "cost": each.cost,
        "revenue": each.revenue,
    }


of_campaign = ToMany(search, AdPerformance.campaign_id)

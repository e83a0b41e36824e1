"""How campaigns did day by day."""

from datetime import date, datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from resolvers import ad_campaigns, ad_performance, ad_performance_files, ad_performance_reports
from schema.ad_campaigns import AdCampaign
from schema.engine.forms import Optional, answer, change, connection, link
from schema.engine.inputs import mirrors
from schema.engine.scalars import Fraction, JSONObject, Upload
from schema.enums import AdPerformanceDimension, AdPerformanceSortField, Direction
from schema.nodes import Connection, Node, Payload
from schema.rejected_rows import RejectedRow


@mirrors(ad_performance.AdPerformanceSort)
class AdPerformanceSort:
    """The order of days."""

    field: AdPerformanceSortField = AdPerformanceSortField.DAY
    direction: Direction = Direction.DESC


@mirrors(ad_performance.AdPerformanceFilter)
class AdPerformanceFilter:
    """Which days are wanted."""

    campaign: strawberry.ID | None = UNSET
    day_from: date | None = UNSET
    day_to: date | None = UNSET
    region: str | None = UNSET
    segment: str | None = UNSET


@strawberry.type(description="What a campaign reached on one day, in one region, in one part such as an ad group.")
class AdPerformance(Node, read=ad_performance.visible):
    """What a campaign reached on one day, in one region, in one part such as an ad group."""

    day: date
    region: str = strawberry.field(description="As it was told; empty where it was not.")
    segment: str = strawberry.field(description="As it was told; empty where it was not.")
    impressions: float
    clicks: float
    conversions: float
    cost: float
    revenue: float | None
    created_at: datetime
    campaign: AdCampaign = link(ad_campaigns.of_performance)


@strawberry.type(description="Performance that shares one value of the dimension.")
class AdPerformanceGroup:
    """Performance that shares one value of the dimension."""

    key: str = strawberry.field(description="The day, region, segment, or the campaign's external id.")
    impressions: float
    clicks: float
    conversions: float
    cost: float
    revenue: float | None
    click_rate: Fraction
    conversion_rate: Fraction
    cost_per_conversion: float | None
    roi: float | None


@strawberry.type(description="Performance added up, in groups and in all.")
class AdPerformanceReport:
    """Performance added up, in groups and in all."""

    group_by: AdPerformanceDimension
    total: AdPerformanceGroup
    groups: list[AdPerformanceGroup]


@strawberry.type
class ImportAdPerformancePayload(Payload):
    """How many rows came in, and which did not."""

    blank: ClassVar[dict[str, Any]] = {"imported": 0, "stored": 0, "ids": [], "rejected": []}

    imported: int = strawberry.field(description="Rows that were taken.")
    stored: int = strawberry.field(description="Days they became: rows of one day, region and segment are added up.")
    ids: list[strawberry.ID] = strawberry.field(description="The campaigns they are of.")
    rejected: list[RejectedRow]


@mirrors(ad_performance_files.SentPerformance)
class ImportAdPerformanceInput:
    """Rows as Google Ads exports them: a CSV file, or objects by the same column names."""

    file: Upload | None = UNSET
    rows: list[JSONObject] | None = UNSET


@strawberry.type
class AdPerformanceQueries:
    """Reads of performance."""

    ad_performance: Connection[AdPerformance] = connection(
        ad_performance.search,
        "Days of campaigns, the latest first unless sorted otherwise.",
        where=AdPerformanceFilter,
        sort=AdPerformanceSort,
    )
    ad_performance_report: AdPerformanceReport = answer(
        ad_performance_reports.AdPerformanceQuestion,
        "What days of campaigns add up to.",
        group_by=Optional(AdPerformanceDimension),
        where=Optional(AdPerformanceFilter),
    )


@strawberry.type
class AdPerformanceMutations:
    """What can be done with performance."""

    import_ad_performance: ImportAdPerformancePayload = change(
        ad_performance.import_rows,
        ad_performance_files.read_in,
        input=ImportAdPerformanceInput,
    )

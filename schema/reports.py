"""Reports."""

from datetime import datetime

import strawberry

from resolvers import reports
from schema.engine.forms import Optional, answer
from schema.engine.scalars import Fraction
from schema.enums import ReportDimension


@strawberry.type(description="Leads that share one value of the report's dimension.")
class ConversionGroup:
    """Leads that share one value of the report's dimension."""

    key: str | None
    total: int
    converted: int
    rate: Fraction


@strawberry.type(description="Leads made in a range, and how many of them are won now.")
class ConversionReport:
    """Leads made in a range, and how many of them are won now."""

    date_from: datetime | None
    date_to: datetime | None
    group_by: ReportDimension
    total_leads: int
    converted_leads: int
    conversion_rate: Fraction
    avg_time_to_conversion: float | None = strawberry.field(description="Days from making to winning, on average.")
    groups: list[ConversionGroup]


@strawberry.type
class ReportQueries:
    """Reports."""

    conversion_report: ConversionReport = answer(
        reports.ConversionQuestion,
        "How many leads convert, and how fast.",
        group_by=Optional(ReportDimension),
        date_from=Optional(datetime),
        date_to=Optional(datetime),
    )

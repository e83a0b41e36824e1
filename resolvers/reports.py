"""How many leads convert, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, case, func, select

from domain.leads import Lead, LeadStatus
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers.reads import Statement, visibility
from resolvers.sql import days_between


class ReportDimension(StrEnum):
    """By what a report groups."""

    SOURCE = "SOURCE"
    ASSIGNED_TO = "ASSIGNED_TO"
    INSURANCE_TYPE = "INSURANCE_TYPE"


_COLUMNS: dict[ReportDimension, Any] = {
    ReportDimension.SOURCE: Lead.source,
    ReportDimension.ASSIGNED_TO: Lead.assigned_to_id,
    ReportDimension.INSURANCE_TYPE: Lead.insurance_type,
}


@dataclass(frozen=True, slots=True)
class ConversionGroup:
    """Leads that share one value of the dimension; `rate` is a fraction."""

    key: str | None
    total: int
    converted: int
    rate: float


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """Leads made in a range and how many are won now; the time is in days, the rate a fraction (CU-34)."""

    date_from: datetime | None
    date_to: datetime | None
    group_by: ReportDimension
    total_leads: int
    converted_leads: int
    conversion_rate: float
    avg_time_to_conversion: float | None
    groups: list[ConversionGroup]


@dataclass(frozen=True, slots=True)
class ConversionQuestion:
    """Which report is wanted."""

    group_by: ReportDimension = ReportDimension.SOURCE
    date_from: Moment | None = None
    date_to: Moment | None = None

    permission = Permission.READ_REPORTS

    def statement(self, viewer: Viewer) -> Statement:
        """One row per value of the dimension: value, leads, converted leads, days they took in all."""
        column = _COLUMNS[self.group_by]
        won = Lead.status == LeadStatus.WON
        counted = func.sum(case((won, 1), else_=0), type_=Integer)
        days = func.sum(case((won, days_between(Lead.created_at, Lead.converted_at)), else_=0.0))
        total = func.count().label("total")
        statement = select(column, total, counted, days).where(*visibility(viewer, Lead)).group_by(column)
        if self.date_from:
            statement = statement.where(Lead.created_at >= start_of(self.date_from))
        if self.date_to:
            statement = statement.where(Lead.created_at <= end_of(self.date_to))
        return statement.order_by(total.desc(), column)

    def answer(self, rows: list[Any]) -> ConversionReport:
        """The report behind the rows."""
        groups = [ConversionGroup(key, total, won, _rate(won, total)) for key, total, won, _ in rows]
        total, won = sum(group.total for group in groups), sum(group.converted for group in groups)
        days = sum(float(row[3] or 0) for row in rows)
        return ConversionReport(
            date_from=start_of(self.date_from) if self.date_from else None,
            date_to=end_of(self.date_to) if self.date_to else None,
            group_by=self.group_by,
            total_leads=total,
            converted_leads=won,
            conversion_rate=_rate(won, total),
            avg_time_to_conversion=days / won if won else None,
            groups=groups,
        )


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0

"""What has to be done, counted: by status, risk and jurisdiction, and by the day or month it is due."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, select

from domain.compliance import NEVER, ComplianceItem, ComplianceStatus
from domain.errors import invalid
from domain.levels import RiskLevel
from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers import compliance_items
from resolvers.compliance_items import ItemScope, overdue, status, within
from resolvers.reads import Statement, ToMatching, visibility

HIGH = frozenset({RiskLevel.HIGH, RiskLevel.CRITICAL})
"""What counts as high risk: critical is more than high."""
DAYS, MONTHS = 366, 60
"""The longest calendars by day and by month."""


class CalendarUnit(StrEnum):
    """By what a calendar groups."""

    DAY = "DAY"
    MONTH = "MONTH"


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many items stand so by the calendar."""

    status: ComplianceStatus
    count: int


@dataclass(frozen=True, slots=True)
class RiskCount:
    """How many items are of a risk."""

    risk_level: RiskLevel
    count: int


@dataclass(frozen=True, slots=True)
class JurisdictionCount:
    """The items of one jurisdiction."""

    jurisdiction: str
    total: int
    active: int
    high_risk: int
    overdue: int


@dataclass(frozen=True, slots=True)
class ComplianceSummary:
    """Items counted; `high_risk` are those of high and critical risk, completed ones too (CB-12)."""

    total: int
    active: int
    high_risk: int
    overdue: int
    without_deadline: int
    by_status: list[StatusCount]
    by_risk: list[RiskCount]
    by_jurisdiction: list[JurisdictionCount]


@dataclass(frozen=True, slots=True)
class SummaryQuestion:
    """Among which items is counted."""

    where: ItemScope | None = None

    permission = Permission.READ_COMPLIANCE

    def statement(self, viewer: Viewer) -> Statement:
        """One row per jurisdiction, risk, status by the calendar, and whether there is a deadline; and how many."""
        item = ComplianceItem
        parts = (item.jurisdiction, item.risk_level, status(viewer).label("stands"), (item.due < NEVER).label("dated"))
        own = (*visibility(viewer, item), *within(self.where or ItemScope()))
        return select(*parts, func.count()).where(*own).group_by(item.jurisdiction, item.risk_level, "stands", "dated")

    def answer(self, rows: Sequence[Any]) -> ComplianceSummary:
        """The counts behind the rows."""
        by_status, by_risk, by_place = Counter[Any](), Counter[Any](), defaultdict(list)
        for row in rows:
            jurisdiction, risk, stands, _, count = row
            by_status[stands] += count
            by_risk[risk] += count
            by_place[jurisdiction].append(row)
        places = [_place(name, own) for name, own in by_place.items()]
        return ComplianceSummary(
            total=by_status.total(),
            active=by_status.total() - by_status[ComplianceStatus.COMPLETED],
            high_risk=sum(by_risk[each] for each in HIGH),
            overdue=by_status[ComplianceStatus.OVERDUE],
            without_deadline=sum(count for *_, dated, count in rows if not dated),
            by_status=[StatusCount(each, by_status[each]) for each in ComplianceStatus],
            by_risk=[RiskCount(each, by_risk[each]) for each in RiskLevel],
            by_jurisdiction=sorted(places, key=lambda each: (-each.total, each.jurisdiction)),
        )


def _place(name: str, rows: Iterable[Any]) -> JurisdictionCount:
    total = active = high = late = 0
    for _, risk, stands, _, count in rows:
        total += count
        active += count * (stands is not ComplianceStatus.COMPLETED)
        high += count * (risk in HIGH)
        late += count * (stands is ComplianceStatus.OVERDUE)
    return JurisdictionCount(name, total, active, high, late)


@dataclass(frozen=True, eq=False, slots=True)
class Span:
    """Days from one to another, and among which items they are looked at; each is a span of its own."""

    first: date
    last: date
    scope: ItemScope


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day or month on which something is due."""

    date_from: date
    date_to: date
    total: int
    active: int
    high_risk: int
    overdue: int
    span: Span


@dataclass(frozen=True, slots=True)
class CalendarQuestion:
    """Which days are wanted, by day or by month."""

    date_from: date
    date_to: date
    by: CalendarUnit = CalendarUnit.DAY
    where: ItemScope | None = None

    permission = Permission.READ_COMPLIANCE

    def statement(self, viewer: Viewer) -> Statement:
        """One row for each day, risk, whether completed, and whether overdue; and how many.

        Raises:
            DomainError: INVALID for a range that ends before it begins, or is too long.
        """
        self._check()
        item = ComplianceItem
        completed = (item.status == ComplianceStatus.COMPLETED).label("completed")
        parts = (item.due, item.risk_level, completed, overdue().label("overdue"))
        own = (*visibility(viewer, item), *within(self._scope(self.date_from, self.date_to)))
        counted = select(*parts, func.count()).where(*own)
        return counted.group_by(item.due, item.risk_level, "completed", "overdue").order_by(item.due)

    def answer(self, rows: Sequence[Any]) -> list[CalendarEntry]:
        """The days or months on which something is due, in order."""
        spans: dict[tuple[date, date], list[Any]] = defaultdict(list)
        for row in rows:
            spans[self._span(row[0])].append(row)
        return [self._entry(first, last, own) for (first, last), own in spans.items()]

    def _check(self) -> None:
        if self.date_to < self.date_from:
            raise invalid("dateTo", "dateTo must not be before dateFrom.")
        months = (self.date_to.year - self.date_from.year) * 12 + self.date_to.month - self.date_from.month + 1
        if self.by is CalendarUnit.DAY and (self.date_to - self.date_from).days >= DAYS:
            raise invalid("dateTo", f"dateTo must be within {DAYS} days by DAY; by MONTH within {MONTHS} months.")
        if months > MONTHS:
            raise invalid("dateTo", f"dateTo must be within {MONTHS} months.")

    def _scope(self, first: date, last: date) -> ItemScope:
        return replace(self.where or ItemScope(), deadline_from=first, deadline_to=last)

    def _span(self, day: date) -> tuple[date, date]:
        if self.by is CalendarUnit.DAY:
            return day, day
        last = day.replace(day=monthrange(day.year, day.month)[1])
        return max(day.replace(day=1), self.date_from), min(last, self.date_to)

    def _entry(self, first: date, last: date, rows: Iterable[Any]) -> CalendarEntry:
        total = active = high = late = 0
        for _, risk, completed, past, count in rows:
            total += count
            active += count * (not completed)
            high += count * (risk in HIGH)
            late += count * bool(past)
        return CalendarEntry(first, last, total, active, high, late, Span(first, last, self._scope(first, last)))


on_calendar = ToMatching(
    compliance_items.search, "span", parts=lambda span: (span,), match=lambda span: and_(*within(span.scope))
)

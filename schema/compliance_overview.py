"""What has to be done, counted."""

from datetime import date

import strawberry

from resolvers import compliance_overview
from schema.compliance import ComplianceItem
from schema.compliance_filters import ComplianceItemFilter, ComplianceItemScope, ComplianceItemSort
from schema.engine.forms import Optional, answer, collection
from schema.enums import CalendarUnit, ComplianceStatus, RiskLevel
from schema.nodes import Connection

_ACTIVE = "Those that are not completed."
_HIGH = "Those of high or critical risk, completed ones too."


@strawberry.type(description="How many items stand so by the calendar.")
class ComplianceStatusCount:
    """How many items stand so by the calendar."""

    status: ComplianceStatus
    count: int


@strawberry.type(description="How many items are of a risk.")
class ComplianceRiskCount:
    """How many items are of a risk."""

    risk_level: RiskLevel
    count: int


@strawberry.type(description="The items of one jurisdiction, counted.")
class ComplianceJurisdictionCount:
    """The items of one jurisdiction, counted."""

    jurisdiction: str
    total: int
    active: int = strawberry.field(description=_ACTIVE)
    high_risk: int = strawberry.field(description=_HIGH)
    overdue: int


@strawberry.type(description="Items counted, whatever their status and risk.")
class ComplianceSummary:
    """Items counted, whatever their status and risk."""

    total: int
    active: int = strawberry.field(description=_ACTIVE)
    high_risk: int = strawberry.field(description=_HIGH)
    overdue: int
    without_deadline: int
    by_status: list[ComplianceStatusCount]
    by_risk: list[ComplianceRiskCount]
    by_jurisdiction: list[ComplianceJurisdictionCount] = strawberry.field(description="The largest first.")


@strawberry.type(description="A day or month on which something is due.")
class ComplianceCalendarEntry:
    """A day or month on which something is due."""

    date_from: date
    date_to: date
    total: int
    active: int = strawberry.field(description=_ACTIVE)
    high_risk: int = strawberry.field(description=_HIGH)
    overdue: int
    items: Connection[ComplianceItem] = collection(
        compliance_overview.on_calendar, "What is due.", where=ComplianceItemFilter, sort=ComplianceItemSort
    )


@strawberry.type
class ComplianceOverviewQueries:
    """What has to be done, counted."""

    compliance_summary: ComplianceSummary = answer(
        compliance_overview.SummaryQuestion,
        "Items counted by status, risk and jurisdiction.",
        where=Optional(ComplianceItemScope),
    )
    compliance_calendar: list[ComplianceCalendarEntry] = answer(
        compliance_overview.CalendarQuestion,
        "The days or months of a range on which something is due; the range bounds what `where` says of deadlines.",
        date_from=date,
        date_to=date,
        by=Optional(CalendarUnit),
        where=Optional(ComplianceItemScope),
    )

"""What lists about compliance can be filtered and sorted by; bounds are inclusive."""

from datetime import date, datetime

import strawberry
from strawberry import UNSET

from resolvers import compliance_alerts, compliance_documents, compliance_items, regulatory_updates
from schema.engine.inputs import mirrors
from schema.enums import (
    AlertType,
    ComplianceItemSortField,
    ComplianceStatusFilter,
    Direction,
    DocumentType,
    Level,
    RiskLevel,
)

_CODE = "A code such as EU, DE or US-CA, or a name."
_PLACE = "A place whose law is meant: of DE that of Germany and of the EU."


@mirrors(compliance_documents.DocumentFilter)
class ComplianceDocumentFilter:
    """Which documents are wanted."""

    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    document_type: DocumentType | None = UNSET
    risk_level: RiskLevel | None = UNSET
    source: str | None = UNSET
    category: str | None = UNSET
    published_from: date | None = UNSET
    published_to: date | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of title, file name, source or category.")


@mirrors(compliance_items.ItemSort)
class ComplianceItemSort:
    """The order of items; those without a deadline come after all others, or before them the other way round."""

    field: ComplianceItemSortField = ComplianceItemSortField.DEADLINE
    direction: Direction = Direction.ASC


@mirrors(compliance_items.ItemScope)
class ComplianceItemScope:
    """Among which items is counted."""

    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    concerning: str | None = strawberry.field(default=UNSET, description=_PLACE)
    deadline_from: date | None = UNSET
    deadline_to: date | None = UNSET
    has_deadline: bool | None = UNSET
    document: strawberry.ID | None = UNSET
    assigned_to: strawberry.ID | None = UNSET
    unassigned: bool | None = UNSET


@mirrors(compliance_items.ItemFilter)
class ComplianceItemFilter:
    """Which items are wanted."""

    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    concerning: str | None = strawberry.field(default=UNSET, description=_PLACE)
    status: ComplianceStatusFilter | None = UNSET
    risk_level: RiskLevel | None = UNSET
    deadline_from: date | None = UNSET
    deadline_to: date | None = UNSET
    has_deadline: bool | None = UNSET
    document: strawberry.ID | None = UNSET
    assigned_to: strawberry.ID | None = UNSET
    unassigned: bool | None = UNSET
    demanded: bool | None = strawberry.field(
        default=UNSET, description="Whether its document demands it still; made by hand, it counts as demanded."
    )
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of title, description or place.")


@mirrors(compliance_alerts.AlertFilter)
class ComplianceAlertFilter:
    """Which alerts are wanted."""

    type: AlertType | None = UNSET
    severity: RiskLevel | None = UNSET
    acknowledged: bool | None = UNSET
    item: strawberry.ID | None = UNSET
    created_from: datetime | None = UNSET
    created_to: datetime | None = UNSET


@mirrors(regulatory_updates.UpdateScope)
class RegulatoryUpdateScope:
    """Among which updates is counted."""

    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    concerning: str | None = strawberry.field(default=UNSET, description=_PLACE)
    update_type: str | None = UNSET
    industry: str | None = strawberry.field(default=UNSET, description="An industry by any of its names.")
    date_from: date | None = UNSET
    date_to: date | None = UNSET


@mirrors(regulatory_updates.UpdateFilter)
class RegulatoryUpdateFilter:
    """Which updates are wanted."""

    jurisdiction: str | None = strawberry.field(default=UNSET, description=_CODE)
    concerning: str | None = strawberry.field(default=UNSET, description=_PLACE)
    update_type: str | None = UNSET
    industry: str | None = strawberry.field(default=UNSET, description="An industry by any of its names.")
    date_from: date | None = UNSET
    date_to: date | None = UNSET
    impact_level: Level | None = UNSET
    source: str | None = UNSET
    deadline_from: date | None = UNSET
    deadline_to: date | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of title, summary or source.")

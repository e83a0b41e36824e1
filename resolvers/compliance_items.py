"""Reads of what has to be done by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Enum, and_, case, type_coerce

from domain.compliance import NEVER, ComplianceAlert, ComplianceItem, ComplianceStatus
from domain.jurisdictions import canonical, touching
from domain.levels import RiskLevel
from domain.permissions import Permission
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import users
from resolvers.leads import Direction
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visible_to
from resolvers.sql import contains, today

_STATUS = Enum(ComplianceStatus, native_enum=False, length=32)


class ComplianceItemSortField(StrEnum):
    """By what items can be sorted."""

    DEADLINE = "DEADLINE"
    CREATED_AT = "CREATED_AT"


class ComplianceStatusFilter(StrEnum):
    """Where items stand: a status, or ACTIVE for everything that is not completed (CB-11)."""

    ACTIVE = "ACTIVE"
    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    OVERDUE = "OVERDUE"


_SORT_COLUMNS = {
    ComplianceItemSortField.DEADLINE: ComplianceItem.due,
    ComplianceItemSortField.CREATED_AT: ComplianceItem.created_at,
}


@dataclass(frozen=True, slots=True)
class ItemSort:
    """The order of items; those without a deadline come after all others, or before them the other way round."""

    field: ComplianceItemSortField = ComplianceItemSortField.DEADLINE
    direction: Direction = Direction.ASC


@dataclass(frozen=True, slots=True)
class ItemScope:
    """Among which items; every given condition has to hold, bounds are inclusive.

    `jurisdiction` is the item's own, `concerning` a place whose jurisdictions it may be: DE is concerned by EU law.
    """

    jurisdiction: str | None = None
    concerning: str | None = None
    deadline_from: date | None = None
    deadline_to: date | None = None
    has_deadline: bool | None = None
    document: str | None = None
    assigned_to: str | None = None
    unassigned: bool | None = None


@dataclass(frozen=True, slots=True)
class ItemFilter(ItemScope):
    """Which items are wanted."""

    status: ComplianceStatusFilter | None = None
    risk_level: RiskLevel | None = None
    demanded: bool | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    search: str | None = None


@reads(ComplianceItem, Permission.READ_COMPLIANCE)
def visible(viewer: Viewer) -> Statement:
    """Items of the organization that are not deleted."""
    return visible_to(viewer, ComplianceItem)


@reads(ComplianceItem, Permission.READ_COMPLIANCE)
def search(viewer: Viewer, where: ItemFilter | None = None, sort: ItemSort | None = None) -> Listing:
    """Items that match, what is due first first unless sorted otherwise."""
    sort, where = sort or ItemSort(), where or ItemFilter()
    statement = visible_to(viewer, ComplianceItem).where(*within(where), *_conditions(where))
    order = Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC)
    # An item becomes overdue by the calendar alone, which no event tells.
    return Listing(statement, order, told=where.status is None)


def overdue() -> ColumnElement[bool]:
    """Whether the deadline of an item has passed and it is not completed."""
    return and_(ComplianceItem.due < today(), ComplianceItem.status != ComplianceStatus.COMPLETED)


def status(viewer: Viewer) -> ColumnElement[Any]:
    """Where an item stands by the calendar."""
    return type_coerce(case((overdue(), ComplianceStatus.OVERDUE.value), else_=ComplianceItem.status), _STATUS)


def within(scope: ItemScope) -> list[ColumnElement[bool]]:
    """The conditions of a scope."""
    item = ComplianceItem
    conditions: list[ColumnElement[bool]] = []
    equal = ((item.document_id, scope.document), (item.assigned_to_id, scope.assigned_to))
    conditions.extend(column == value for column, value in equal if value is not None)
    # Nothing but blanks asks for nothing, as in a form that was not filled in.
    if scope.jurisdiction and scope.jurisdiction.strip():
        conditions.append(item.jurisdiction == canonical(scope.jurisdiction))
    if scope.concerning and scope.concerning.strip():
        conditions.append(item.jurisdiction.in_(touching(canonical(scope.concerning))))
    if scope.deadline_from:
        conditions.append(item.due >= scope.deadline_from)
    if scope.deadline_to:
        conditions.append(item.due <= scope.deadline_to)
    # What has no deadline lies in no range.
    has_deadline = True if scope.deadline_from or scope.deadline_to else scope.has_deadline
    if has_deadline is not None:
        conditions.append(item.due < NEVER if has_deadline else item.due == NEVER)
    if scope.unassigned is not None:
        free = item.assigned_to_id.is_(None)
        conditions.append(free if scope.unassigned else ~free)
    return conditions


def _conditions(where: ItemFilter) -> list[ColumnElement[bool]]:
    item = ComplianceItem
    conditions: list[ColumnElement[bool]] = []
    if where.status:
        conditions.append(_stands(where.status))
    if where.risk_level:
        conditions.append(item.risk_level == where.risk_level)
    if where.demanded is not None:
        conditions.append(item.dropped_at.is_(None) if where.demanded else item.dropped_at.is_not(None))
    if where.created_from:
        conditions.append(item.created_at >= start_of(where.created_from))
    if where.created_to:
        conditions.append(item.created_at <= end_of(where.created_to))
    if where.search and where.search.strip():
        conditions.append(contains(where.search, item.title, item.description, item.place))
    return conditions


def _stands(wanted: ComplianceStatusFilter) -> ColumnElement[bool]:
    item = ComplianceItem
    if wanted is ComplianceStatusFilter.ACTIVE:
        return item.status != ComplianceStatus.COMPLETED
    if wanted is ComplianceStatusFilter.OVERDUE:
        return overdue()
    stored = item.status == ComplianceStatus(wanted.value)
    return stored if wanted is ComplianceStatusFilter.COMPLETED else and_(stored, item.due >= today())


of_document = ToMany(search, ComplianceItem.document_id)
of_user = ToMany(search, ComplianceItem.assigned_to_id)
of_alert = ToOne(visible, ComplianceAlert.item_id)
assignee = ToOne(users.visible, ComplianceItem.assigned_to_id)

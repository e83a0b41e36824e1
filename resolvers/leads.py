"""Reads of leads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain.activities import Activity
from domain.contacts import Contact
from domain.emails import Email
from domain.errors import invalid
from domain.event_log import Event
from domain.leads import InsuranceType, Lead, LeadStatus, status_of
from domain.notes import Note
from domain.permissions import Permission
from domain.tasks import Task
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers import searching, users
from resolvers.lead_fields import TAGS
from resolvers.reads import Listing, Order, Statement, ToMany, ToOne, reads, visibility, visible_to
from resolvers.sql import has_item


class LeadSortField(StrEnum):
    """By what leads can be sorted."""

    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"
    SCORE = "SCORE"


class Direction(StrEnum):
    """Which end comes first."""

    ASC = "ASC"
    DESC = "DESC"


_SORT_COLUMNS = {
    LeadSortField.CREATED_AT: Lead.created_at,
    LeadSortField.UPDATED_AT: Lead.updated_at,
    LeadSortField.SCORE: Lead.score,
}


@dataclass(frozen=True, slots=True)
class LeadSort:
    """The order of leads."""

    field: LeadSortField = LeadSortField.CREATED_AT
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads are wanted; every given condition has to hold, bounds are inclusive."""

    status: LeadStatus | None = None
    status_text: str | None = None
    source: str | None = None
    assigned_to: str | None = None
    unassigned: bool | None = None
    insurance_type: InsuranceType | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    updated_from: Moment | None = None
    updated_to: Moment | None = None
    search: str | None = None
    tags: list[str] | None = None
    min_score: int | None = None
    max_score: int | None = None
    account: str | None = None
    contact: str | None = None
    campaign_id: str | None = None


@reads(Lead, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Leads of the organization that are not deleted."""
    return visible_to(viewer, Lead)


@reads(Lead, Permission.READ_LEADS)
def search(viewer: Viewer, where: LeadFilter | None = None, sort: LeadSort | None = None) -> Listing:
    """Leads that match, newest first unless sorted otherwise."""
    sort = sort or LeadSort()
    order = Order(_SORT_COLUMNS[sort.field], sort.direction is Direction.DESC)
    conditions = [*_conditions(where), *_ranges(where)] if where else []
    statement = visible_to(viewer, Lead).where(*conditions)
    if where is None or where.search is None:
        return Listing(statement, order)
    found = statement.where(searching.matches(where.search))
    return Listing(found, order, ways=searching.ways(viewer, where.search, conditions))


def _conditions(where: LeadFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    equal = [
        (Lead.source, where.source),
        (Lead.assigned_to_id, where.assigned_to),
        (Lead.insurance_type, where.insurance_type),
        (Lead.contact_id, where.contact),
        (Lead.campaign_id, where.campaign_id),
    ]
    conditions.extend(column == value for column, value in equal if value is not None)
    if where.status is LeadStatus.OTHER:
        conditions.append(Lead.status == LeadStatus.OTHER)
    elif where.status:
        conditions.append(Lead.status_key == where.status.value.lower())
    if where.status_text is not None:
        conditions.append(Lead.status_key == status_of(where.status_text)[1].lower())
    if where.unassigned is not None:
        conditions.append(Lead.assigned_to_id.is_(None) if where.unassigned else Lead.assigned_to_id.is_not(None))
    if where.account is not None:
        conditions.append(Lead.contact_id.in_(select(Contact.id).where(Contact.account_id == where.account)))
    conditions.extend(has_item(Lead.tags, tag) for tag in _tags(where.tags or []))
    return conditions


def _ranges(where: LeadFilter) -> list[ColumnElement[bool]]:
    ranges: list[tuple[Any, Any, Any]] = [
        (Lead.created_at, *_bounds(where.created_from, where.created_to)),
        (Lead.updated_at, *_bounds(where.updated_from, where.updated_to)),
        (Lead.score, where.min_score, where.max_score),
    ]
    conditions: list[ColumnElement[bool]] = []
    for column, low, high in ranges:
        if low is not None:
            conditions.append(column >= low)
        if high is not None:
            conditions.append(column <= high)
    return conditions


def _bounds(low: Moment | None, high: Moment | None) -> tuple[datetime | None, datetime | None]:
    return (start_of(low) if low else None, end_of(high) if high else None)


def _tags(wanted: list[str]) -> list[str]:
    if len(wanted) > TAGS:
        raise invalid("where.tags", f"where.tags must be at most {TAGS} texts; no lead has more.")
    return list(dict.fromkeys(wanted))


def _count(viewer: Viewer, child: Any) -> ColumnElement[int]:
    counted = select(func.count()).select_from(child).where(child.lead_id == Lead.id, *visibility(viewer, child))
    return counted.correlate(Lead).scalar_subquery()


def notes_count(viewer: Viewer) -> ColumnElement[int]:
    """How many notes of a lead the viewer may see."""
    return _count(viewer, Note)


def tasks_count(viewer: Viewer) -> ColumnElement[int]:
    """How many tasks a lead has."""
    return _count(viewer, Task)


def emails_count(viewer: Viewer) -> ColumnElement[int]:
    """How many e-mails a lead has."""
    return _count(viewer, Email)


def last_activity_at(viewer: Viewer) -> ColumnElement[Any]:
    """When the newest entry was put on a lead's timeline (CU-53)."""
    newest = select(func.max(Activity.created_at)).where(Activity.lead_id == Lead.id, *visibility(viewer, Activity))
    return newest.correlate(Lead).scalar_subquery()


of_contact = ToMany(search, Lead.contact_id)
of_account = ToMany(search, Contact.account_id, through=(Contact, Contact.id == Lead.contact_id))
of_user = ToMany(search, Lead.assigned_to_id)
assignee = ToOne(users.visible, Lead.assigned_to_id)
of_note = ToOne(visible, Note.lead_id)
of_task = ToOne(visible, Task.lead_id)
of_email = ToOne(visible, Email.lead_id)
of_activity = ToOne(visible, Activity.lead_id)
of_event = ToOne(visible, Event.lead_id)

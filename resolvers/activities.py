"""The timeline of leads: reading it, and adding to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.activities import RECORDABLE, Activity, ActivityType
from domain.errors import invalid
from domain.events import EventType
from domain.leads import Lead
from domain.permissions import Permission
from domain.texts import json_object, needed
from domain.values import Moment, end_of, start_of
from domain.viewer import Viewer
from resolvers.reads import Listing, Statement, ToMany, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """Which entries are wanted; bounds are inclusive."""

    type: ActivityType | None = None
    lead: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@dataclass(frozen=True, slots=True)
class ActivityDraft:
    """An activity somebody reports."""

    lead_id: str
    type: ActivityType
    description: str
    metadata: dict[str, Any] | None = None


@reads(Activity, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Entries of every lead."""
    return visible_to(viewer, Activity)


@reads(Activity, Permission.READ_LEADS)
def search(viewer: Viewer, where: ActivityFilter | None = None) -> Listing:
    """Entries, newest first."""
    statement = visible_to(viewer, Activity)
    where = where or ActivityFilter()
    if where.type:
        statement = statement.where(Activity.type == where.type)
    if where.lead:
        statement = statement.where(Activity.lead_id == where.lead)
    if where.created_from:
        statement = statement.where(Activity.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(Activity.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(Activity))


of_lead = ToMany(search, Activity.lead_id)


def add(
    unit: Unit,
    lead_id: str,
    type: ActivityType,
    description: str,
    metadata: dict[str, Any] | None = None,
    audience: str | None = None,
    created_by_id: str | None = None,
) -> Activity:
    """Put an entry on a lead's timeline."""
    activity = Activity(
        id=Activity.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        lead_id=lead_id,
        type=type,
        description=description,
        details=metadata or {},
        audience=audience,
        created_by_id=created_by_id or unit.viewer.user_id,
    )
    unit.add(activity)
    return activity


@requires(Permission.WRITE_LEADS)
async def record(unit: Unit, draft: ActivityDraft) -> Keys:
    """Record a call, a meeting or a quote: what has no other source than somebody saying so."""
    if draft.type not in RECORDABLE:
        raise invalid("type", f"type must be one of {', '.join(sorted(RECORDABLE))}; the others are made by use cases.")
    lead = await unit.load(Lead, draft.lead_id, "leadId")
    description = needed("description", draft.description, 500).strip()
    details = json_object("metadata", draft.metadata or {})
    activity = add(unit, lead.id, draft.type, description, details)
    data = {"id": activity.id, "type": activity.type, "description": description, "metadata": details}
    unit.record(EventType.ACTIVITY_RECORDED, activity, data, lead_id=lead.id)
    return {"activity": activity.id}

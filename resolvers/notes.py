"""Notes on leads."""

from __future__ import annotations

from dataclasses import dataclass

from domain.activities import ActivityType
from domain.errors import invalid
from domain.events import EventType
from domain.leads import Lead
from domain.notes import Note
from domain.permissions import Permission
from domain.texts import TEXT, needed
from domain.values import Moment, end_of, iso, start_of
from domain.viewer import Viewer
from domain.visibility import NoteVisibility, audience_of
from resolvers import activities, users
from resolvers.reads import Listing, Statement, ToMany, ToOne, newest_first, reads, visible_to
from resolvers.unit import Keys, Unit, requires


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes are wanted; bounds are inclusive."""

    visibility: NoteVisibility | None = None
    created_by: str | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


@dataclass(frozen=True, slots=True)
class NoteDraft:
    """A note to be added."""

    lead_id: str
    content: str
    visibility: NoteVisibility = NoteVisibility.TEAM


@reads(Note, Permission.READ_LEADS)
def visible(viewer: Viewer) -> Statement:
    """Notes meant for the viewer."""
    return visible_to(viewer, Note)


@reads(Note, Permission.READ_LEADS)
def search(viewer: Viewer, where: NoteFilter | None = None) -> Listing:
    """Notes, newest first."""
    statement = visible_to(viewer, Note)
    where = where or NoteFilter()
    if where.visibility:
        statement = statement.where(Note.visibility == where.visibility)
    if where.created_by:
        statement = statement.where(Note.created_by_id == where.created_by)
    if where.created_from:
        statement = statement.where(Note.created_at >= start_of(where.created_from))
    if where.created_to:
        statement = statement.where(Note.created_at <= end_of(where.created_to))
    return Listing(statement, newest_first(Note))


of_lead = ToMany(search, Note.lead_id)
author = ToOne(users.visible, Note.created_by_id)


@requires(Permission.WRITE_LEADS)
async def create(unit: Unit, draft: NoteDraft) -> Keys:
    """Add a note to a lead; only those it is for will see it, its event or its timeline entry."""
    lead = await unit.load(Lead, draft.lead_id, "leadId")
    content = needed("content", draft.content, TEXT)
    if draft.visibility is NoteVisibility.PRIVATE and not unit.viewer.user_id:
        raise invalid("visibility", "visibility PRIVATE needs a credential that stands for a user.")
    note = Note(
        id=Note.new_id(),
        organization_id=unit.viewer.organization_id,
        created_at=unit.now,
        lead_id=lead.id,
        content=content,
        visibility=draft.visibility,
        audience=audience_of(draft.visibility, unit.viewer.user_id, unit.viewer.team_id),
        created_by_id=unit.viewer.user_id,
    )
    unit.add(note)
    activities.add(unit, lead.id, ActivityType.NOTE_ADDED, "Note added", {"noteId": note.id}, audience=note.audience)
    facts = {
        "id": note.id,
        "content": note.content,
        "visibility": note.visibility,
        "createdAt": iso(note.created_at),
        "createdBy": note.created_by_id,
        "leadId": lead.id,
        **await users.named(unit, "createdBy", note.created_by_id, "name", "email"),
    }
    unit.record(EventType.NOTE_CREATED, note, facts, lead_id=lead.id, audience=note.audience)
    return {"note": note.id}

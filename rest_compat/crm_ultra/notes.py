"""Notes (documentation, section API Endpoints / Notes)."""

from __future__ import annotations

from rest_compat.crm_ultra.lists import PAGING, SIX_FACTS, created_between, pages
from rest_compat.engine.answers import page, take
from rest_compat.engine.arguments import body, path, query
from rest_compat.engine.routes import Route

ROUTES = (
    Route(
        "POST",
        "/leads/{lead_id}/notes",
        "CreateNote",
        take("createNote.note"),
        (
            path("lead_id", "input.leadId", "Id of the lead."),
            body("content", "input.content"),
            body("visibility", "input.visibility", default="TEAM", note="Who sees the note."),
        ),
        status=201,
        title="Create Note",
        group="Notes",
        example="notes_create",
        sample="/leads/lead_123456789/notes",
    ),
    Route(
        "GET",
        "/leads/{lead_id}/notes",
        "ListNotes",
        page("lead.notes", PAGING, container="data", beside="pagination", facts=SIX_FACTS),
        (
            path("lead_id", "lead", "Id of the lead."),
            *pages(default=20),
            query("visibility", "where.visibility", note="Filter by visibility."),
            query("createdBy", "where.createdBy", note="Filter by creator: the id of a user."),
            *created_between("where"),
        ),
        title="List Notes",
        group="Notes",
        example="notes_list",
        sample="/leads/lead_123456789/notes",
    ),
)

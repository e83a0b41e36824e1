"""Leads (documentation, section API Endpoints / Leads)."""

from __future__ import annotations

from rest_compat.crm_ultra.lists import PAGING, SIX_FACTS, created_between, pages
from rest_compat.engine.answers import page, take
from rest_compat.engine.arguments import Given, bodies, body, path, query
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Removed, Route

GROUP = "Leads"
LEAD = path("lead_id", "id", "Id of the lead.")
CHANGED_LEAD = path("lead_id", "input.id", "Id of the lead.")
STATUSES = ("new", "qualified", "WON", "LOST")
"""Known statuses; other words are accepted and kept (CU-13)."""

WRITABLE = (
    *bodies("input", "email", "phone", "firstName", "lastName", "city"),
    body("state", "input.state", note="Code of a US state, such as NY."),
    *bodies("input", "insuranceType", "tags", "customFields"),
)


def assignee(value: object, _: Given) -> object:
    """An assignee in a request: an id, null for nobody, or the object our answers print (CU-15)."""
    found = value.get("id", value) if isinstance(value, dict) else value
    if found is None or isinstance(found, str):
        return found
    raise Wrong("must be the id of a user, or null")


ROUTES = (
    Route(
        "POST",
        "/leads",
        "CreateLead",
        take("createLead.lead"),
        (body("source", "input.source", examples=("facebook_ads", "website")), *WRITABLE),
        status=201,
        title="Create Lead",
        group=GROUP,
        example="leads_create",
    ),
    Route(
        "GET",
        "/leads/{lead_id}",
        "GetLead",
        take("lead"),
        (LEAD,),
        title="Get Lead",
        group=GROUP,
        example="leads_get",
        sample="/leads/lead_123456789",
    ),
    Route(
        "GET",
        "/leads",
        "ListLeads",
        page("leads", PAGING, container="data", beside="pagination", facts=SIX_FACTS),
        (
            *pages(default=20),
            query("status", "where.statusText", examples=STATUSES, note="Filter by status, in any case."),
            query("source", "where.source", note="Filter by source."),
            query("assignedTo", "where.assignedTo", note="Filter by assignee: the id of a user."),
            query("insuranceType", "where.insuranceType", note="Filter by insurance type."),
            *created_between("where"),
            query("search", "where.search", note="Search in name, e-mail and phone."),
            query("sortBy", "sort.field", default="createdAt", note="Sort field."),
            query("sortOrder", "sort.direction", default="desc", note="Sort order."),
        ),
        title="List Leads",
        group=GROUP,
        example="leads_list",
        sample="/leads?status=new&assignedTo=user_abc123&page=1&limit=50",
    ),
    Route(
        "PUT",
        "/leads/{lead_id}",
        "UpdateLead",
        take("updateLead.lead"),
        (
            CHANGED_LEAD,
            body("status", "input.statusText", examples=STATUSES, note="Known words in any case; others are kept."),
            body("priority", "input.priority", examples=("high",)),
            body("score", "input.score"),
            body(
                "assignedTo",
                "input.assignedTo",
                read=assignee,
                accepts={"type": ["string", "object", "null"], "properties": {"id": {"type": ["string", "null"]}}},
                note="Id of a user; null unassigns. An object with that id is taken as well.",
            ),
            body("source", "input.source"),
            *WRITABLE,
        ),
        title="Update Lead",
        group=GROUP,
        example="leads_update",
        sample="/leads/lead_123456789",
    ),
    Route(
        "DELETE",
        "/leads/{lead_id}",
        "DeleteLead",
        take("deleteLead"),
        (LEAD,),
        title="Delete Lead",
        group=GROUP,
        example="leads_delete",
        sample="/leads/lead_123456789",
    ),
)

REMOVED = (Removed("POST", "/leads/bulk"),)
"""Changelog, Version 2.0: "Removed deprecated `/leads/bulk` endpoint" (CU-26)."""

"""Activities (documentation, section API Endpoints / Activities; the renamed path from its changelog, CU-25)."""

from __future__ import annotations

from rest_compat.crm_ultra.lists import PAGING, THREE_FACTS, created_between, pages
from rest_compat.engine.answers import page
from rest_compat.engine.arguments import path, query
from rest_compat.engine.routes import Route

WANTED = (
    *pages(default=50),
    query("activityType", "where.type", note="Filter by type."),
    *created_between("where"),
)
OF_LEAD = (path("lead_id", "lead", "Id of the lead."), *WANTED)


def _timeline(of: str) -> page:
    return page(of, PAGING, container="activities", beside="pagination", facts=THREE_FACTS)


ROUTES = (
    Route(
        "GET",
        "/leads/{lead_id}/activities",
        "ListLeadActivities",
        _timeline("lead.activities"),
        OF_LEAD,
        title="Get Activity Timeline",
        group="Activities",
        example="activities_list",
        sample="/leads/lead_123456789/activities",
    ),
    Route(
        "GET",
        "/leads/{lead_id}/activities/timeline",
        "ListLeadActivities",
        _timeline("lead.activities"),
        OF_LEAD,
        title="Get Activity Timeline (renamed path)",
        group="Activities",
        example="activities_list",
        sample="/leads/lead_123456789/activities/timeline",
        name="ListLeadTimeline",
    ),
    Route(
        "GET",
        "/activities/timeline",
        "ListActivities",
        _timeline("activities"),
        WANTED,
        title="Get Activity Timeline of all leads",
        group="Activities",
        example="activities_list",
    ),
)

"""What a webhook would be sent, before it is there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import Code
from domain.limits import Standing
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.database import Database
from gateway.graphql.points import Points
from gateway.webhooks.previews import Previewing
from tests.conftest import MakeViewer
from tests.factories.contexts import terms_of
from tests.factories.limits import limits_of
from tests.factories.organizations import make_user
from tests.graphs import Graph

CREATE = 'mutation { createLead(input: {source: "website", email: "ann@example.com"}) { lead { id } } }'
NOTE = 'mutation ($l: ID!) { createNote(input: {leadId: $l, content: "x", visibility: PUBLIC}) { note { id } } }'
PREVIEW = """query ($q: String, $d: Dialect, $e: [EventType!], $c: Cursor, $s: Int) {
  webhookPreview(query: $q, dialect: $d, events: $e, cursor: $c, sequence: $s) {
    event { sequence cursor type } body headers errors } }"""
QUERY = "subscription { events { type lead { email } } }"


@pytest.fixture
async def lead(graph: Graph, database: Database) -> str:
    """A lead and its note: numbers 1 and 2."""
    database.webhooks = terms_of(database)
    made = str((await graph.data(CREATE))["createLead"]["lead"]["id"])
    await graph.data(NOTE, l=made)
    return made


async def preview(graph: Graph, viewer: Viewer | None = None, **given: Any) -> Any:
    return (await graph.data(PREVIEW, viewer=viewer, **given))["webhookPreview"]


async def test_the_newest_event_as_it_was_selected(graph: Graph, lead: str) -> None:
    shown = await preview(graph, q=QUERY)
    assert shown["event"]["sequence"] == 2
    assert json.loads(shown["body"]) == {
        "type": "NOTE_CREATED",
        "timestamp": "2024-01-15T14:30:00Z",
        "sequence": 2,
        "cursor": shown["event"]["cursor"],
        "data": {"events": {"type": "NOTE_CREATED", "lead": {"email": "ann@example.com"}}},
    }
    assert ": " not in shown["body"]
    assert {"webhook-id", "webhook-signature"} <= set(shown["headers"])
    assert shown["errors"] == []


async def test_an_event_is_chosen_by_kind_by_number_and_by_cursor(graph: Graph, lead: str) -> None:
    first = await preview(graph, q=QUERY, e=["LEAD_CREATED"])
    assert first["event"]["type"] == "LEAD_CREATED"
    assert await preview(graph, q=QUERY, s=1) == first
    assert await preview(graph, q=QUERY, c=first["event"]["cursor"]) == first
    own = await preview(graph, q="subscription { events(types: [LEAD_CREATED]) { type } }")
    assert own["event"]["sequence"] == 1


async def test_in_the_words_of_a_product_and_of_the_graph(graph: Graph, lead: str) -> None:
    crm = await preview(graph, d="CRM_ULTRA", e=["LEAD_CREATED"])
    assert (json.loads(crm["body"])["event"], json.loads(crm["body"])["data"]["id"]) == ("lead.created", lead)
    assert "X-CRM-Ultra-Signature" in crm["headers"]
    assert json.loads((await preview(graph, e=["LEAD_CREATED"]))["body"])["data"]["subjectId"] == lead
    both = json.loads((await preview(graph, d="CRM_ULTRA", q=QUERY, s=1))["body"])
    assert both["data"] == {"type": "LEAD_CREATED", "lead": {"email": "ann@example.com"}}
    nothing = await preview(graph, d="COPYCAR")
    assert (nothing["event"], nothing["body"]) == (None, None)
    assert nothing["errors"] == ["Nothing of that kind has happened yet."]
    assert (await preview(graph, d="COPYCAR", s=1))["errors"] == ["The product has no name for this kind of event."]


async def test_what_is_wrong_is_told(graph: Graph, lead: str) -> None:
    broken = await preview(graph, q="subscription { events { nothing } }")
    assert (broken["event"], broken["body"]) == (None, None)
    assert "Cannot query field 'nothing'" in broken["errors"][0]
    left_out = await preview(graph, q="subscription { events(types: [LEAD_DELETED]) { type } }", s=1)
    assert left_out["body"] is None
    assert "left out" in left_out["errors"][0]
    assert (await graph(PREVIEW, {"q": QUERY, "c": "forged"})).errors[0].field == "cursor"


async def test_nobody_is_shown_what_they_may_not_hear(
    graph: Graph, lead: str, viewer_of: MakeViewer, stranger: Viewer
) -> None:
    deaf = replace(await viewer_of(), permissions=frozenset({Permission.READ_WEBHOOKS, Permission.READ_LEADS}))
    shown = await preview(graph, deaf, q="subscription { events { type actor { id } } }")
    assert shown["errors"] == ["This needs the permission read:users."]
    no_leads = replace(deaf, permissions=frozenset({Permission.READ_WEBHOOKS}))
    answer = await graph(PREVIEW, {"q": QUERY, "s": 1}, viewer=no_leads)
    assert answer.codes == [Code.NOT_FOUND]
    assert (await graph(PREVIEW, {"q": QUERY, "s": 1}, viewer=stranger)).codes == [Code.NOT_FOUND]
    assert (await graph(PREVIEW, {"q": QUERY}, viewer=replace(deaf, permissions=frozenset()))).codes == [Code.FORBIDDEN]


async def test_private_notes_stay_private(
    graph: Graph, lead: str, viewer_of: MakeViewer, database: Database, organization: str
) -> None:
    note = 'mutation ($l: ID!) { createNote(input: {leadId: $l, content: "x", visibility: PRIVATE}) { note { id } } }'
    await graph.data(note, l=lead)
    colleague = await viewer_of(scopes=("read", "write"))
    assert await make_user(database, organization)
    assert (await preview(graph, e=["NOTE_CREATED"]))["event"]["sequence"] == 3
    assert (await preview(graph, colleague, e=["NOTE_CREATED"]))["event"]["sequence"] == 2
    assert (await graph(PREVIEW, {"s": 3}, viewer=colleague)).codes == [Code.NOT_FOUND]


async def test_running_a_selection_costs_points(graph: Graph, lead: str, database: Database) -> None:
    spent: list[int] = []

    class Purse(Points):
        async def spend(self, viewer: Viewer | None, address: str | None, points: int) -> Standing:
            spent.append(points)
            return await super().spend(viewer, address, points)

    previews = database.webhooks.previews
    assert isinstance(previews, Previewing)
    purse = Purse(limits_of(database), database.clock, 1)
    database.webhooks = replace(database.webhooks, previews=replace(previews, points=purse))
    await preview(graph, q="subscription { events { lead { notes(first: 100) { nodes { id } } } } }")
    await preview(graph, d="CRM_ULTRA")
    assert spent == [103]

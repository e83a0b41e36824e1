"""Totals are counted only when asked for, and once per state of an organization."""

from __future__ import annotations

from dataclasses import replace

from domain.viewer import Viewer
from gateway.database import Database
from tests.conftest import CountStatements, MakeViewer
from tests.factories.leads import make_account, make_lead
from tests.graphs import Graph

CREATE = 'mutation { createLead(input: {source: "website", email: "a@example.com"}) { lead { id } } }'


async def total(graph: Graph, arguments: str = "", viewer: Viewer | None = None) -> int:
    data = await graph.data(f"{{ leads{arguments} {{ totalCount }} }}", viewer)
    return int(data["leads"]["totalCount"])


async def test_lists_of_different_things_have_totals_of_their_own(
    graph: Graph, database: Database, organization: str
) -> None:
    for _ in range(3):
        await make_lead(database, organization)
    await make_account(database, organization)
    query = "{ %s { totalCount } }"
    counted = {}
    for name in ("leads", "accounts", "users", "contacts", "tasks", "activities", "events", "emailTemplates"):
        counted[name] = (await graph.data(query % name))[name]["totalCount"]
    assert counted == {
        "leads": 3,
        "accounts": 1,
        "users": 1,
        "contacts": 0,
        "tasks": 0,
        "activities": 0,
        "events": 0,
        "emailTemplates": 0,
    }


async def test_a_total_follows_every_write(graph: Graph) -> None:
    for expected in range(3):
        assert await total(graph) == expected
        assert await total(graph, "(first: 1)") == expected
        await graph.data(CREATE)


async def test_a_total_is_of_its_own_filter_and_of_no_page(graph: Graph, database: Database, organization: str) -> None:
    for status in ("new", "new", "WON"):
        await make_lead(database, organization, status=status)
    assert await total(graph, "(where: {status: NEW})") == 2
    assert await total(graph, "(where: {status: WON}, first: 1)") == 1
    assert await total(graph, "(first: 1, sort: {field: SCORE})") == 3
    assert await total(graph, "(offset: 2)") == 3
    assert await total(graph, "(where: {})") == 3


async def test_nothing_is_counted_unless_asked(graph: Graph, count_statements: CountStatements) -> None:
    with count_statements() as ran:
        await graph.data("{ leads { nodes { id } } }")
    assert len(ran) == 1
    with count_statements() as ran:
        await graph.data("query ($c: Boolean!) { leads { totalCount @include(if: $c) nodes { id } } }", c=False)
    assert len(ran) == 1
    assert "count(" not in ran[0]


async def test_the_same_total_is_counted_once_per_state(graph: Graph, count_statements: CountStatements) -> None:
    def counts(ran: list[str]) -> int:
        return sum("count(" in statement for statement in ran)

    with count_statements() as ran:
        await total(graph)
        await total(graph, "(first: 5, sort: {field: SCORE})")
    assert counts(ran) == 1
    await graph.data(CREATE)
    with count_statements() as ran:
        assert await total(graph) == 1
    assert counts(ran) == 1


async def test_a_total_is_the_viewers_own(
    graph: Graph, viewer_of: MakeViewer, viewer: Viewer, stranger: Viewer
) -> None:
    lead = (await graph.data(CREATE))["createLead"]["lead"]["id"]
    note = 'mutation ($l: ID!) { createNote(input: {leadId: $l, content: "x", visibility: PRIVATE}) { note { id } } }'
    await graph.data(note, l=lead)
    query = "{ activities { totalCount } }"
    assert (await graph.data(query))["activities"]["totalCount"] == 2
    assert (await graph.data(query, await viewer_of()))["activities"]["totalCount"] == 1
    assert (await graph.data(query, replace(viewer, user_id=None)))["activities"]["totalCount"] == 1
    assert (await graph.data(query, stranger))["activities"]["totalCount"] == 0


async def test_long_filters_are_not_kept(graph: Graph, database: Database) -> None:
    for number in range(3):
        assert await total(graph, f'(where: {{search: "{"x" * 900}{number}"}})') == 0
    assert "x" * 100 not in repr(vars(database.totals))

"""What has happened around a company: every product in one order, by page, as far as the viewer may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.permissions import Permission
from domain.timeline import PERMISSION_OF, TimelineKind
from domain.viewer import Viewer
from gateway.database import Database
from tests.conftest import CountStatements
from tests.factories.leads import email_row, lead_row, make_account, make_contact, task_row
from tests.factories.organizations import store
from tests.factories.timeline import STORY, make_story
from tests.graphs import Graph

TIMELINE = """query ($id: ID!, $first: Int, $after: Cursor, $last: Int, $before: Cursor, $offset: Int,
    $where: TimelineFilter) {
  account(id: $id) { timeline(first: $first, after: $after, last: $last, before: $before, offset: $offset,
    where: $where) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id kind occurredAt title subject { id __typename } } } } }"""


@pytest.fixture
async def account(database: Database, viewer: Viewer) -> str:
    """The company of the story, beside another one in the same places."""
    account = await make_story(database, viewer.organization_id, "acme")
    await make_account(database, viewer.organization_id, name="Elsewhere")
    return account


async def told(graph: Graph, id: str, viewer: Viewer | None = None, **arguments: Any) -> Any:
    return (await graph.data(TIMELINE, viewer=viewer, id=id, **arguments))["account"]["timeline"]


async def test_every_product_is_in_one_order(graph: Graph, account: str, stranger: Viewer) -> None:
    whole = await told(graph, account)
    entries = whole["nodes"]
    assert [(each["subject"]["__typename"], each["kind"], each["title"]) for each in entries] == STORY
    assert [each["subject"]["id"] for each in entries] == [each["id"] for each in entries]
    days = sorted((each["occurredAt"] for each in entries), reverse=True)
    assert [each["occurredAt"] for each in entries] == days
    assert (whole["totalCount"], len(set(days))) == (len(STORY), len(STORY))

    page = await told(graph, account, first=3)
    walked = page["nodes"]
    while page["pageInfo"]["hasNextPage"]:
        page = await told(graph, account, first=3, after=page["pageInfo"]["endCursor"])
        walked += page["nodes"]
    assert walked == entries
    # Counted from the start of all, not of each of the parts that a page is put together from.
    assert (await told(graph, account, first=5, offset=4))["nodes"] == entries[4:9]

    bounds = {"occurredFrom": days[9], "occurredTo": days[7], "kinds": ["EMAIL", "TASK", "RESEARCH"]}
    some = await told(graph, account, where=bounds)
    assert [each["title"] for each in some["nodes"]] == [title for _, _, title in STORY[7:10]]
    assert some["totalCount"] == 3
    assert (await told(graph, account, where={"kinds": []}))["totalCount"] == 0
    assert (await graph.data(TIMELINE, viewer=stranger, id=account))["account"] is None


async def test_pages_hold_what_happened_in_one_second_while_more_happens(
    graph: Graph, database: Database, viewer: Viewer
) -> None:
    organization, second = viewer.organization_id, database.clock.now()
    account = await make_account(database, organization)
    ann = await make_contact(database, organization, "ann@acme.example", account_id=account)

    async def more(at: datetime, count: int) -> None:
        leads = [lead_row(organization, at, contact_id=ann) for _ in range(count)]
        tasks = [task_row(lead.id, organization, at) for lead in leads]
        await store(database, *leads, *tasks, *(email_row(lead.id, organization, at, sent_at=at) for lead in leads))

    async def walked(first: str, after: str, end: str, has: str) -> list[str]:
        found: list[str] = []
        place: str | None = None
        while True:
            asked: dict[str, Any] = {first: 4, after: place}
            page = await told(graph, account, **asked)
            ids = [each["id"] for each in page["nodes"]]
            found = [*found, *ids] if first == "first" else [*ids, *found]
            if not page["pageInfo"][has]:
                return found
            place = page["pageInfo"][end]
            if growing:
                await more(growing.pop(), 2)

    growing: list[datetime] = []
    await more(second, 5)
    whole = [each["id"] for each in (await told(graph, account))["nodes"]]
    assert len(set(whole)) == 15
    assert await walked("last", "before", "startCursor", "hasPreviousPage") == whole
    # What is newer does not move what comes after a place.
    growing = [second + timedelta(seconds=1), second + timedelta(days=1)]
    assert await walked("first", "after", "endCursor", "hasNextPage") == whole
    assert (await told(graph, account))["totalCount"] == 15 + 2 * 2 * 3


async def test_kinds_a_viewer_may_not_read_are_left_out(graph: Graph, viewer: Viewer, account: str) -> None:
    for permission in set(PERMISSION_OF.values()) - {Permission.READ_ACCOUNTS}:
        lacking = replace(viewer, permissions=viewer.permissions - {permission})
        left = await told(graph, account, viewer=lacking)
        kinds = {kind for kind, needed in PERMISSION_OF.items() if needed is not permission}
        expected = [title for _, kind, title in STORY if TimelineKind(kind) in kinds]
        assert [each["title"] for each in left["nodes"]] == expected, permission
        assert left["totalCount"] == len(expected)


async def test_statements_do_not_grow_with_companies(
    graph: Graph, database: Database, viewer: Viewer, account: str, count_statements: CountStatements
) -> None:
    query = """{ accounts { nodes { name timeline(first: 4) { totalCount nodes { title } }
      complianceItems { nodes { title accounts { totalCount nodes { name } } } } } } }"""
    counts = []
    for name in ("b", "c"):
        await make_story(database, viewer.organization_id, name)
        with count_statements() as ran:
            found = (await graph.data(query))["accounts"]["nodes"]
        counts.append(len(ran))
    assert counts == [6, 6]
    stories = {each["name"]: each for each in found}
    titles = [title for _, _, title in STORY][:2] + [STORY[2][2]] * 3
    for name in ("acme", "b", "c"):
        assert stories[name]["timeline"]["totalCount"] == len(STORY) + 2
        assert [each["title"] for each in stories[name]["timeline"]["nodes"]] == titles[:4]
        items = stories[name]["complianceItems"]["nodes"]
        assert [each["accounts"]["totalCount"] for each in items] == [3, 3, 3]
        assert {each["name"] for each in items[0]["accounts"]["nodes"]} == {"acme", "b", "c"}
    assert stories["Elsewhere"]["timeline"] == {"totalCount": 0, "nodes": []}

"""The log as a list and as it is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.errors import DomainError
from domain.viewer import Viewer
from gateway.database import Database
from resolvers.cursors import place
from tests.factories.leads import make_lead
from tests.graphs import Graph

CREATE = 'mutation ($e: String!) { createLead(input: {source: "website", email: $e}) { lead { id } } }'
NOTE = 'mutation ($l: ID!) { createNote(input: {leadId: $l, content: "x", visibility: PUBLIC}) { note { id } } }'


async def make(graph: Graph, email: str = "ann@example.com") -> str:
    return str((await graph.data(CREATE, e=email))["createLead"]["lead"]["id"])


async def test_an_event_says_who_did_what_to_whom(graph: Graph, viewer: Viewer) -> None:
    lead = await make(graph)
    query = "{ events { nodes { cursor sequence type occurredAt actor { id } lead { id } subject { id } data } } }"
    (event,) = (await graph.data(query))["events"]["nodes"]
    assert event == {
        "cursor": place(1),
        "sequence": 1,
        "type": "LEAD_CREATED",
        "occurredAt": "2024-01-15T14:30:00Z",
        "actor": {"id": viewer.user_id},
        "lead": {"id": lead},
        "subject": {"id": lead},
        "data": event["data"],
    }
    assert event["data"]["email"] == "ann@example.com"


async def test_the_log_is_paged_and_filtered(graph: Graph) -> None:
    first, second = await make(graph), await make(graph, "bob@example.com")
    await graph.data(NOTE, l=first)
    query = """query ($t: [EventType!], $l: ID, $first: Int, $after: Cursor, $last: Int) {
      events(types: $t, leadId: $l, first: $first, after: $after, last: $last) {
        totalCount nodes { sequence } pageInfo { hasNextPage endCursor } } }"""

    async def sequences(**arguments: Any) -> list[int]:
        return [node["sequence"] for node in (await graph.data(query, **arguments))["events"]["nodes"]]

    assert await sequences() == [1, 2, 3]
    assert await sequences(t=["NOTE_CREATED"]) == [3]
    assert await sequences(t=[]) == [1, 2, 3]
    assert await sequences(t=["LEAD_CREATED", "NOTE_CREATED"], l=first) == [1, 3]
    assert await sequences(l=second) == [2]
    assert await sequences(first=1, after=place(1)) == [2]
    assert await sequences(last=1) == [3]
    assert await sequences(after=place(3)) == []
    info = (await graph.data(query, first=2))["events"]["pageInfo"]
    assert info == {"hasNextPage": True, "endCursor": place(2)}


async def test_a_cursor_of_the_list_resumes_the_subscription(graph: Graph) -> None:
    await make(graph)
    await make(graph, "bob@example.com")
    end = (await graph.data("{ events(first: 1) { pageInfo { endCursor } } }"))["events"]["pageInfo"]["endCursor"]
    query = "subscription ($c: Cursor) { events(after: $c) { cursor sequence data lead { email contact { email } } } }"
    async with graph.subscription(query, c=end) as told:
        event = (await anext(told))["events"]
        assert (event["sequence"], event["lead"]["email"]) == (2, "bob@example.com")
        assert event["lead"]["contact"] == {"email": "bob@example.com"}
        await make(graph, "cyd@example.com")
        assert (await anext(told))["events"]["sequence"] == 3
    async with graph.subscription(query, c=event["cursor"]) as told:
        assert (await anext(told))["events"]["sequence"] == 3


@pytest.mark.parametrize(
    ("query", "given"),
    [
        ("subscription { events { sequence } }", {}),
        ("subscription ($c: Cursor) { events(after: $c) { sequence } }", {"c": place(0)}),
    ],
)
async def test_who_comes_back_goes_on_after_the_last_event_seen(
    graph: Graph, query: str, given: dict[str, str]
) -> None:
    for name in ("ann", "bob", "cyd"):
        await make(graph, f"{name}@example.com")
    async with graph.subscription(query, resume_after=place(2), **given) as told:
        assert (await anext(told))["events"]["sequence"] == 3
    with pytest.raises(DomainError) as refused:
        async with graph.subscription(query, resume_after="nonsense", **given):
            pass
    assert refused.value.field == "Last-Event-ID"


async def test_a_subscriber_hears_only_what_was_asked_for(graph: Graph, database: Database, organization: str) -> None:
    other = await make_lead(database, organization)
    lead = await make(graph)
    for each in (other, lead):
        await graph.data(NOTE, l=each)
    asked = {
        "events(types: [NOTE_CREATED], after: $c)": 2,
        "events(types: null, after: $c)": 1,
        "events(types: [], after: $c)": 1,
        f'leadEvents(leadId: "{other}", after: $c)': 2,
        f'leadEvents(leadId: "{lead}", types: [NOTE_CREATED], after: $c)': 3,
    }
    for field, sequence in asked.items():
        async with graph.subscription(
            f"subscription ($c: Cursor) {{ told: {field} {{ sequence }} }}", c=place(0)
        ) as told:
            assert (await anext(told))["told"]["sequence"] == sequence, field


async def test_from_now_on_without_a_cursor(graph: Graph) -> None:
    await make(graph)
    async with graph.subscription("subscription { events { sequence } }") as told:
        first = asyncio.ensure_future(anext(told))
        # Until the subscriber has taken its place nothing is promised, so things happen until it has heard of one.
        async with asyncio.timeout(15):
            while not first.done():
                await make(graph)
                await asyncio.sleep(0)
        assert first.result()["events"]["sequence"] > 1


async def test_closing_a_subscription_leaves_nothing_behind(graph: Graph) -> None:
    before = len(asyncio.all_tasks())
    async with graph.subscription("subscription ($c: Cursor) { events(after: $c) { sequence } }", c=place(0)) as told:
        await make(graph)
        await anext(told)
    assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize("cursor", ["nonsense", "", "e1:1"])
async def test_a_wrong_cursor_refuses_the_subscription(graph: Graph, cursor: str) -> None:
    with pytest.raises(Exception, match="cursor"):
        async with graph.subscription("subscription ($c: Cursor) { events(after: $c) { sequence } }", c=cursor):
            pytest.fail("it opened")


async def test_facts_stay_as_they_were(graph: Graph) -> None:
    lead = await make(graph)
    await graph.data(
        'mutation ($l: ID!) { updateLead(input: {id: $l, email: "new@example.com"}) { lead { id } } }', l=lead
    )
    told = (await graph.data("{ events { nodes { data lead { email } } } }"))["events"]["nodes"]
    assert [event["data"]["email"] for event in told] == ["ann@example.com", "new@example.com"]
    assert {event["lead"]["email"] for event in told} == {"new@example.com"}

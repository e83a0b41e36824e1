"""Pages of `leads`: cursors that stay correct while rows come and go, offsets, limits."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from domain.errors import Code
from domain.leads import Lead
from domain.viewer import Viewer
from gateway.database import Database
from schema.context import PageLimits
from tests.clocks import PRINTED
from tests.conftest import MakeViewer
from tests.factories.leads import lead_row
from tests.factories.organizations import make_organization, store
from tests.graphs import Graph

PAGE = """query ($sort: LeadSort, $first: Int, $after: Cursor, $last: Int, $before: Cursor, $offset: Int) {
  leads(sort: $sort, first: $first, after: $after, last: $last, before: $before, offset: $offset) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


class Pages:
    """The leads of one organization, read page by page."""

    def __init__(self, graph: Graph, viewer: Viewer) -> None:
        self.graph = graph
        self.viewer = viewer

    async def add(self, number: int, **values: Any) -> str:
        at = values.pop("at", PRINTED)
        lead = lead_row(self.viewer.organization_id, at, email=f"lead{number}@example.com", **values)
        await store(self.graph.database, lead)
        return lead.id

    async def remove(self, id: str) -> None:
        async def work(session: Any) -> None:
            await session.execute(update(Lead).where(Lead.id == id).values(deleted_at=PRINTED))

        await self.graph.database.store(work)

    async def page(self, **arguments: Any) -> tuple[list[str], dict[str, Any]]:
        page = (await self.graph.data(PAGE, self.viewer, **arguments))["leads"]
        ids, info = [edge["node"]["id"] for edge in page["edges"]], page["pageInfo"]
        if page["edges"]:
            assert (info["startCursor"], info["endCursor"]) == (page["edges"][0]["cursor"], page["edges"][-1]["cursor"])
        else:
            assert (info["startCursor"], info["endCursor"]) == (None, None)
        return ids, info


@pytest.fixture
def pages(graph: Graph, viewer: Viewer) -> Pages:
    return Pages(graph, viewer)


async def test_forward_and_backward_meet_every_lead_once(pages: Pages) -> None:
    made = [await pages.add(n, at=PRINTED + timedelta(minutes=n)) for n in range(7)]
    newest_first = made[::-1]
    assert (await pages.page())[0] == newest_first

    seen: list[str] = []
    ids, info = await pages.page(first=3)
    assert not info["hasPreviousPage"]
    while ids:
        seen += ids
        assert info["hasNextPage"] == (len(seen) < 7)
        ids, info = await pages.page(first=3, after=info["endCursor"])
        assert not ids or info["hasPreviousPage"]
    assert seen == newest_first

    seen = []
    ids, info = await pages.page(last=3)
    assert not info["hasNextPage"]
    while ids:
        seen = ids + seen
        assert info["hasPreviousPage"] == (len(seen) < 7)
        ids, info = await pages.page(last=3, before=info["startCursor"])
    assert seen == newest_first


async def test_between_two_cursors(pages: Pages) -> None:
    made = [await pages.add(n, at=PRINTED + timedelta(minutes=n)) for n in range(6)][::-1]
    page = (await pages.graph.data(PAGE, first=6))["leads"]["edges"]
    after, before = page[0]["cursor"], page[4]["cursor"]
    assert (await pages.page(after=after, before=before, first=10))[0] == made[1:4]
    assert (await pages.page(after=after, before=before, first=2))[0] == made[1:3]
    assert (await pages.page(after=after, before=before, last=2))[0] == made[2:4]
    assert (await pages.page(after=before, before=after, first=2))[0] == []


async def test_offsets_and_empty_pages(pages: Pages) -> None:
    made = [await pages.add(n, at=PRINTED + timedelta(minutes=n)) for n in range(5)][::-1]
    ids, info = await pages.page(first=2, offset=2)
    assert ids == made[2:4]
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (True, True)
    assert (await pages.page(first=2, offset=4))[0] == made[4:]
    ids, info = await pages.page(first=2, offset=5)
    assert (ids, info["hasNextPage"], info["hasPreviousPage"]) == ([], False, True)
    ids, info = await pages.page(first=0)
    assert (ids, info["hasNextPage"]) == ([], True)
    assert (await pages.page(first=2, offset=1_000_000))[0] == []


SORTS = [(field, direction) for field in ("CREATED_AT", "UPDATED_AT", "SCORE") for direction in ("ASC", "DESC")]


@pytest.mark.parametrize(("field", "direction"), SORTS)
async def test_ties_are_broken_by_id(pages: Pages, field: str, direction: str) -> None:
    made = sorted([await pages.add(n, score=50) for n in range(5)], reverse=direction == "DESC")
    sort = {"field": field, "direction": direction}
    seen: list[str] = []
    ids, info = await pages.page(sort=sort, first=2)
    while ids:
        seen += ids
        ids, info = await pages.page(sort=sort, first=2, after=info["endCursor"])
    assert seen == made


change = st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 3), st.integers(0, 30))
"""What happens between two pages: a lead with some minute and score is added, or some lead is removed."""


@settings(max_examples=15)
@given(
    start=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    between=st.lists(st.lists(change, max_size=3), max_size=6),
    size=st.integers(1, 3),
    sort=st.sampled_from(SORTS),
    backward=st.booleans(),
)
async def test_rows_that_stay_are_met_once_whatever_comes_and_goes(
    database: Database,
    viewer_of: MakeViewer,
    start: list[int],
    between: list[list[tuple[str, int, int]]],
    size: int,
    sort: tuple[str, str],
    backward: bool,
) -> None:
    viewer = await viewer_of(await make_organization(database))
    pages = Pages(Graph(database, viewer), viewer)

    async def add(number: int, place: int) -> str:
        moment = PRINTED + timedelta(minutes=place)
        return await pages.add(number, at=moment, updated_at=moment, score=place)

    stayed = [await add(n, place) for n, place in enumerate(start)]
    seen: list[str] = []
    removed: set[str] = set()
    cursor: str | None = None
    for step in [*between, *[[]] * (len(start) + 2 * len(between) * 3)]:
        ask: dict[str, Any] = {"sort": {"field": sort[0], "direction": sort[1]}}
        ask |= {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        ids, info = await pages.page(**ask)
        seen = ids + seen if backward else seen + ids
        if not ids:
            break
        cursor = info["startCursor" if backward else "endCursor"]
        for what, place, number in step:
            if what == "add":
                await add(100 + number, place)
            elif len(removed) < len(stayed):
                victim = stayed[number % len(stayed)]
                removed.add(victim)
                await pages.remove(victim)
    assert len(seen) == len(set(seen))
    assert set(stayed) - removed <= set(seen)


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"first": -1}, "first"),
    ({"first": 101}, "first"),
    ({"last": 101}, "last"),
    ({"last": -1}, "last"),
    ({"first": 1, "last": 1}, "last"),
    ({"offset": -1}, "offset"),
    ({"offset": 1_000_001}, "offset"),
    ({"offset": 1, "last": 1}, "offset"),
    ({"after": ""}, "after"),
    ({"after": "nonsense"}, "after"),
    ({"before": "nonsense"}, "before"),
    ({"after": "ü"}, "after"),
    ({"after": "A" * 10_000}, "after"),
    ({"after": "====", "first": 1}, "after"),
]


async def test_what_a_page_cannot_be(graph: Graph) -> None:
    for arguments, field in IMPOSSIBLE:
        answer = await graph(PAGE, arguments)
        assert [(error.code, error.path, error.field) for error in answer.errors] == [(Code.INVALID, "leads", field)]
        assert answer.data is None


async def test_a_cursor_of_another_list_or_sorting_is_refused(pages: Pages) -> None:
    for n in range(3):
        await pages.add(n)
    created = (await pages.page(first=1))[1]["endCursor"]
    by_score = (await pages.page(first=1, sort={"field": "SCORE"}))[1]["endCursor"]
    create = 'mutation { createLead(input: {source: "website", email: "x@example.com"}) { lead { id } } }'
    await pages.graph.data(create)
    event = (await pages.graph.data("{ events(first: 1) { pageInfo { endCursor } } }"))["events"]["pageInfo"][
        "endCursor"
    ]
    for ask in (
        {"after": by_score},
        {"after": event},
        {"after": created, "sort": {"field": "SCORE"}},
        {"after": created, "sort": {"direction": "ASC"}},
        {"before": by_score, "sort": {"field": "UPDATED_AT"}},
    ):
        assert [e.code for e in (await pages.graph(PAGE, ask)).errors] == [Code.INVALID]
    events = "query ($c: Cursor) { events(after: $c) { nodes { type } } }"
    assert (await pages.graph(events, {"c": created})).codes == [Code.INVALID]


def forged(*values: object, mark: str = "c1:") -> str:
    return base64.urlsafe_b64encode((mark + json.dumps(values)).encode()).decode().rstrip("=")


FORGED = [
    forged("created_at:desc", "2024-01-15T14:30:00Z", "a\x00"),
    forged("created_at:desc", "2024-01-15T14:30:00Z", "\ud800"),
    forged("created_at:desc", "2024-01-15T14:30:00", "lead_1"),
    forged("created_at:desc", "0001-01-01T00:00:00+23:00", "lead_1"),
    forged("created_at:desc", "9999-12-31T23:59:59-23:00", "lead_1"),
    forged("created_at:desc", 5, "lead_1"),
    forged("created_at:desc", None, "lead_1"),
    forged("created_at:desc", [], "lead_1"),
    forged("created_at:desc", "2024-01-15T14:30:00Z", 5),
    forged("created_at:desc", "2024-01-15T14:30:00Z"),
    forged("created_at:desc", "2024-01-15T14:30:00Z", "lead_1", "more"),
    forged({}, "2024-01-15T14:30:00Z", "lead_1"),
    base64.urlsafe_b64encode(b"c1:" + b"[" * 250).decode(),
    base64.urlsafe_b64encode(b"c1:{}").decode(),
    base64.urlsafe_b64encode(b"c1:\xff").decode(),
    base64.urlsafe_b64encode(b'["created_at:desc","2024-01-15T14:30:00Z","lead_1"]').decode(),
    forged(mark="e1:"),
]


async def test_a_forged_cursor_is_refused(graph: Graph) -> None:
    for cursor in FORGED:
        assert (await graph(PAGE, {"after": cursor})).codes == [Code.INVALID], cursor


async def test_a_forged_score_is_refused(graph: Graph) -> None:
    sort = {"field": "SCORE"}
    for score in [2**31, -(2**31) - 1, 2**70, 1.5, True, "50", None]:
        assert (await graph(PAGE, {"after": forged("score:desc", score, "lead_1"), "sort": sort})).codes == [
            Code.INVALID
        ]


async def test_a_forged_place_in_the_log_is_refused(graph: Graph) -> None:
    query = "query ($c: Cursor) { events(after: $c) { nodes { type } } }"
    for text in ["e1:", "e1:-1", "e1:9999999999999999999", "e1:٣", "e1:1.5", "e1: 1", "1", "e2:1"]:
        cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        assert (await graph(query, {"c": cursor})).codes == [Code.INVALID]


async def test_page_limits_are_settings_and_our_own_documents_have_their_own(pages: Pages) -> None:
    for n in range(5):
        await pages.add(n)
    few = PageLimits(default=2, most=3, deepest_offset=1, trusted_most=4)

    async def count(trusted: bool = False, **arguments: Any) -> int | str | None:
        answer = await pages.graph(PAGE, arguments, pages=few, trusted=trusted)
        return answer.errors[0].field if answer.errors else len(answer.data["leads"]["edges"])

    assert await count() == 2
    assert await count(first=3) == 3
    assert await count(first=4) == "first"
    assert await count(offset=2) == "offset"
    assert await count(trusted=True) == 4
    assert await count(trusted=True, first=4) == 4
    assert await count(trusted=True, first=5) == "first"
    assert await count(trusted=True, first=2, offset=2**31 - 1) == 0


async def test_a_deep_offset_of_a_relation_is_an_empty_page(pages: Pages) -> None:
    for n in range(2):
        await pages.add(n)
    query = "query ($o: Int) { leads { nodes { notes(offset: $o) { nodes { id } } } } }"
    answer = await pages.graph(query, {"o": 2**31 - 1}, trusted=True)
    assert answer.data == {"leads": {"nodes": [{"notes": {"nodes": []}}] * 2}}

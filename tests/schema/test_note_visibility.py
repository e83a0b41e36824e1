"""A note is for its author, a team or everybody, and so is everything that tells of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.viewer import Viewer
from gateway.database import Database
from resolvers.cursors import place
from tests.conftest import MakeViewer
from tests.factories.leads import make_lead
from tests.factories.organizations import make_team
from tests.graphs import Graph

CREATE = """mutation ($l: ID!, $v: NoteVisibility!) {
  createNote(input: {leadId: $l, content: "x", visibility: $v}) { note { id content } errors { code field } } }"""
SEEN = """query ($l: ID!, $n: ID!) {
  lead(id: $l) { notesCount lastActivityAt notes { totalCount nodes { id } } activities { totalCount } }
  node(id: $n) { id }
  events { totalCount nodes { subject { id } } }
  activities { totalCount } }"""


class Office:
    """An author, a colleague of the same team, somebody of another team, a credential of nobody."""

    def __init__(self, author: Viewer, colleague: Viewer, other: Viewer, machine: Viewer) -> None:
        self.author, self.colleague, self.other, self.machine = author, colleague, other, machine

    @property
    def people(self) -> dict[str, Viewer]:
        return {"author": self.author, "colleague": self.colleague, "other": self.other, "machine": self.machine}


@pytest.fixture
async def office(database: Database, viewer_of: MakeViewer, organization: str) -> Office:
    here, there = await make_team(database, organization), await make_team(database, organization)
    return Office(
        await viewer_of(team=here), await viewer_of(team=here), await viewer_of(team=there), await viewer_of(user=False)
    )


@pytest.fixture
async def lead(database: Database, organization: str) -> str:
    return await make_lead(database, organization)


async def seen_by(graph: Graph, viewer: Viewer, lead: str, note: str) -> bool:
    """Whether a viewer sees a note; every door of the graph has to agree."""
    data = await graph.data(SEEN, viewer, l=lead, n=note)
    found: list[Any] = [
        data["node"] is not None,
        data["lead"]["notesCount"] == 1,
        data["lead"]["lastActivityAt"] is not None,
        data["lead"]["notes"] == {"totalCount": 1, "nodes": [{"id": note}]},
        data["lead"]["activities"]["totalCount"] == 1,
        data["activities"]["totalCount"] == 1,
        data["events"]["totalCount"] == 1,
        data["events"]["nodes"] == [{"subject": {"id": note}}],
    ]
    assert len(set(found)) == 1, (viewer, data)
    return bool(found[0])


@pytest.mark.parametrize(
    ("visibility", "seers"),
    [
        ("PRIVATE", {"author"}),
        ("TEAM", {"author", "colleague"}),
        ("PUBLIC", {"author", "colleague", "other", "machine"}),
    ],
)
async def test_a_note_is_seen_by_whom_it_is_for(
    graph: Graph, office: Office, lead: str, visibility: str, seers: set[str]
) -> None:
    note = (await graph.data(CREATE, office.author, l=lead, v=visibility))["createNote"]["note"]["id"]
    seen = {name for name, viewer in office.people.items() if await seen_by(graph, viewer, lead, note)}
    assert seen == seers


@pytest.mark.parametrize(
    ("visibility", "hears"), [("PRIVATE", []), ("TEAM", ["colleague"]), ("PUBLIC", ["colleague", "other"])]
)
async def test_a_note_is_told_to_whom_it_is_for(
    graph: Graph, office: Office, lead: str, visibility: str, hears: list[str]
) -> None:
    """Whoever may not hear of the note hears of what follows it first."""
    await graph.data(CREATE, office.author, l=lead, v=visibility)
    await graph.data(CREATE, office.author, l=lead, v="PUBLIC")
    for field in ("events(after: $c)", "leadEvents(leadId: $l, after: $c)"):
        declared = "$c: Cursor" if "leadEvents" not in field else "$l: ID!, $c: Cursor"
        query = f"subscription ({declared}) {{ told: {field} {{ sequence }} }}"
        variables = {"c": place(0)} | ({"l": lead} if "leadEvents" in field else {})
        for name in ("colleague", "other"):
            async with graph.subscription(query, office.people[name], **variables) as told:
                assert (await anext(told))["told"]["sequence"] == (1 if name in hears else 2)
        async with graph.subscription(query, office.author, **variables) as told:
            assert (await anext(told))["told"]["sequence"] == 1


async def test_a_teams_note_of_somebody_without_a_team_is_for_everybody(
    graph: Graph, viewer_of: MakeViewer, office: Office, lead: str
) -> None:
    loner = await viewer_of()
    note = (await graph.data(CREATE, loner, l=lead, v="TEAM"))["createNote"]["note"]["id"]
    assert await seen_by(graph, office.other, lead, note)


async def test_the_author_sees_the_note_after_changing_teams(graph: Graph, office: Office, lead: str) -> None:
    note = (await graph.data(CREATE, office.author, l=lead, v="TEAM"))["createNote"]["note"]["id"]
    moved = replace(office.author, team_id=office.other.team_id)
    assert await seen_by(graph, moved, lead, note)


async def test_nobody_cannot_write_a_private_note(graph: Graph, office: Office, lead: str) -> None:
    done = (await graph.data(CREATE, office.machine, l=lead, v="PRIVATE"))["createNote"]
    assert done == {"note": None, "errors": [{"code": "INVALID", "field": "visibility"}]}
    assert (await graph.data(CREATE, office.machine, l=lead, v="PUBLIC"))["createNote"]["errors"] == []


async def test_the_notes_filter_shows_nothing_more(graph: Graph, office: Office, lead: str) -> None:
    for visibility in ("PRIVATE", "TEAM", "PUBLIC"):
        await graph.data(CREATE, office.author, l=lead, v=visibility)
    query = """query ($l: ID!, $w: NoteFilter) { lead(id: $l) { notes(where: $w) { totalCount } } }"""
    for where, author, other in (
        ({}, 3, 1),
        ({"visibility": "PRIVATE"}, 1, 0),
        ({"visibility": "PUBLIC"}, 1, 1),
        ({"createdBy": office.author.user_id}, 3, 1),
        ({"createdBy": office.other.user_id}, 0, 0),
        ({"createdFrom": "2024-01-15", "createdTo": "2024-01-15"}, 3, 1),
        ({"createdFrom": "2024-01-16"}, 0, 0),
    ):
        for viewer, count in ((office.author, author), (office.other, other)):
            found = await graph.data(query, viewer, l=lead, w=where)
            assert found["lead"]["notes"]["totalCount"] == count, where

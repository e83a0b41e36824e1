"""What rows lead to by a key is read in their own statement on PostgreSQL, and is the same as graphql-core finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from domain.viewer import Viewer
from gateway import json
from gateway.database import Database
from gateway.graphql.explained import ExplainedDriver
from tests.compiled.sides import Asked, Side, compiled_side
from tests.factories.crm import make_crm
from tests.factories.leads import activity_row, make_contact, make_lead
from tests.factories.organizations import make_organization, make_user, make_viewer, store

pytestmark = pytest.mark.postgres
_WHOLE = "assignedTo { id name role createdAt team { name createdAt } }"
QUERIES: Mapping[str, tuple[str, int]] = {
    "a row": (f"{{ lead(id: $id) {{ email {_WHOLE} }} }}", 1),
    "a page": (f"{{ leads {{ nodes {{ email {_WHOLE} }} }} }}", 1),
    "one way beside another": ("{ leads { nodes { a: assignedTo { name } b: assignedTo { team { id } email } } } }", 1),
    "by a page that is sorted and cut": (
        "{ leads(first: 2, offset: 1, sort: {field: SCORE}) { edges { cursor node { assignedTo { name } } } } }",
        1,
    ),
    "from the children of many": (
        "{ accounts { nodes { contacts(first: 2) { nodes { leads(last: 2) { nodes { assignedTo { name } } } } } } } }",
        3,
    ),
    "values that are counted": (
        "{ leads { nodes { notes { nodes { content lead { notesCount } } } } } }",
        2,
    ),
    "to rows that have children": (
        "{ leads { nodes { contact { email createdAt leads(first: 1) { nodes { email } } } } } }",
        2,
    ),
    "what is made of parts is read once": ("{ leads { nodes { contact { account { technologies } } } } }", 2),
    "what is found in two steps": ("{ leads { nodes { account { name } } } }", 2),
}


@dataclass(frozen=True)
class Sides:
    """Both ways over one database, and a lead there."""

    compiled: Side
    plain: Side
    viewer: Viewer
    lead: str

    async def same(self, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both answer, and what is told of how it was found."""
        asked = Asked(f"query ($id: ID!) {text}" if "$id" in text else text, {"id": self.lead}, self.viewer)
        told = json.loads(await self.compiled.answer(asked))
        plan = told.pop("extensions")["plan"]
        plain = json.loads(await self.plain.answer(asked))
        plain.pop("extensions", None)
        assert told == plain
        return told, plan


@pytest.fixture
async def sides(server: Database, postgres_database_url: str) -> AsyncIterator[Sides]:
    viewer = await make_viewer(server, await make_organization(server))
    known = await make_crm(server, viewer.organization_id, 4)
    made = compiled_side(postgres_database_url)
    assert made.driver
    compiled = Side(made.database, ExplainedDriver(made.driver), explain=True)
    yield Sides(compiled, Side(server), viewer, known.ids["Lead"])
    await made.close()


@pytest.mark.parametrize("name", QUERIES)
async def test_what_rows_lead_to_is_read_with_them(sides: Sides, name: str) -> None:
    text, statements = QUERIES[name]
    _, plan = await sides.same(text)
    assert plan["compiled"], plan["reason"]
    assert len(plan["statements"]) == statements


async def test_what_a_viewer_may_not_see_is_not_found(sides: Sides, server: Database) -> None:
    own = sides.viewer.organization_id
    other = await make_organization(server)
    user, contact = await make_user(server, other), await make_contact(server, other, "other@example.com")
    for who in ({"assigned_to_id": user}, {"contact_id": contact}, {"assigned_to_id": None}):
        await make_lead(server, own, source="hidden", **who)
    told, plan = await sides.same(
        '{ leads(where: {source: "hidden"}) { nodes { assignedTo { name } contact { email } } } }'
    )
    assert plan["compiled"]
    assert len(plan["statements"]) == 1
    assert [each["assignedTo"] for each in told["data"]["leads"]["nodes"]] == [None] * 3
    assert [each["contact"] for each in told["data"]["leads"]["nodes"]] == [None] * 3


async def test_what_has_to_be_there_and_is_not_is_for_graphql_core_to_tell(sides: Sides, server: Database) -> None:
    own, now = sides.viewer.organization_id, server.clock.now()
    text = "{ activities { nodes { type lead { email } } } }"
    _, plan = await sides.same(text)
    assert plan["compiled"]
    await store(server, activity_row(await make_lead(server, own, deleted_at=now), own, now))
    told, plan = await sides.same(text)
    assert not plan["compiled"]
    assert told["errors"]

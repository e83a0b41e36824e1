"""A program asks one statement for each level of its operation, however many rows there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from domain.viewer import Viewer
from gateway import json
from gateway.database import Database
from gateway.graphql.explained import ExplainedDriver
from tests.compiled.sides import Asked, Side, compiled_side
from tests.factories.crm import make_crm
from tests.factories.leads import make_account, make_contact, make_lead
from tests.factories.organizations import make_organization

QUERIES: Mapping[str, tuple[str, int]] = {
    "a row": ("{ lead(id: $id) { id email } }", 1),
    "a row and whom it is with": ("{ lead(id: $id) { id assignedTo { name } } }", 1),
    "a page": ("{ leads { nodes { id email tags scoreReasons { points } } } }", 1),
    "a page, its total and the state it was counted in": ("{ leads { totalCount nodes { id } } }", 3),
    "three levels": ("{ accounts { nodes { name contacts { nodes { name leads { nodes { id } } } } } } }", 3),
    "the same twice": ("{ leads { nodes { a: assignedTo { name } b: assignedTo { email } } } }", 3),
    "several at the top": ("{ leads { nodes { id } } accounts { nodes { id } } __typename }", 2),
    "only totals": ("{ lead(id: $id) { notes { totalCount } tasks { totalCount } } }", 3),
}
_ON_A_SERVER = {"the same twice": 1}
"""What leads to one row is read with it there."""


@pytest.fixture
async def side(database: Database, database_url: str) -> AsyncIterator[Side]:
    made = compiled_side(database_url)
    assert made.driver
    yield Side(made.database, ExplainedDriver(made.driver), explain=True)
    await made.close()


async def ran(side: Side, viewer: Viewer, text: str, variables: Mapping[str, Any]) -> list[str]:
    told = json.loads(await side.answer(Asked(text, variables, viewer)))
    assert "errors" not in told, told
    assert told["extensions"]["plan"]["compiled"], told["extensions"]["plan"]["reason"]
    return [each["sql"] for each in told["extensions"]["plan"]["statements"]]


@pytest.mark.parametrize("rows", [1, 4])
async def test_one_statement_for_each_level(side: Side, database: Database, viewer: Viewer, rows: int) -> None:
    made = await make_crm(database, viewer.organization_id, rows)
    counts = {}
    for name, (selection, _) in QUERIES.items():
        text = f"query ($id: ID!) {selection}" if "$id" in selection else selection
        counts[name] = len(await ran(side, viewer, text, {"id": made.ids["Lead"]} if "$id" in selection else {}))
    others = {} if database.engines.embedded else _ON_A_SERVER
    assert counts == {name: expected for name, (_, expected) in QUERIES.items()} | others


async def test_only_what_is_asked_for_is_selected(side: Side, database: Database, viewer: Viewer) -> None:
    await make_crm(database, viewer.organization_id, 2)
    (sql,) = await ran(side, viewer, "{ users { nodes { name } } }", {})
    assert "password_hash" not in sql
    assert sql.index("name") < sql.index("FROM") < sql.index("organization_id")


async def test_statements_are_kept_for_other_values(side: Side, database: Database, viewer: Viewer) -> None:
    made = await make_crm(database, viewer.organization_id, 2)
    assert side.compiling
    asked = "leads(where: $w, first: $n) { nodes { id notes(first: 1) { nodes { id } } } }"
    text = f"query ($w: LeadFilter, $n: Int) {{ {asked} }}"
    await ran(side, viewer, text, {"w": {"source": "website"}, "n": 1})
    await ran(side, viewer, text, {"w": {"source": "website"}, "n": 2})
    built = side.compiling.compiler.statements.built
    for number in range(5, 10):
        await ran(side, viewer, text, {"w": {"source": made.ids["Lead"]}, "n": number})
        await ran(side, viewer, text, {"w": {"source": "website"}, "n": number})
    assert side.compiling.compiler.statements.built == built


async def test_leads_are_searched_as_compiled(side: Side, database: Database, viewer: Viewer) -> None:
    organization = viewer.organization_id
    wanted = {
        name: await make_lead(database, organization, **named)
        for name, named in {
            "john": {"first_name": "John", "last_name": "Quimby", "email": "quimby@example.com"},
            "ann": {"first_name": "Ann", "last_name": 'O"Neil (NEAR)', "email": "ann@example.com"},
            "phone": {"first_name": "Pia", "phone": "+49 170 5550199", "email": "pia@example.com"},
        }.items()
    }
    other = await make_organization(database)
    await make_lead(database, other, first_name="John", last_name="Quimby")
    # Words, and what means something to an index of words if it is not told that they are words.
    expected = {
        "quimby": ["john"],
        "QUIMBY": ["john"],
        "john quimby": ["john"],
        'o"neil': ["ann"],
        "(near)": ["ann"],
        "5550199": ["phone"],
        "im": ["john"],
        "%": [],
        'quimby" OR "neil': [],
        "quimby*": [],
        "nobody": [],
    }
    text = "query ($w: LeadFilter) { leads(where: $w) { totalCount nodes { id } } }"
    found = {}
    for words in expected:
        told = json.loads(await side.answer(Asked(text, {"w": {"search": words}}, viewer)))
        assert "errors" not in told, (words, told)
        assert told["extensions"]["plan"]["compiled"], (words, told["extensions"]["plan"]["reason"])
        leads = told["data"]["leads"]
        assert leads["totalCount"] == len(leads["nodes"])
        found[words] = [each["id"] for each in leads["nodes"]]
    assert found == {words: [wanted[name] for name in names] for words, names in expected.items()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{ leads(first: 2) { nodes { id } } }", 2),
        ("{ leads(first: 2) { nodes { id } pageInfo { endCursor } } }", 2),
        ("{ leads(first: 2) { nodes { id } pageInfo { hasNextPage } } }", 3),
        ("{ leads(last: 2) { nodes { id } pageInfo { hasPreviousPage } } }", 3),
        ("{ accounts { nodes { contacts(first: 2) { nodes { id } } } } }", 4),
        ("{ accounts { nodes { contacts(first: 2) { nodes { id } pageInfo { hasNextPage } } } } }", 6),
    ],
)
async def test_a_row_beyond_a_page_is_read_only_to_tell_of_it(
    side: Side, database: Database, viewer: Viewer, text: str, found: int
) -> None:
    for name in ("one", "two"):
        account = await make_account(database, viewer.organization_id, name=name)
        for number in range(4):
            email = f"{number}@{name}.example"
            contact = await make_contact(database, viewer.organization_id, email, account_id=account)
            await make_lead(database, viewer.organization_id, email=email, contact_id=contact)
    told = json.loads(await side.answer(Asked(text, {}, viewer)))
    assert told["extensions"]["plan"]["statements"][-1]["rows"] == found
    assert told["data"] == json.loads(await Side(side.database).answer(Asked(text, {}, viewer)))["data"]

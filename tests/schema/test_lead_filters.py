"""Every filter and sort of `leads`, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLError

from domain.leads import InsuranceType, Lead
from domain.viewer import Viewer
from gateway.database import Database
from schema.engine.scalars import read_moment
from tests.clocks import PRINTED
from tests.factories.leads import lead_row, make_account, make_contact, make_lead
from tests.factories.organizations import store
from tests.graphs import Graph

Stock = dict[str, str]
DAY = timedelta(days=1)


@pytest.fixture
async def stock(database: Database, viewer: Viewer) -> Stock:
    """Five leads that differ in everything a list can be filtered by; their ids by name."""
    organization = viewer.organization_id
    acme = await make_account(database, organization, name="Acme", domain="acme.example.com")
    ann = await make_contact(database, organization, "ann@acme.example.com", account_id=acme)
    rows: dict[str, Lead] = {
        "ann": lead_row(
            organization,
            PRINTED,
            email="ann@acme.example.com",
            first_name="Ann",
            last_name="Lee",
            phone="+1 (555) 123-4567",
            contact_id=ann,
            tags=["vip", "a'b", "100%"],
            score=90,
        ),
        "bob": lead_row(
            organization,
            PRINTED + DAY,
            email="bob@example.com",
            first_name="BOB",
            status="qualified",
            source="facebook_ads",
            assigned_to_id=viewer.user_id,
            insurance_type=InsuranceType.AUTO,
            tags=["vip"],
            score=50,
            custom_fields={"campaignId": "Spring Offer"},
            updated_at=PRINTED + 9 * DAY,
        ),
        "cyd": lead_row(organization, PRINTED + 2 * DAY, email="cyd_x@example.com", status="WON", score=50),
        "dan": lead_row(organization, PRINTED + 3 * DAY, email="dan%x@example.com", status="Nurturing", score=0),
        "eve": lead_row(organization, PRINTED + 4 * DAY, email="eve@example.com", status="LOST", score=100),
        "gone": lead_row(organization, PRINTED, email="gone@example.com", deleted_at=PRINTED),
    }
    await store(database, *rows.values())
    return {name: row.id for name, row in rows.items()} | {"acme": acme, "contact": ann, "jane": viewer.user_id or ""}


async def names(graph: Graph, stock: Stock, where: dict[str, Any], sort: dict[str, str] | None = None) -> str:
    """The names of the leads that match, in the order of the answer, and counted the same."""
    query = "query ($w: LeadFilter, $s: LeadSort) { leads(where: $w, sort: $s) { totalCount nodes { id } } }"
    named = {found: name for name, found in stock.items()}
    where = {
        name: stock[value[1:]] if name in ("account", "contact", "assignedTo") and value[0] == "@" else value
        for name, value in where.items()
    }
    page = (await graph.data(query, w=where, s=sort))["leads"]
    assert page["totalCount"] == len(page["nodes"])
    return " ".join(named[node["id"]] for node in page["nodes"])


FOUND: list[tuple[dict[str, Any], str]] = [
    ({}, "eve dan cyd bob ann"),
    ({"status": "NEW"}, "ann"),
    ({"status": "WON"}, "cyd"),
    ({"status": "LOST"}, "eve"),
    ({"status": "OTHER"}, "dan"),
    ({"status": None}, "eve dan cyd bob ann"),
    ({"statusText": "won"}, "cyd"),
    ({"statusText": " nurturING "}, "dan"),
    ({"statusText": "nothing"}, ""),
    ({"source": "facebook_ads"}, "bob"),
    ({"source": "nowhere"}, ""),
    ({"assignedTo": "@jane"}, "bob"),
    ({"assignedTo": "user_nobody"}, ""),
    ({"unassigned": True}, "eve dan cyd ann"),
    ({"unassigned": False}, "bob"),
    ({"insuranceType": "AUTO"}, "bob"),
    ({"insuranceType": "LIFE"}, ""),
    ({"createdFrom": "2024-01-17"}, "eve dan cyd"),
    ({"createdTo": "2024-01-16"}, "bob ann"),
    ({"createdTo": "2024-01-16T14:29:59Z"}, "ann"),
    ({"createdTo": "2024-01-16T15:30:00+01:00"}, "bob ann"),
    ({"createdFrom": "2024-01-16", "createdTo": "2024-01-16"}, "bob"),
    ({"createdFrom": "2024-01-18", "createdTo": "2024-01-16"}, ""),
    ({"updatedFrom": "2024-01-20"}, "bob"),
    ({"updatedTo": "2024-01-15"}, "ann"),
    ({"minScore": 50}, "eve cyd bob ann"),
    ({"maxScore": 50}, "dan cyd bob"),
    ({"minScore": 50, "maxScore": 50}, "cyd bob"),
    ({"minScore": 0, "maxScore": 0}, "dan"),
    ({"tags": ["vip"]}, "bob ann"),
    ({"tags": ["vip", "a'b"]}, "ann"),
    ({"tags": ["100%"]}, "ann"),
    ({"tags": ["VIP"]}, ""),
    ({"tags": []}, "eve dan cyd bob ann"),
    ({"tags": ["vi"]}, ""),
    ({"account": "@acme"}, "ann"),
    ({"account": "acc_none"}, ""),
    ({"contact": "@contact"}, "ann"),
    ({"campaignId": "Spring Offer"}, "bob"),
    ({"campaignId": "spring offer"}, ""),
    ({"search": "ANN"}, "ann"),
    ({"search": "ann lee"}, "ann"),
    ({"search": "lee ann"}, ""),
    ({"search": "bob"}, "bob"),
    ({"search": "@example.com"}, "eve dan cyd bob"),
    ({"search": "n%x"}, "dan"),
    ({"search": "d_x"}, "cyd"),
    ({"search": "_"}, "cyd"),
    ({"search": "5551234567"}, "ann"),
    ({"search": "555-123"}, "ann"),
    ({"search": "(555) 123"}, "ann"),
    ({"search": "  "}, "eve dan cyd bob ann"),
    ({"search": "gone"}, ""),
    ({"search": "' OR 1=1 --"}, ""),
    ({"status": "NEW", "tags": ["vip"], "minScore": 10, "search": "ann"}, "ann"),
    ({"status": "NEW", "source": "facebook_ads"}, ""),
]


async def test_filters(graph: Graph, stock: Stock) -> None:
    found = [(where, await names(graph, stock, where)) for where, _ in FOUND]
    assert found == FOUND


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ({}, "eve dan cyd bob ann"),
        ({"direction": "ASC"}, "ann bob cyd dan eve"),
        ({"field": "CREATED_AT", "direction": "DESC"}, "eve dan cyd bob ann"),
        ({"field": "UPDATED_AT"}, "bob eve dan cyd ann"),
        ({"field": "UPDATED_AT", "direction": "ASC"}, "ann cyd dan eve bob"),
        ({"field": "SCORE"}, "eve ann cyd bob dan"),
        ({"field": "SCORE", "direction": "ASC"}, "dan bob cyd ann eve"),
    ],
)
async def test_sorts(graph: Graph, stock: Stock, sort: dict[str, str], found: str) -> None:
    assert await names(graph, stock, {}, sort) == found


@pytest.mark.parametrize("search", ["ÄRGER", "ärger", "straße", "İstanbul"])
async def test_search_ignores_case_beyond_ascii(
    graph: Graph, database: Database, organization: str, search: str
) -> None:
    lead = await make_lead(
        database, organization, first_name="Ärger", last_name="Straße", city=None, email="i@b.example.com"
    )
    other = await make_lead(database, organization, first_name="İSTANBUL", email="j@b.example.com")
    found = await graph.data("query ($s: String) { leads(where: {search: $s}) { nodes { id } } }", s=search)
    assert [node["id"] for node in found["leads"]["nodes"]] == [other if "stanbul" in search else lead]


@pytest.mark.parametrize("bad", ["2024-13-01", "yesterday", "", "0000-01-01", "10000-01-01", 5, True])
async def test_what_is_no_moment_is_refused(bad: object) -> None:
    with pytest.raises(GraphQLError, match="ISO 8601"):
        read_moment(bad)


@pytest.mark.parametrize("text", ["2024-01-16", "20240116", "2024-W03-2"])
async def test_a_date_in_any_spelling_is_a_whole_day(graph: Graph, stock: Stock, text: str) -> None:
    assert await names(graph, stock, {"createdFrom": text, "createdTo": text}) == "bob"


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("0001-01-01", "9999-12-31"),
        ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
        ("0987-01-01", "9998-01-01"),
    ],
)
async def test_far_moments_are_open_bounds(graph: Graph, stock: Stock, low: str, high: str) -> None:
    assert await names(graph, stock, {"createdFrom": low, "createdTo": high}) == "eve dan cyd bob ann"


async def test_more_tags_than_a_lead_can_have_are_refused(graph: Graph) -> None:
    tags = [f"tag {number}" for number in range(1100)]
    answer = await graph("query ($t: [String!]) { leads(where: {tags: $t}) { nodes { id } } }", {"t": tags})
    assert [error.field for error in answer.errors] == ["where.tags"]


async def test_one_way_to_write_a_letter_finds_the_other(graph: Graph, database: Database, organization: str) -> None:
    made = await graph.data(
        'mutation ($name: String) { createLead(input: {source: "website", phone: "5551234567", firstName: $name}) '
        "{ lead { id } } }",
        name="J\u00fcrgen",
    )
    found = await graph.data("query ($s: String) { leads(where: {search: $s}) { nodes { id } } }", s="Ju\u0308rgen")
    assert found["leads"]["nodes"] == [made["createLead"]["lead"]]


@pytest.mark.parametrize("year", ["1001", "9998"])
async def test_years_of_any_length_compare_as_times(graph: Graph, stock: Stock, year: str) -> None:
    found = "eve dan cyd bob ann"
    assert await names(graph, stock, {"createdFrom": f"{year}-01-01"}) == ("" if year == "9998" else found)
    assert await names(graph, stock, {"createdTo": f"{year}-01-01"}) == (found if year == "9998" else "")


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 1001])
async def test_a_text_no_database_can_compare_is_refused_by_its_name(graph: Graph, text: str) -> None:
    query = "query ($w: LeadFilter) { leads(where: $w) { nodes { id } } }"
    for name in ("search", "statusText", "source", "campaignId", "account", "assignedTo"):
        answer = await graph(query, {"w": {name: text}})
        assert [(error.path, error.field) for error in answer.errors] == [("leads", f"where.{name}")]
    answer = await graph(query, {"w": {"tags": ["fine", text]}})
    assert [error.field for error in answer.errors] == ["where.tags"]


async def test_every_other_text_is_compared(graph: Graph) -> None:
    query = "query ($w: LeadFilter) { leads(where: $w) { nodes { id } } }"
    for text in ("x" * 1000, "%" * 100, "\\", "٣٣٣", "1" * 900, "'", "\u2028", "🙂"):
        for name in ("search", "statusText", "source", "campaignId", "account", "assignedTo"):
            assert await graph.data(query, w={name: text}) == {"leads": {"nodes": []}}


@pytest.mark.parametrize("score", [-(2**31), 2**31 - 1])
async def test_scores_beyond_bounds_match_nothing_or_all(graph: Graph, stock: Stock, score: int) -> None:
    assert await names(graph, stock, {"minScore": score, "maxScore": score}) == ""

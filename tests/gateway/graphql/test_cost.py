"""The price of operations, from text and variables alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.graphql.world import Door, World, door_of


async def cost(door: Door, query: str, **more: Any) -> tuple[int, int]:
    response = (await door.post(query, **more)).json()
    found = response["extensions"]["cost"]
    assert found["maximum"] == 10_000
    return found["requested"], found["nodes"]


@pytest.mark.parametrize(
    ("query", "requested", "nodes"),
    [
        ("{ hello number __typename }", 0, 0),
        ("{ lead { id name } }", 1, 0),
        ("{ lead { owner { best { id } } } }", 3, 0),
        ("{ lead { reasons { points } } }", 1 + 10, 10),
        ("{ leads { totalCount } }", 1, 0),
        ("{ leads(first: 0) { nodes { id } totalCount } }", 1, 0),
        ("{ leads { nodes { id } } }", 1 + 50, 50),
        ("{ leads(first: 20) { nodes { id } } }", 1 + 20, 20),
        ("{ leads(last: 3) { nodes { id } } }", 1 + 3, 3),
        ("{ leads(first: 4, last: 3) { nodes { id } } }", 1 + 4, 4),
        ("{ leads(first: null) { nodes { id } } }", 1 + 50, 50),
        ("{ leads(first: 20) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 1 + 20 * 2 + 1, 20),
        ("{ leads(first: 20) { nodes { owner { name } } } }", 1 + 20 * 2, 20),
        ("{ leads(first: 20) { nodes { notes(first: 5) { nodes { id } } } } }", 1 + 20 * (1 + 1 + 5), 20 + 100),
        ("{ some { id } }", 7, 7),
        ("{ some(first: 3) { owner { id } } }", 6, 3),
        ("{ a: lead { id } b: lead { id } }", 2, 0),
        ("{ lead { id } lead { owner { id } } }", 2, 0),
        ("{ lead { ...F ...F } } fragment F on Lead { owner { name } }", 2, 0),
        ('{ node(id: "1") { id ... on Lead { owner { id } } ... on User { best { id } } } }', 3, 0),
        ("{ leads(first: 2) { ...P } } fragment P on LeadConnection { nodes { ... on Lead { id } } }", 3, 2),
        ("{ lead @skip(if: true) { id } }", 1, 0),
        ("mutation { touch }", 10, 0),
        ("mutation { a: touch b: touch }", 20, 0),
    ],
)
async def test_the_formula(door: Door, query: str, requested: int, nodes: int) -> None:
    assert await cost(door, query) == (requested, nodes)


RESULTS = "{ made results { lead { id } } }"
DEEP = "{ results { lead { notes(first: 20) { nodes { id } } } } }"
BULK = "mutation ($l: [NewLead!]!) { make(input: {leads: $l}) %s }"


@pytest.mark.parametrize(
    ("arguments", "items"),
    [
        ("input: {leads: [{}, {}, {}]}", 3),
        ("input: {leads: {}}", 1),
        ('input: {leads: [{}, {tags: ["a", "b", "c", "d"]}]}', 4),
        ('input: {leads: [{}]}, one: {tags: ["a", "b"]}', 2),
        ("one: {extra: [1, 2, 3]}", None),
        ("one: {tags: null}", None),
        ("input: {leads: []}", None),
        ("input: null", None),
    ],
)
async def test_a_mutation_is_priced_by_the_items_it_is_given(door: Door, arguments: str, items: int | None) -> None:
    rows = 10 if items is None else items
    priced = (10 + (items or 0) + rows * 2, rows)
    assert await cost(door, f"mutation {{ make({arguments}) {RESULTS} }}") == priced


async def test_items_in_variables(door: Door) -> None:
    leads = [{"tags": ["a"]}] * 500
    assert await cost(door, BULK % RESULTS, variables={"l": leads}) == (10 + 500 * 3, 500)
    assert await cost(door, BULK % RESULTS, variables={"l": {"extra": [1, 2]}}) == (10 + 3, 1)
    whole = f"mutation ($i: NewLeads, $o: NewLead) {{ make(input: $i, one: $o) {RESULTS} }}"
    assert await cost(door, whole, variables={"i": {"leads": leads[:7]}}) == (10 + 7 * 3, 7)
    assert await cost(door, whole, variables={"o": {"tags": ["a"] * 8}}) == (10 + 8 * 3, 8)
    single = f"mutation ($l: NewLead!) {{ make(input: {{leads: [$l, $l]}}) {RESULTS} }}"
    assert await cost(door, single, variables={"l": {"tags": ["a"] * 5}}) == (10 + 5 * 3, 5)
    assert await cost(door, single, variables={"l": {}}) == (10 + 2 * 3, 2)


async def test_a_bulk_cannot_ask_for_more_than_pages_could(door: Door) -> None:
    (error,) = (await door.post(BULK % DEEP, variables={"l": [{}] * 500})).json()["errors"]
    assert error["extensions"]["code"] == "NODE_LIMIT_EXCEEDED"
    assert (error["extensions"]["requested"], error["extensions"]["fields"]) == (10_500, {"make": 10 + 500 * 24})
    six = " ".join(f"m{n}: make(input: {{leads: $l}}) {DEEP}" for n in range(6))
    (error,) = (await door.post(f"mutation ($l: [NewLead!]!) {{ {six} }}", variables={"l": [{}] * 100})).json()[
        "errors"
    ]
    assert error["extensions"]["requested"] == 6 * (100 + 2000)


async def test_files_are_items_too(world: World) -> None:
    door = door_of(world, cost=12)
    query = "mutation ($f: [Upload!]!) { uploads(files: $f) }"
    (error,) = (await door.post(query, variables={"f": ["a", "b", "c"]})).json()["errors"]
    assert (error["extensions"]["code"], error["extensions"]["requested"]) == ("COST_LIMIT_EXCEEDED", 13)


async def test_pages_by_variables(door: Door) -> None:
    query = "query ($n: Int = 5) { leads(first: $n) { nodes { id } } }"
    assert await cost(door, query) == (6, 5)
    assert await cost(door, query, variables={"n": 30}) == (31, 30)
    assert await cost(door, query, variables={"n": 30.0}) == (31, 30)
    assert await cost(door, query, variables={"n": None}) == (51, 50)
    without = "query ($n: Int) { leads(first: $n) { nodes { id } } }"
    assert await cost(door, without) == (51, 50)


@pytest.mark.parametrize(
    ("arguments", "field", "maximum"),
    [
        ("first: -1", "leads.first", 100),
        ("first: 101", "leads.first", 100),
        ("last: -1", "leads.last", 100),
        ("last: 2147483647", "leads.last", 100),
        ("offset: -1", "leads.offset", 10_000),
        ("offset: 10001", "leads.offset", 10_000),
        ("first: 1, last: 101", "leads.last", 100),
    ],
)
async def test_pages_out_of_range(door: Door, arguments: str, field: str, maximum: int) -> None:
    by_literal = await door.post(f"{{ leads({arguments}) {{ totalCount }} }}")
    name, value = arguments.rsplit(", ", maxsplit=1)[-1].split(": ")
    by_variable = await door.post(
        f"query ($v: Int) {{ leads({name}: $v) {{ totalCount }} }}", variables={"v": int(value)}
    )
    for response in (by_literal, by_variable):
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "PAGE_LIMIT_EXCEEDED"
        assert (error["extensions"]["field"], error["extensions"]["maximum"]) == (field, maximum)


async def test_the_name_of_a_page_argument_is_that_of_its_place(door: Door) -> None:
    response = await door.post("{ all: leads { nodes { notes(first: 500) { nodes { id } } } } }")
    assert response.json()["errors"][0]["extensions"]["field"] == "all.nodes.notes.first"


async def test_too_many_nodes(door: Door) -> None:
    query = "{ leads(first: 100) { nodes { notes(first: 100) { nodes { id } } } } }"
    (error,) = (await door.post(query)).json()["errors"]
    assert error["extensions"] | {"requestId": ""} == {
        "code": "NODE_LIMIT_EXCEEDED",
        "requested": 10_100,
        "maximum": 10_000,
        "fields": {"leads": 10_201},
        "requestId": "",
    }


async def test_too_high_a_cost_is_refused_before_anything_runs(world: World) -> None:
    door = door_of(world, cost=25)
    assert (await door.post("mutation { a: touch b: touch }")).json()["data"] == {"a": 1, "b": 2}
    (error,) = (await door.post("mutation { a: touch b: touch c: touch }")).json()["errors"]
    assert error["extensions"]["code"] == "COST_LIMIT_EXCEEDED"
    assert error["extensions"]["requested"] == 30
    assert error["extensions"]["fields"] == {"a": 10, "b": 10, "c": 10}
    assert world.touched == 2


async def test_astronomic_costs_stay_numbers(world: World) -> None:
    door = door_of(world, depth=200)
    query = "{ leads(first: 100) { nodes { " + "notes(first: 100) { nodes { lead { " * 30 + "id"
    (error,) = (await door.post(query + " } } }" * 30 + " } } }")).json()["errors"]
    assert error["extensions"]["requested"] == 2**53 - 1


async def test_a_subscription_is_priced_too(world: World) -> None:
    door = door_of(world, cost=0)
    response = await door.post("subscription { forever { cursor } }", "text/event-stream")
    assert "COST_LIMIT_EXCEEDED" in response.text
    assert world.opened == 0

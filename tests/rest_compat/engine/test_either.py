"""Reads that take a JSON body or a query, one name or another, and answer with keys that are data."""

from __future__ import annotations

import json

import pytest

from rest_compat.engine.answers import keyed
from rest_compat.engine.arguments import either
from rest_compat.engine.openapi import openapi
from rest_compat.engine.prepared import prepare
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import call, get
from tests.rest_compat.conftest import SETTINGS
from tests.rest_compat.engine.test_drift import drift
from tests.rest_compat.library.dialect import LIBRARY, STOCK
from tests.rest_compat.library.schema import Library

YEAR = {"start": "2024-01-01", "end": "2024-12-31"}


async def ask(app, query="", body=None, label=None, status=200):
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    headers = {"X-API-Key": "good"} | ({"Content-Type": label} if label else {})
    answer = await call(app, "GET", f"/v9/stock?{query}", body=data, headers=headers)
    assert answer.status == status, answer.body
    return answer.json()


@pytest.mark.parametrize("label", [None, "application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_a_body_is_read_whatever_its_label(app, library, label):
    await ask(
        app, body={"kind": "crime", "date_range": YEAR, "tags": ["a", "b"], "least": 3, "unknown": 1}, label=label
    )
    assert library.seen == [{"genre": "CRIME", "printed": YEAR, "tags": ["a", "b"], "least": 3}]


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("", {}),
        ("date_range[start]=2024-01-01&date_range%5Bend%5D=2024-12-31", {"printed": YEAR}),
        ("date_range.start=2024-01-01&end=2024-12-31", {"printed": YEAR}),
        ("dateRange[start]=2024-01-01&dateRange.end=2024-12-31", {"printed": YEAR}),
        ("start=2024-01-01&date_range[start]=2024-01-01", {"printed": {"start": "2024-01-01"}}),
        ("kind=crime&least=3", {"genre": "CRIME", "least": 3}),
        ("kind=&tags=a&tags=b", {"tags": ["a", "b"]}),
        ("tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        ("tags=a,b", {"tags": ["a", "b"]}),
    ],
)
async def test_the_same_names_are_taken_from_the_query(app, library, query, seen):
    await ask(app, query)
    assert library.seen == [seen]


async def test_the_body_wins_where_both_give_a_value(app, library):
    body = {"kind": "crime", "dateRange": {"start": "2024-01-01"}, "least": None, "tags": []}
    await ask(app, "kind=sci-fi&start=1999-01-01&end=2024-12-31&least=3&tags=a", body)
    assert library.seen == [{"genre": "CRIME", "printed": YEAR, "tags": [], "least": 3}]


@pytest.mark.parametrize(
    ("query", "body", "fields"),
    [
        ("kind=novel", None, {"kind": "must be one of crime, sci-fi"}),
        ("least=many", None, {"least": "must be a whole number"}),
        ("", {"least": "3"}, {"least": "Int cannot represent non-integer value: '3'"}),
        ("start=2024-01-01&date_range[start]=2024-01-02", None, {"date_range.start": "was given more than once"}),
        ("", {"date_range": "2024"}, {"date_range": "must be an object"}),
        ("", {"dateRange": [1]}, {"dateRange": "must be an object"}),
        # The body wins over a value, and excuses no nonsense.
        ("kind=novel", {"kind": "crime"}, {"kind": "must be one of crime, sci-fi"}),
        ("least=many", {"least": 3}, {"least": "must be a whole number"}),
        ("least=1&least=2", {"least": 3}, {"least": "was given more than once"}),
    ],
)
async def test_what_is_wrong_is_named(app, library, query, body, fields):
    told = (await ask(app, query, body, status=400))["error"]["fields"]
    assert set(told) == set(fields)
    assert library.seen == []


@pytest.mark.parametrize("body", [b'{"kind": ', b"{]", b'{"kind": "crime"} {}', b"[1]", b"{\xff}"])
async def test_a_body_that_is_no_object_is_refused(app, library, body):
    await ask(app, body=body, status=400)
    assert library.seen == []


async def test_keys_that_are_data_are_answered_and_described(app):
    answer = await ask(app)
    assert answer["data"] == {"sci-fi": {"share": 0.3333, "room": "A"}, "crime": {"share": 1, "room": None}}
    document = openapi(LIBRARY, prepare(LIBRARY, Library().schema()), SETTINGS)
    schema = openapi_rules.answer_schema(document, "/stock", "get", 200)
    openapi_rules.Draft202012Validator(schema).validate(answer)
    parameters = {each["name"]: each for each in document["paths"]["/stock"]["get"]["parameters"]}
    assert list(parameters) == ["kind", "date_range[start]", "date_range[end]", "tags", "least"]
    assert {each["in"] for each in parameters.values()} == {"query"}
    body = document["paths"]["/stock"]["get"]["requestBody"]
    assert body["required"] is False
    assert list(body["content"]["application/json"]["schema"]["properties"]) == ["kind", "date_range", "tags", "least"]
    single = keyed("stock", by="kind", value="room")
    assert single.write({"stock": [{"kind": "crime", "room": "B"}]}, {}) == {"crime": "B"}


def test_what_cannot_be_keyed_or_asked_for_stops_the_process():
    for answer in (keyed("stock", by="name"), keyed("stock", by="kind", value="name"), keyed("stocks", by="kind")):
        route = type(STOCK)("GET", "/stock", "Stock", answer, STOCK.arguments)
        assert "the operation does not select" in drift(routes=(route,))
    with pytest.raises(ValueError, match="no list of objects"):
        either("a[].b", "genre")


async def test_head_is_answered_as_get_is(app, library):
    await get(app, "/v9/stock?kind=crime")
    answer = await call(app, "HEAD", "/v9/stock", body=b'{"kind": "crime"}', headers={"X-API-Key": "good"})
    assert (answer.status, answer.body) == (200, b"")
    assert library.seen == [{"genre": "CRIME"}] * 2

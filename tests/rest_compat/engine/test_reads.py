"""Reading through the invented dialect: names, words, numbers, pages."""

from __future__ import annotations

import pytest

from tests.rest_compat.asgi import call, get
from tests.rest_compat.library.schema import BOOK

WRITTEN = {
    "book_id": "book_1",
    "full_title": "Solaris",
    "kind": "sci-fi",
    "kinds": ["crime", "sci-fi"],
    "lent": 28,
    "weight_kg": 2,
    "printed_at": "1961-06-01T00:00:00Z",
    "owner_id": "member_7",
}


async def test_a_read_is_spelled_by_the_document_and_the_codec(app, library):
    answer = await get(app, "/api/v9/books/book_1")
    assert answer.status == 200
    assert answer.json() == {"success": True, "data": WRITTEN}
    assert isinstance(answer.json()["data"]["lent"], int)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert BOOK["genre"] == "SCIENCE_FICTION"


async def test_every_base_serves_the_same_routes(app):
    assert (await get(app, "/v9/books/book_1")).json()["data"] == WRITTEN


async def test_nulls_stay_null_through_notations(app):
    data = (await get(app, "/v9/books/orphan")).json()["data"]
    assert data["lent"] is None
    assert data["owner_id"] is None


async def test_null_read_by_id_is_not_found(app):
    answer = await get(app, "/v9/books/book_2")
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "NO_SUCH_BOOK"


async def test_query_becomes_variables_inside_literal_arguments(app, library):
    target = "/v9/books?kind=crime&min_weight=1.5&is_lent=true&tags=old,rare&page_number=3&unknown=1"
    answer = await get(app, target)
    where = {"genre": "CRIME", "weight": {"atLeast": 1.5}, "lent": True, "tags": ["old", "rare"]}
    assert library.seen == [{"where": where, "first": 10, "offset": 20}]
    assert answer.json()["data"]["paging"] == {"page_number": 3, "of": 5, "total": 45, "more": True}


async def test_empty_values_are_not_given_and_equal_repeats_are_one(app, library):
    await get(app, "/v9/books?kind=&tags=a&tags=a&page_number=")
    assert library.seen == [{"where": {"weight": {}, "tags": ["a"]}, "first": 10, "offset": 0}]


async def test_page_size_is_cut_and_the_answer_says_so(app, library):
    paging = (await get(app, "/v9/books?per_page=5" + "0" * 5000 + "&page_number=3")).json()["data"]["paging"]
    assert library.seen[0]["first"] == 20
    assert paging == {"page_number": 3, "of": 3, "total": 45, "more": False}


@pytest.mark.parametrize("page", ["999999999999999", "200000000"])
async def test_a_page_beyond_every_list_stays_within_the_graphs_integers(app, library, page):
    await get(app, f"/v9/books?page_number={page}")
    assert library.seen[0]["offset"] <= 2_147_483_647


@pytest.mark.parametrize(
    ("query", "field", "why"),
    [
        ("page_number=0", "page_number", "must be at least 1"),
        ("per_page=-3", "per_page", "must be at least 1"),
        ("page_number=one", "page_number", "must be a whole number"),
        ("page_number=1.5", "page_number", "must be a whole number"),
        ("page_number=%D9%A3", "page_number", "must be a whole number"),
        ("page_number=" + "9" * 40, "page_number", "must be at most 999999999999999"),
        ("page_number=-" + "9" * 5000, "page_number", "must be at least 1"),
        ("min_weight=nan", "min_weight", "must be a number"),
        ("min_weight=1e999", "min_weight", "must be a number"),
        ("is_lent=maybe", "is_lent", "must be true or false"),
        ("kind=cookery", "kind", "must be one of crime, sci-fi"),
        ("kind=CRIME", "kind", "must be one of crime, sci-fi"),
        ("tags=a%00b", "tags", "holds a character or number that cannot be stored"),
        ("kind=crime&kind=sci-fi", "kind", "was given more than once with different values"),
    ],
)
async def test_wrong_query_values_are_told_under_the_routes_names(app, library, query, field, why):
    answer = await get(app, f"/v9/books?{query}")
    assert answer.status == 400
    assert answer.json()["error"]["fields"] == {field: why}
    assert library.seen == []


async def test_all_wrong_fields_are_told_at_once(app):
    fields = (await get(app, "/v9/books?per_page=x&page_number=2&kind=nope")).json()["error"]["fields"]
    assert set(fields) == {"per_page", "kind"}


async def test_refusals_of_the_graph_name_the_routes_parameter(app):
    answer = await get(app, "/v9/books?page_number=900&per_page=20")
    assert answer.json()["error"]["fields"] == {"page_number": "page_number is too deep."}


async def test_head_is_get_without_the_body(app):
    full = await get(app, "/v9/books/book_1")
    answer = await call(app, "HEAD", "/v9/books/book_1", headers={"x-api-key": "good"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == full.headers["content-length"]

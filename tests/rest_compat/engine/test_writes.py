"""Writing through the invented dialect: nested names, strict values, problems told back."""

from __future__ import annotations

import pytest

from tests.rest_compat.asgi import call, send_json

TITLE = {"full_title": "Solaris"}


async def test_nested_names_and_lists_are_moved_into_place(app, library):
    sent = {
        **TITLE,
        "kinds": ["crime"],
        "owner": {"member_id": 7, "ignored": 1},
        "writers": [{"full_name": "A", "year": 1900}, {"full_name": "B"}],
        "house": {"title": "H", "town": None},
        "extra": {"any": ["thing"]},
        "unknown": True,
    }
    answer = await send_json(app, "POST", "/v9/books", sent)
    assert answer.status == 201
    assert library.seen == [
        {
            "title": "Solaris",
            "genre": "SCIENCE_FICTION",
            "shelves": ["CRIME"],
            "ownerId": "7",
            "authors": [{"name": "A", "born": 1900}, {"name": "B"}],
            "publisher": {"name": "H", "city": None},
            "extra": {"any": ["thing"]},
        }
    ]


async def test_absent_and_null_are_two_things(app, library):
    await send_json(app, "POST", "/v9/books", {**TITLE, "kind": None, "writers": [], "house": None})
    assert library.seen == [{"title": "Solaris", "genre": None, "authors": []}]


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, {"full_title": "is required"}),
        ({"full_title": None}, {"full_title": "must not be null"}),
        ({"full_title": 5}, {"full_title": "must be text"}),
        ({"full_title": ["x"]}, {"full_title": "must be text"}),
        ({"full_title": "a\0b"}, {"full_title": "holds a character or number that cannot be stored"}),
        ({**TITLE, "kind": "cookery"}, {"kind": "must be one of crime, sci-fi"}),
        ({**TITLE, "kind": {}}, {"kind": "must be one of crime, sci-fi"}),
        ({**TITLE, "kinds": "crime"}, {"kinds": "must be a list"}),
        ({**TITLE, "kinds": ["crime", 3]}, {"kinds": "must be one of crime, sci-fi"}),
        ({**TITLE, "kinds": [None]}, {"kinds": "must not be null"}),
        ({**TITLE, "owner": "7"}, {"owner": "must be an object"}),
        ({**TITLE, "owner": {"member_id": True}}, {"owner.member_id": "must be text"}),
        ({**TITLE, "writers": {"full_name": "A"}}, {"writers": "must be a list"}),
        ({**TITLE, "writers": [{"year": 1}]}, {"writers.0.full_name": "is required"}),
        ({**TITLE, "writers": ["A"]}, {"writers": "must be an object"}),
        ({**TITLE, "writers": [{"full_name": "A", "year": "old"}]}, {"writers.0.year": "must be a whole number"}),
        ({**TITLE, "writers": [{"full_name": "A", "year": True}]}, {"writers.0.year": "must be a whole number"}),
        ({**TITLE, "house": {"town": "X"}}, {"house.title": "is required"}),
        ({**TITLE, "extra": {"deep": ["\0"]}}, {"extra": "holds a character or number that cannot be stored"}),
    ],
)
async def test_wrong_properties_are_told_under_the_routes_names(app, library, sent, fields):
    answer = await send_json(app, "POST", "/v9/books", sent)
    assert answer.status == 400
    assert answer.json()["error"]["fields"] == fields
    assert library.seen == []


async def test_problems_of_a_payload_are_renamed(app, library):
    library.problems = [
        {"code": "INVALID", "message": "authors.0.born is too old", "field": "authors.0.born"},
        {"code": "INVALID", "message": "ownerId is nobody", "field": "ownerId"},
        {"code": "INVALID", "message": "authors must be fewer", "field": "authors"},
        {"code": "INVALID", "message": "derived", "field": "isbn"},
        {"code": "INVALID", "message": "all of it", "field": None},
    ]
    sent = {**TITLE, "owner": {"member_id": "m"}, "writers": [{"full_name": "A", "year": 1}]}
    fields = (await send_json(app, "POST", "/v9/books", sent)).json()["error"]["fields"]
    assert fields == {
        "writers.0.year": "writers.0.year is too old",
        "owner.member_id": "owner.member_id is nobody",
        "writers": "writers must be fewer",
        "isbn": "derived",
        "body": "all of it",
    }


async def test_a_code_of_its_own_row_wins_and_conflicts_outweigh_fields(app, library):
    library.problems = [{"code": "REQUIRED", "message": "m", "field": "title"}]
    assert (await send_json(app, "POST", "/v9/books", TITLE)).json()["error"]["code"] == "MISSING_FIELD"
    library.problems.append({"code": "CONFLICT", "message": "taken", "field": None})
    answer = await send_json(app, "POST", "/v9/books", TITLE)
    assert (answer.status, answer.json()["error"]["message"]) == (409, "taken")


async def test_a_missing_row_named_by_a_payload_is_not_found(app, library):
    library.problems = [{"code": "NOT_FOUND", "message": "no such book", "field": "id"}]
    answer = await call(app, "DELETE", "/v9/books/book_9", headers={"x-api-key": "good"})
    assert answer.status == 404


async def test_problems_never_show_in_the_answer(app):
    answer = await call(app, "DELETE", "/v9/books/book_1", headers={"x-api-key": "good"})
    assert answer.json() == {"success": True, "data": {"book_id": "book_1"}}


async def test_raised_refusals_of_mutations_are_told(app):
    answer = await call(app, "DELETE", "/v9/books/holy", headers={"x-api-key": "good"})
    assert (answer.status, answer.json()["error"]["message"]) == (409, "Not this one.")


async def test_the_same_key_gives_the_first_answer_again(app, library, services):
    first = await send_json(app, "POST", "/v9/books", TITLE, idempotency_key="k1")
    second = await send_json(app, "POST", "/v9/books", TITLE, idempotency_key="k1")
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(library.seen) == 1
    assert services.contexts[0][1:] == ("k1", services.stored["k1"][0])


async def test_the_same_key_for_another_body_is_a_conflict(app, library):
    await send_json(app, "POST", "/v9/books", TITLE, idempotency_key="k1")
    answer = await send_json(app, "POST", "/v9/books", {"full_title": "Eden"}, idempotency_key="k1")
    assert answer.status == 409
    assert len(library.seen) == 1


async def test_refused_writes_leave_their_key_free(app, services):
    assert (await send_json(app, "POST", "/v9/books", {}, idempotency_key="k1")).status == 400
    assert services.stored == {}
    assert (await send_json(app, "POST", "/v9/books", TITLE, idempotency_key="k1")).status == 201


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_keys_have_a_length(app, key):
    answer = await send_json(app, "POST", "/v9/books", TITLE, idempotency_key=key)
    assert answer.json()["error"]["fields"] == {"Idempotency-Key": "must have 1 to 255 characters"}

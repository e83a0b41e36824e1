"""Everything that goes wrong comes in the dialect's envelope, with its headers."""

from __future__ import annotations

import dataclasses
import logging
from datetime import UTC, datetime

import pytest

from rest_compat.engine.app import DialectApp
from rest_compat.engine.door import DialectDoor
from rest_compat.engine.services import DoorSettings, RateState
from tests.rest_compat.asgi import call, get, send_json
from tests.rest_compat.library.dialect import LIBRARY

KEY = {"x-api-key": "good"}
JSON = {**KEY, "content-type": "application/json"}


def code(answer):
    assert answer.json()["success"] is False
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-request-id"].startswith("req_")
    return answer.status, answer.json()["error"]["code"]


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/v9/shelves", (404, "UNKNOWN_PATH")),
        ("GET", "/v9", (404, "UNKNOWN_PATH")),
        ("GET", "/", (404, "UNKNOWN_PATH")),
        ("GET", "/v9//books", (404, "UNKNOWN_PATH")),
        ("GET", "/v9/books/a/b", (404, "UNKNOWN_PATH")),
        ("GET", "/v9/books/%ff", (404, "UNKNOWN_PATH")),
        ("GET", "/v9/books/a%00", (404, "UNKNOWN_PATH")),
        ("POST", "/v9/books/many", (404, "UNKNOWN_PATH")),
        ("PATCH", "/v9/books/book_1", (405, "METHOD")),
        ("TRACE", "/v9/books", (405, "METHOD")),
    ],
)
@pytest.mark.parametrize("headers", [KEY, {}])
async def test_unknown_paths_and_methods(app, method, target, expected, headers):
    assert code(await call(app, method, target, headers=headers)) == expected


async def test_405_says_what_is_allowed(app):
    assert (await call(app, "PUT", "/v9/books/x")).headers["allow"] == "DELETE, GET, HEAD, OPTIONS"


async def test_options_needs_no_credential(app):
    answer = await call(app, "OPTIONS", "/v9/books")
    assert (answer.status, answer.body, answer.headers["allow"]) == (204, b"", "GET, HEAD, OPTIONS, POST")
    assert (await call(app, "OPTIONS", "/v9/nothing")).status == 404


async def test_trailing_slash_and_encoded_ids(app, library):
    assert (await get(app, "/v9/books/book_1/")).status == 200
    await get(app, "/v9/books/a%2Fb%20c")
    assert library.seen[-1] == {"id": "a/b c"}


async def test_without_a_credential_nothing_is_read(app, library):
    assert code(await call(app, "GET", "/v9/books/book_1")) == (401, "UNAUTHENTICATED")
    assert code(await call(app, "POST", "/v9/books", body=b"{", headers={})) == (401, "UNAUTHENTICATED")
    assert library.seen == []


@pytest.mark.parametrize(("id", "expected"), [("forbidden", (403, "FORBIDDEN")), ("closed", (503, "UNAVAILABLE"))])
async def test_raised_domain_errors(app, id, expected):
    assert code(await get(app, f"/v9/books/{id}")) == expected


@pytest.mark.parametrize("id", ["broken", "odd"])
async def test_anything_else_is_masked_and_logged_with_the_request_id(app, caplog, id):
    with caplog.at_level(logging.ERROR):
        answer = await get(app, f"/v9/books/{id}")
    assert code(answer) == (500, "BROKEN")
    assert b"secret" not in answer.body
    assert answer.headers["x-request-id"] in caplog.text


async def test_an_exhausted_window_is_told_before_any_work(app, services, library):
    services.state = RateState(10, 0, datetime.fromtimestamp(1705324800, UTC), retry_after=15)
    answer = await get(app, "/v9/books/book_1")
    assert code(answer) == (429, "SLOW_DOWN")
    assert answer.json()["error"]["message"] == "Wait 15 s"
    assert answer.headers["retry-after"] == "15"
    assert library.seen == []


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"{", JSON, (400, "UNREADABLE")),
        (b'{"full_title": NaN}', JSON, (400, "UNREADABLE")),
        (b'\xef\xbb\xbf{"full_title": "x"}', JSON, (400, "UNREADABLE")),
        (b'{"full_title": "\xff"}', JSON, (400, "UNREADABLE")),
        (b'{"full_title": "\\ud800"}', JSON, (400, "UNREADABLE")),
        (b"[1]", JSON, (400, "UNREADABLE")),
        (b"1", JSON, (400, "UNREADABLE")),
        (b'"x"', JSON, (400, "UNREADABLE")),
        (b"null", JSON, (400, "UNREADABLE")),
        (b'{"extra": ' + b"[" * 40 + b"]" * 40 + b"}", JSON, (400, "UNREADABLE")),
        (b"[" * 900, JSON, (400, "UNREADABLE")),
        (b"a=1", {**KEY, "content-type": "application/x-www-form-urlencoded"}, (415, "MEDIA_TYPE")),
        (b'{"full_title": "x"}', {**KEY, "content-type": "text/plain"}, (415, "MEDIA_TYPE")),
        (b"\x1f\x8b", {**JSON, "content-encoding": "gzip"}, (415, "MEDIA_TYPE")),
        (b'{"full_title": "' + b"x" * 2000 + b'"}', JSON, (413, "TOO_LARGE")),
        (b"{}", {**JSON, "content-length": "9" * 30}, (413, "TOO_LARGE")),
    ],
)
async def test_bodies_that_cannot_be_taken(app, library, body, headers, expected):
    assert code(await call(app, "POST", "/v9/books", body=body, headers=headers, chunks=3)) == expected
    assert library.seen == []


@pytest.mark.parametrize("label", ["application/json", "application/json; charset=utf-8", "application/x+json", ""])
async def test_labels_of_json(app, label):
    headers = {**KEY, "content-type": label}
    assert (await call(app, "POST", "/v9/books", body=b'{"full_title": "x"}', headers=headers)).status == 201


async def test_a_body_may_be_json_whatever_its_label_where_the_dialect_says_so(library, services):
    dialect = dataclasses.replace(LIBRARY, json_anyway=frozenset({"POST"}))
    app = DialectApp(dialect, library.schema(), services, DoorSettings("https://graph.example"))
    headers = {**KEY, "content-type": "application/x-www-form-urlencoded"}
    assert (await call(app, "POST", "/v9/books", body=b' {"full_title": "x"}', headers=headers)).status == 201
    assert (await call(app, "POST", "/v9/books", body=b"full_title=x", headers=headers)).status == 415


async def test_an_empty_body_is_no_body_whatever_its_label(app):
    headers = {**KEY, "content-type": "text/xml"}
    for method, target in (("GET", "/v9/books"), ("DELETE", "/v9/books/b")):
        assert (await call(app, method, target, headers=headers)).status == 200
    missing = await call(app, "POST", "/v9/books", headers=headers)
    assert missing.json()["error"]["fields"] == {"full_title": "is required"}


@pytest.mark.parametrize("query", [b"kind=%ff", b"kind=\xff", b"kind=%ED%A0%80", b"&".join([b"a=1"] * 300)])
async def test_query_strings_that_cannot_be_read(app, query):
    assert code(await call(app, "GET", "/v9/books", headers=KEY, raw_query=query)) == (400, "UNREADABLE")


async def test_a_body_that_stops_arriving_is_refused_in_time(library, services):
    settings = DoorSettings("https://graph.example", body_timeout_seconds=0.01)
    app = DialectApp(LIBRARY, library.schema(), services, settings)
    answer = await call(app, "POST", "/v9/books", body=b"{", headers={**JSON, "content-length": "100"}, stalls=True)
    assert code(answer) == (408, "TOO_SLOW")
    assert answer.json()["error"]["message"] == "the body did not arrive within 0.01 seconds"
    assert answer.headers["connection"] == "close"
    assert library.seen == []


async def test_a_client_that_left_gets_nothing(app, library):
    async def receive():
        return {"type": "http.disconnect"}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v9/books",
        "raw_path": b"/v9/books",
        "query_string": b"",
        "headers": [(b"x-api-key", b"good")],
    }
    await app(scope, receive, send)
    assert sent == []
    assert library.seen == []


async def test_every_answer_names_its_successor_and_nothing_is_deprecated_by_default(app):
    for target in ("/v9/books", "/nothing", "/docs", "/openapi.json"):
        answer = await call(app, "GET", target)
        assert answer.headers["link"] == '<https://graph.example/graphql>; rel="successor-version"'
        assert not {"deprecation", "sunset"} & set(answer.headers)


async def test_deprecation_and_sunset_once_they_are_set(library, services):
    settings = DoorSettings(
        "https://graph.example",
        deprecated_at=datetime(2026, 1, 1, tzinfo=UTC),
        sunset_at=datetime(2027, 6, 30, 12, tzinfo=UTC),
    )
    answer = await get(DialectApp(LIBRARY, library.schema(), services, settings), "/v9/books")
    assert answer.headers["deprecation"] == "@1767225600"
    assert answer.headers["sunset"] == "Wed, 30 Jun 2027 12:00:00 GMT"


async def neutral(scope, receive, send):
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("host", "target", "status"),
    [
        ("api.library.example", "/v9/books/book_1", 200),
        ("API.Library.Example.:8443", "/api/v9/books/book_1", 200),
        ("api.library.example", "/anything", 404),
        ("graph.example", "/library/v9/books/book_1", 200),
        ("graph.example", "/library/v9/books/a%2F..%2Fb", 404),
        ("graph.example", "/library", 404),
        ("graph.example", "/libraryx/v9/books/book_1", 299),
        ("graph.example", "/api/v9/books/book_1", 200),
        ("graph.example", "/v9/books/book_1", 299),
        ("[::1]:80", "/graphql", 299),
    ],
)
async def test_the_door_finds_the_dialect(app, host, target, status):
    door = DialectDoor([app], neutral)
    assert (await call(door, "GET", target, headers={**KEY, "host": host})).status == status


async def test_ids_keep_their_slashes_under_a_mount(app, library):
    door = DialectDoor([app], neutral)
    await call(door, "GET", "/library/v9/books/a%2Fb", headers={**KEY, "host": "graph.example"})
    assert library.seen == [{"id": "a/b"}]


async def test_json_answers_survive_a_post_with_the_good_key(app):
    assert (await send_json(app, "POST", "/api/v9/books/", {"full_title": "x"})).status == 201

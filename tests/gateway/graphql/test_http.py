"""GraphQL over HTTP: media types, methods, statuses, malformed requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse

from tests.gateway.graphql.world import Door, World, door_of

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


async def send(door: Door, content: bytes, content_type: str | None = JSON, accept: str = GRAPHQL) -> Any:
    headers = {"Accept": accept} | ({"Content-Type": content_type} if content_type else {})
    return await door.client.post("/graphql", content=content, headers=headers)


def code_of(response: Any) -> str:
    (error,) = response.json()["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    return str(error["extensions"]["code"])


async def test_a_query_is_answered_with_data_and_cost(door: Door) -> None:
    response = await door.post("{ hello }", GRAPHQL)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"hello": "hello world"},
        "extensions": {
            "cost": {
                "requested": 0,
                "maximum": 10_000,
                "nodes": 0,
                "limit": 20_000,
                "remaining": 19_999,
                "resetAt": "2024-01-15T14:31:00Z",
            }
        },
    }
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert response.headers["vary"] == "Accept"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (f"{JSON}; charset=utf-8", JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL};q=0.5, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0.9, text/event-stream", "text/event-stream"),
        (f"{JSON}, text/event-stream", JSON),
        (f"{JSON}, text/event-stream;q=0.9", JSON),
        ("*/*, text/event-stream", JSON),
        ("text/event-stream", "text/event-stream"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", JSON),
        (f"{JSON};q=wrong", JSON),
        ("nonsense", JSON),
        (",,;q=1,", JSON),
        (f"{JSON.upper()}", JSON),
    ],
)
async def test_the_media_type_is_negotiated(door: Door, accept: str | None, expected: str) -> None:
    door.client.headers.pop("accept")
    headers = {} if accept is None else {"Accept": accept}
    response = await door.client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize("accept", ["image/png", "text/html", "text/plain, image/*", f"{JSON};q=0", "*/*;q=0"])
async def test_what_cannot_be_accepted_is_406(door: Door, accept: str) -> None:
    response = await door.post("{ hello }", accept)
    assert response.status_code == 406
    assert code_of(response) == "NOT_ACCEPTABLE"
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ missing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query A { hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "{ hello }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query ($p: Point!) { add(point: $p) }"}, "BAD_USER_INPUT"),
        ({"query": "query ($p: Point!) { add(point: $p) }", "variables": {"p": {"x": "1"}}}, "BAD_USER_INPUT"),
        ({"query": "query ($c: Colour) { colour(colour: $c) }", "variables": {"c": "BLUE"}}, "BAD_USER_INPUT"),
        ({"query": "{ leads(first: 101) { totalCount } }"}, "PAGE_LIMIT_EXCEEDED"),
    ],
)
async def test_a_fault_of_the_request_is_400_but_200_for_plain_json(
    door: Door, body: dict[str, Any], code: str
) -> None:
    for accept, status in ((GRAPHQL, 400), (JSON, 200), ("*/*", 200)):
        response = await door.client.post("/graphql", json=body, headers={"Accept": accept})
        assert response.status_code == status
        assert code_of(response) == code
        assert "data" not in response.json()


async def test_a_document_of_fragments_alone_has_no_operation(door: Door) -> None:
    response = await door.post("fragment F on Query { hello }")
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_errors_in_execution_are_200_also_when_data_is_null(door: Door) -> None:
    for accept in (GRAPHQL, JSON):
        response = await door.post("{ strict }", accept)
        assert response.status_code == 200
        assert response.json()["data"] is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"1", "not a number"),
        (b"1.5", "not a number"),
        (b'"x"', "not a string"),
        (b"null", "not null"),
        (b"true", "not a boolean"),
        (b"[]", "arrays"),
        (b'[{"query": "{ hello }"}]', "arrays"),
        (b"{}", "`query` is required"),
        (b'{"qeury": "{ hello }"}', "`query` is required"),
        (b'{"query": null}', "`query` is required"),
        (b'{"query": 1}', "`query` must be a string, not a number"),
        (b'{"query": {}}', "`query` must be a string, not an object"),
        (b'{"query": []}', "`query` must be a string, not an array"),
        (b'{"query": false}', "`query` must be a string, not a boolean"),
        (b'{"query": ""}', "`query` must not be empty"),
        (b'{"query": "  \\n "}', "`query` must not be empty"),
        (b'{"query": "{ hello }", "operationName": 1}', "`operationName` must be a string"),
        (b'{"query": "{ hello }", "operationName": {}}', "`operationName` must be a string"),
        (b'{"query": "{ hello }", "variables": 1}', "`variables` must be a JSON object, not a number"),
        (b'{"query": "{ hello }", "variables": "{}"}', "`variables` must be a JSON object, not a string"),
        (b'{"query": "{ hello }", "variables": []}', "`variables` must be a JSON object, not an array"),
        (b'{"query": "{ hello }", "extensions": "x"}', "`extensions` must be a JSON object"),
        (b'{"query": "{ hello }", "variables": {"a": NaN}}', "must be JSON"),
        (b'{"query": "{ hello }", "variables": {"a": Infinity}}', "must be JSON"),
        (b'{"query": "{ hello }", "variables": {"a": 1e999}}', "must be JSON"),
        (b'{"query": "{ hello }", "variables": {"a": ' + b"9" * 100_000 + b"}}", "must be JSON"),
        (b'{"query": "{ hello }", "variables": {"a": "\\ud800"}}', "must be JSON"),
        (b'\xef\xbb\xbf{"query": "{ hello }"}', "must be JSON"),
        (b'{"query": "\xff"}', "must be JSON"),
        (b"\xff\xfe", "must be JSON"),
        ('{"query": "{ hello }"}'.encode("utf-16"), "must be JSON"),
        (b"[" * 100_000, "must be JSON"),
        (b'{"query": "{ hello }", "variables": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}", "nested more than"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "nested more than"),
        (b"NONSENSE", "must be JSON"),
        (b'{"query":', "must be JSON"),
        (b'{"query": "{ hello }"} {}', "must be JSON"),
    ],
)
async def test_a_malformed_body_is_400_and_says_what_was_expected(door: Door, content: bytes, says: str) -> None:
    for accept in (GRAPHQL, JSON):
        response = await send(door, content, accept=accept)
        assert response.status_code == 400
        assert code_of(response) == "BAD_REQUEST"
        assert says in response.json()["errors"][0]["message"]
        assert response.headers["content-type"] == f"{accept}; charset=utf-8"


async def test_a_body_just_within_the_nesting_limit_is_read_and_written(door: Door) -> None:
    value: Any = 1
    for _ in range(125):
        value = [value]
    response = await door.post("query ($v: JSON) { echo(value: $v) }", variables={"v": value})
    assert response.json()["data"] == {"echo": value}


@pytest.mark.parametrize(
    "more",
    [{"variables": None, "operationName": None, "extensions": None}, {"operationName": ""}, {"unknown": {"a": 1}}],
)
async def test_null_is_absent_and_unknown_properties_are_ignored(door: Door, more: dict[str, Any]) -> None:
    response = await door.client.post("/graphql", json={"query": "{ hello }", **more})
    assert response.json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "text/json",
        "application/xml",
        ";",
    ],
)
async def test_other_body_types_are_415(door: Door, content_type: str | None) -> None:
    response = await send(door, b'{"query": "{ hello }"}', content_type)
    assert response.status_code == 415
    assert code_of(response) == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_in_utf_8_is_read(door: Door, content_type: str) -> None:
    response = await send(door, '{"query": "{ hello(name: \\"Zoë\\") }"}'.encode(), content_type)
    assert response.json()["data"] == {"hello": "hello Zoë"}


async def test_a_compressed_body_is_415(door: Door) -> None:
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    response = await door.client.post("/graphql", content=b"\x1f\x8b", headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY"])
async def test_other_methods_are_405_with_allow(door: Door, method: str) -> None:
    response = await door.client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert code_of(response) == "METHOD_NOT_ALLOWED"


async def test_options_tells_the_methods(door: Door) -> None:
    response = await door.client.options("/graphql")
    assert (response.status_code, response.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


async def test_get_takes_all_parameters(door: Door) -> None:
    parameters = {
        "query": "query A($n: String) { hello(name: $n) } query B { number }",
        "operationName": "A",
        "variables": '{"n": "Zoë & co"}',
        "extensions": "{}",
        "other": "ignored",
    }
    response = await door.client.get("/graphql", params=parameters)
    assert response.json()["data"] == {"hello": "hello Zoë & co"}
    assert (await door.client.head("/graphql", params=parameters)).status_code == 200


async def test_empty_parameters_of_get_are_absent(door: Door) -> None:
    parameters = {"query": "{ hello }", "operationName": "", "variables": "", "extensions": ""}
    assert (await door.client.get("/graphql", params=parameters)).json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "query=",
        "query={hello}&variables=[1]",
        "query={hello}&variables=x",
        "query={hello}&variables=null1",
        "query={hello}&extensions=1",
        "query={hello}&query={hello}",
        "query=%ff",
        "query={hello}&" + "a=1&" * 200,
    ],
)
async def test_a_malformed_query_string_is_400(door: Door, query_string: str) -> None:
    response = await door.client.get(f"/graphql?{query_string}", headers={"Accept": JSON})
    assert response.status_code == 400
    assert code_of(response) == "BAD_REQUEST"


async def test_mutations_are_refused_by_get(door: Door) -> None:
    for accept in (JSON, GRAPHQL, "text/event-stream"):
        response = await door.client.get("/graphql", params={"query": "mutation { touch }"}, headers={"Accept": accept})
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    assert door.world.touched == 0


async def test_get_runs_the_query_beside_a_mutation(door: Door) -> None:
    parameters = {"query": "query Q { hello } mutation M { touch }", "operationName": "Q"}
    assert (await door.client.get("/graphql", params=parameters)).json()["data"] == {"hello": "hello world"}


async def test_subscriptions_over_json_are_refused_with_advice(door: Door) -> None:
    for accept in (JSON, GRAPHQL, f"{JSON}, text/event-stream;q=0.5"):
        response = await door.post("subscription { plain }", accept)
        assert response.status_code == 400
        assert code_of(response) == "SUBSCRIPTION_NEEDS_STREAM"
        assert "text/event-stream" in response.json()["errors"][0]["message"]


async def test_a_wrong_credential_is_401_before_the_body_is_looked_at(door: Door) -> None:
    headers = {"Authorization": "Bearer wrong", "Content-Type": JSON}
    response = await door.client.post("/graphql", content=b"garbage", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert code_of(response) == "UNAUTHENTICATED"
    assert response.json()["errors"][0]["message"] == "The API key is not valid."


async def test_the_viewer_reaches_the_resolvers_and_anonymous_requests_run(door: Door) -> None:
    known = await door.post("{ who }", headers={"X-API-Key": "good"})
    assert known.json()["data"] == {"who": "Ann"}
    assert (await door.post("{ who }")).json()["data"] == {"who": None}


async def test_a_refusal_by_the_domain_keeps_its_status_and_retry_time(door: Door) -> None:
    response = await door.post("{ who }", headers={"Authorization": "Bearer busy"})
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert code_of(response) == "RATE_LIMITED"


async def test_a_bug_outside_of_fields_is_masked_and_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    response = await door.post("{ who }", headers={"Authorization": "Bearer bug"})
    assert response.status_code == 500
    assert code_of(response) == "INTERNAL_ERROR"
    assert "secret" not in response.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [("req_abc.1-2", True), ("9f86d081", True), ("a b", False), ("x" * 101, False), ('"><script>', False), ("", False)],
)
async def test_a_sane_request_id_is_kept(door: Door, given: str, kept: bool) -> None:
    response = await door.post("{ bug }", headers={"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept
    assert code_of(response) == "INTERNAL_ERROR"


async def test_the_request_id_of_a_middleware_wins(door: Door) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def collect(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/graphql", "query_string": b"query={hello}", "headers": []}
    await door.http({**scope, "state": {"request_id": "req_outer"}}, receive, collect)
    assert (b"x-request-id", b"req_outer") in sent[0]["headers"]
    assert door.world.contexts[-1]["request_id"] == "req_outer"


async def test_a_large_body_is_413_by_its_announced_length(world: World) -> None:
    door = door_of(world, body_bytes=1_000)
    response = await send(door, b'{"query": "' + b" " * 1_000 + b'"}')
    assert response.status_code == 413
    assert code_of(response) == "PAYLOAD_TOO_LARGE"
    assert response.headers["connection"] == "close"


async def test_a_large_body_is_413_while_it_streams(world: World) -> None:
    door = door_of(world, body_bytes=1_000)
    produced = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal produced
        while produced < 100:
            produced += 1
            yield b" " * 100

    response = await door.client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert response.status_code == 413


async def test_a_chunked_body_within_the_limit_is_read(door: Door) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b'{"query":', b'"{ hello', b' }"}'):
            yield part

    response = await door.client.post("/graphql", content=chunks(), headers={"Content-Type": JSON})
    assert response.json()["data"] == {"hello": "hello world"}


@pytest.mark.parametrize("length", [b"-1", b"x", b"1e3", "²".encode()])
async def test_a_wrong_content_length_is_400(door: Door, length: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    sent = await raw(door, headers, [{"type": "http.request", "body": b"{}", "more_body": False}])
    assert sent[0]["status"] == 400


async def test_an_absurd_content_length_is_413(door: Door) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"9" * 5_000)]
    assert (await raw(door, headers, []))[0]["status"] == 413


async def test_nobody_is_answered_who_left_while_sending(door: Door) -> None:
    headers = [(b"content-type", b"application/json")]
    first = {"type": "http.request", "body": b"{", "more_body": True}
    assert await raw(door, headers, [first, {"type": "http.disconnect"}]) == []


@pytest.mark.parametrize("label", [b"application/json", b"multipart/form-data; boundary=limit"])
async def test_a_body_that_does_not_arrive_is_408(world: World, label: bytes) -> None:
    door = door_of(world, body_timeout_seconds=0.01)

    async def receive() -> Any:
        await world.gate.wait()

    sent: list[Any] = []

    async def collect(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", label), (b"graphql-require-preflight", b"1")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
    await door.http({**scope, "headers": headers}, receive, collect)
    assert sent[0]["status"] == 408


async def raw(door: Door, headers: list[tuple[bytes, bytes]], messages: list[dict[str, Any]]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def collect(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await door.http(scope, receive, collect)
    return sent


async def test_a_browser_gets_the_page_and_nobody_else(world: World) -> None:
    async def html(_request: Request) -> HTMLResponse:
        return HTMLResponse("<html>page</html>")

    door = door_of(world, html=html)
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = await door.client.get("/graphql", headers=browser)
    assert page.text == "<html>page</html>"
    assert page.headers["vary"] == "Accept"
    assert page.headers["x-request-id"].startswith("req_")
    queried = await door.client.get("/graphql?query={hello}", headers=browser)
    assert queried.json()["data"] == {"hello": "hello world"}
    posted = await door.client.post("/graphql", json={"query": "{ hello }"}, headers=browser)
    assert posted.json()["data"] == {"hello": "hello world"}
    assert (await door.client.get("/graphql", headers={"Accept": "*/*"})).status_code == 400


async def test_lone_surrogates_and_large_numbers_do_not_break_an_answer(world: World) -> None:
    door = door_of(world)
    response = await door.post('{ echo(value: "\\uD83D") }')
    assert response.status_code == 200
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    response = await door.post("{ echo(value: 123456789012345678901234567890) }")
    assert response.json()["data"]["echo"] == pytest.approx(1.2345678901234568e29)

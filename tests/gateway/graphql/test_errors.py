"""What an answer says of an error, and what it keeps to itself."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.gateway.graphql.world import Door


async def error_of(door: Door, query: str, **more: Any) -> dict[str, Any]:
    response = await door.post(query, headers={"X-Request-Id": "req_1"}, **more)
    error: dict[str, Any] = response.json()["errors"][0]
    return error


@pytest.mark.parametrize("query", ["{ bug }", "{ strict }", "{ number }", "{ colour }", "{ tooMany { points } }"])
async def test_a_bug_is_masked_and_logged_with_its_traceback(
    door: Door, query: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = await error_of(door, query)
    assert error["message"] == "Internal error"
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "requestId": "req_1"}
    assert error["path"]
    assert error["locations"]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info
    assert "req_1" in record.getMessage()


async def test_the_domain_speaks_for_itself(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    error = await error_of(door, "{ denied }")
    assert error["message"] == "This needs the permission read:leads."
    assert error["extensions"] == {"code": "FORBIDDEN", "permission": "read:leads", "requestId": "req_1"}
    error = await error_of(door, "{ refused }")
    assert error["message"] == "email is not an address."
    assert error["extensions"] == {
        "code": "INVALID",
        "field": "email",
        "limit": 5,
        "problems": [
            {"code": "INVALID", "message": "email is not an address.", "field": "email"},
            {"code": "REQUIRED", "message": "source is required.", "field": None},
        ],
        "requestId": "req_1",
    }
    assert caplog.records == []


async def test_an_error_raised_for_the_client_keeps_its_code(door: Door) -> None:
    error = await error_of(door, "{ deliberate }")
    assert error["message"] == "Said on purpose."
    assert error["extensions"] == {"code": "CUSTOM", "requestId": "req_1"}


async def test_a_null_variable_for_a_non_null_argument_is_the_callers_fault(door: Door) -> None:
    query = "query ($x: Int) { add(point: {x: $x}) }"
    error = await error_of(door, query)
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    query = "mutation ($by: Int = 1) { touch(by: $by) }"
    assert (await door.post(query, variables={"by": None})).status_code == 200


async def test_syntax_errors_say_where(door: Door) -> None:
    error = await error_of(door, "{ hello")
    assert error["message"].startswith("Syntax Error")
    assert error["locations"] == [{"line": 1, "column": 8}]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


async def test_partial_data_comes_with_its_errors(door: Door) -> None:
    response = (await door.post("{ hello bug }")).json()
    assert response["data"] == {"hello": "hello world", "bug": None}
    assert response["errors"][0]["path"] == ["bug"]
    assert "cost" in response["extensions"]


async def test_one_bug_in_many_rows_is_logged_once(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    response = (await door.post("{ tooMany { points } }")).json()
    assert len(response["errors"]) == 20
    assert len(caplog.records) == 1


async def test_many_different_bugs_are_not_all_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    aliases = " ".join(f'a{number}: fault(say: "{number}")' for number in range(20))
    response = (await door.post(f"{{ {aliases} }}")).json()
    assert {error["message"] for error in response["errors"]} == {"Internal error"}
    assert len(response["errors"]) == 20
    assert len(caplog.records) == 5

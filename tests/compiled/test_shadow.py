"""Answers that graphql-core is asked for as well: what counts as a difference, and what a log may tell of one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from gateway import json
from gateway.calls import CallRecord
from gateway.graphql.callers import Caller
from gateway.graphql.document import Documents, Operation
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.outcomes import COMPILED, OTHER, Outcomes
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.shadow import Shadow
from schema.graph import graphql_schema

TEXT = "query Mine { secretAlias: leads { nodes { email mine: customFields } } }"


def operation(text: str = TEXT) -> Operation:
    return Documents(graphql_schema, GraphQLLimits()).operation(text, None)


def body(email: str, fields: dict[str, Any] | None = None, **more: Any) -> bytes:
    nodes = [{"email": "first@example.com", "mine": {}}, {"email": email, "mine": fields or {}}]
    return json.dumps({"data": {"secretAlias": {"nodes": nodes}}, **more})


class Scripted:
    """Answers in turn what it was told to, and notes who was asked."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[bool] = []
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, operation: object, request: object, asker: object, *, compiled: bool) -> bytes:
        await self.open.wait()
        self.asked.append(compiled)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as found:
        yield found


async def looked(again: Scripted, first: bytes, share: float = 1, times: int = 1) -> Outcomes:
    outcomes = Outcomes()
    shadow = Shadow(share, again, outcomes)
    for _ in range(times):
        shadow.look(operation(), GraphQLRequest(TEXT), Caller(CallRecord("req_1")), first)
    again.open.set()
    await asyncio.gather(*shadow._looking)
    return outcomes


async def test_what_an_operation_cost_is_no_difference(lines: list[Any]) -> None:
    again = Scripted(body("a", extensions={"cost": 2}))
    outcomes = await looked(again, body("a", extensions={"cost": 1}))
    assert dict(outcomes.shadows) == {"same": 1}
    assert again.asked == [False]
    assert lines == []


async def test_a_difference_is_told_by_its_place_in_the_schema_and_never_by_values(lines: list[Any]) -> None:
    again = Scripted(body("right@example.com"), body("wrong@example.com"))
    outcomes = await looked(again, body("wrong@example.com"))
    assert dict(outcomes.shadows) == {"different": 1}
    assert again.asked == [False, True]
    (line,) = lines
    assert line["place"] == ".data.leads.nodes[1].email"
    assert line["operation"] == "query Mine { leads }"
    assert not any(secret in str(line) for secret in ("secretAlias", "example.com"))


async def test_names_inside_of_stored_json_are_not_told(lines: list[Any]) -> None:
    again = Scripted(body("a", {"hidden name": 1}), body("a", {"hidden name": 2}))
    await looked(again, body("a", {"hidden name": 2}))
    assert lines[0]["place"] == ".data.leads.nodes[1].customFields"


@pytest.mark.parametrize(
    ("right", "found"),
    [
        ({"data": {"a": 1, "b": 2}}, {"data": {"b": 2, "a": 1}}),
        ({"data": {"a": 1}, "errors": [{"message": "x"}]}, {"data": {"a": 1}}),
        ({"data": {"a": 1}}, {"data": {"a": 1.0}}),
        ({"data": None}, {"data": {"a": None}}),
    ],
)
async def test_order_errors_and_kinds_of_numbers_are_differences(lines: list[Any], right: Any, found: Any) -> None:
    outcomes = await looked(Scripted(json.dumps(right), json.dumps(found)), json.dumps(found))
    assert dict(outcomes.shadows) == {"different": 1}


async def test_what_was_written_meanwhile_is_no_difference(lines: list[Any]) -> None:
    again = Scripted(body("new"), body("new"), body("new"))
    outcomes = await looked(again, body("old"))
    assert dict(outcomes.shadows) == {"same": 1}
    assert again.asked == [False, True, False]

    kept_writing = [body(str(number)) for number in range(6)]
    outcomes = await looked(Scripted(*kept_writing), body("old"))
    assert dict(outcomes.shadows) == {"changing": 1}
    assert lines == []


async def test_no_more_are_looked_at_than_two_at_once() -> None:
    again = Scripted(body("a"), body("a"))
    again.open.clear()
    outcomes = await looked(again, body("a"), times=5)
    assert dict(outcomes.shadows) == {"same": 2, "skipped": 3}


async def test_a_share_of_none_looks_at_nothing_and_a_failure_is_no_failure_of_the_request(lines: list[Any]) -> None:
    assert not (await looked(Scripted(), body("a"), share=0)).shadows
    outcomes = await looked(Scripted(ValueError("a secret")), body("a"))
    assert dict(outcomes.shadows) == {"failed": 1}
    assert lines[0]["place"] == "ValueError"
    assert "a secret" not in str(lines)


async def test_what_is_being_looked_at_ends_with_the_process() -> None:
    again = Scripted(body("a"))
    again.open.clear()
    outcomes = Outcomes()
    shadow = Shadow(1, again, outcomes)
    shadow.look(operation(), GraphQLRequest(TEXT), Caller(CallRecord("req_1")), body("a"))
    await asyncio.sleep(0)
    await shadow.stop()
    assert not shadow._looking
    assert not outcomes.shadows


def test_reasons_do_not_add_up_in_memory() -> None:
    outcomes = Outcomes()
    for number in range(1000):
        outcomes.note(f"reason {number}")
    for _ in range(3):
        outcomes.note("reason 1")
    outcomes.note()
    assert len(outcomes.operations) <= 51
    assert outcomes.operations["reason 1"] == 4
    assert outcomes.operations[OTHER] + outcomes.operations[COMPILED] == 951

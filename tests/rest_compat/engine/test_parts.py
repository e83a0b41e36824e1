"""Objects whose keys are data, parts that are left out, words that stay at the door, things that are not there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema
from jsonschema import Draft202012Validator

from domain.errors import not_found
from rest_compat.engine.answers import record, some, sometimes, take
from rest_compat.engine.app import DialectApp
from rest_compat.engine.arguments import SAYING, Given, body, path, query
from rest_compat.engine.faults import ErrorRow
from rest_compat.engine.input_types import Wrong
from rest_compat.engine.routes import Route
from rest_compat.engine.services import DoorSettings
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import Answer, get, send_json
from tests.rest_compat.fakes import FakeServices
from tests.rest_compat.library.dialect import LIBRARY

SDL = """
input DayInput { number: Int! topic: String rooms: [String!] }
input PlanInput { title: String! days: [DayInput!] }
enum ErrorCode { INVALID REQUIRED NOT_FOUND }
type UserError { code: ErrorCode! message: String! field: String }
type Plan { title: String! share: Float owner: String said: String! }
type MakePlanPayload { plan: Plan errors: [UserError!]! }
type Query { plan(id: ID!): Plan }
type Mutation { makePlan(input: PlanInput!): MakePlanPayload! }
"""
DOCUMENTS = """
query ReadPlan($id: ID!, $withShare: Boolean! = true) {
  plan(id: $id) { title share @percent(digits: 0) @include(if: $withShare) owner }
}
mutation MakePlan($input: PlanInput!) {
  makePlan(input: $input) { plan { said } errors { code message field } }
}
"""


def number(value: object, _: Given) -> object:
    text = str(value)
    if not text.startswith("day_"):
        raise Wrong("must be called day_ and its number")
    return int(text[4:])


def short(value: object, _: Given) -> object:
    if value != "short":
        raise Wrong("must be short")
    return value


READ = Route(
    "GET",
    "/plans/{plan_id}",
    "ReadPlan",
    record(
        {
            "title": take("plan.title"),
            "share": sometimes(take("plan.share"), lambda _, given: bool(given["with_share"])),
            "owner": some("plan.owner", "nobody"),
        }
    ),
    (
        path("plan_id", "id"),
        query("with_share", "withShare", default=True),
        query("form", "", default="short", read=short, bounds={"enum": ["short"]}),
    ),
    sample="/plans/1",
    missing="plan",
)
MAKE = Route(
    "POST",
    "/plans",
    "MakePlan",
    take("makePlan.plan.said"),
    (
        body("title", "input.title", bounds=SAYING),
        body("days{}", "input.days[].number", read=number, bounds={"pattern": "^day_[0-9]+$"}),
        body("days{}.topic", "input.days[].topic"),
        body("days{}.lecture_rooms", "input.days[].rooms"),
    ),
    example="make_plan",
)


def schema() -> GraphQLSchema:
    built = build_schema(SDL)
    assert built.query_type
    assert built.mutation_type

    def plan(_: Any, __: Any, id: str) -> Any:
        if id == "foreign":
            raise not_found("Plan", id)
        return {"title": "T", "share": 0.5, "owner": None} if id == "1" else None

    def make(_: Any, __: Any, input: Any) -> Any:
        rooms = [room for day in input.get("days") or () for room in day.get("rooms") or ()]
        if "roof" in rooms:
            place = f"days.{[d.get('rooms') for d in input['days']].index(['roof'])}.rooms"
            return {"errors": [{"code": "INVALID", "message": f"{place} is outside.", "field": place}]}
        return {"plan": {"said": json.dumps(input.get("days"))}, "errors": []}

    built.query_type.fields["plan"].resolve = plan
    built.mutation_type.fields["makePlan"].resolve = make
    return built


@pytest.fixture
def plans(tmp_path: Path) -> DialectApp:
    (tmp_path / "plans.graphql").write_text(DOCUMENTS)
    (tmp_path / "examples" / "make_plan").mkdir(parents=True)
    (tmp_path / "examples" / "make_plan" / "request.json").write_text('{"title": "T", "days": {"day_1": {}}}')
    errors = replace(LIBRARY.errors, missing={"plan": ErrorRow(404, "NO_SUCH_PLAN", "No such plan")})
    dialect = replace(LIBRARY, folder=tmp_path, routes=(READ, MAKE), removed=(), errors=errors)
    return DialectApp(dialect, schema(), FakeServices(), DoorSettings("https://graph.example"))


def error(answer: Answer) -> tuple[int, str, dict[str, str]]:
    told = answer.json()["error"]
    return answer.status, told["code"], told["fields"]


async def test_an_object_with_keys_of_its_own_is_a_list_in_the_graph(plans: DialectApp) -> None:
    days = {"day_2": {"topic": "Fire", "lecture_rooms": ["B"], "ignored": 1}, "day_1": {}}
    answer = await send_json(plans, "POST", "/api/v9/plans", {"title": "T", "days": days})
    assert json.loads(answer.json()) == [{"number": 2, "topic": "Fire", "rooms": ["B"]}, {"number": 1}]
    for nothing, kept in (({}, []), (None, None), (..., None)):
        sent = {"title": "T"} | ({} if nothing is ... else {"days": nothing})
        answer = await send_json(plans, "POST", "/api/v9/plans", sent)
        assert json.loads(answer.json()) == kept


async def test_what_is_wrong_in_it_is_named_by_its_keys(plans: DialectApp) -> None:
    for days, field in (
        ({"tuesday": {}}, "days.tuesday"),
        ({"day_1": {"topic": 5}}, "days.day_1.topic"),
        ({"day_1": None}, "days.day_1"),
        ({"day_7": {}, "day_1": {"lecture_rooms": ["roof"]}}, "days.day_1.lecture_rooms"),
        ([], "days"),
    ):
        status, code, fields = error(await send_json(plans, "POST", "/api/v9/plans", {"title": "T", "days": days}))
        assert (status, code, list(fields)) == (400, "INVALID_FIELD", [field])
    answer = await send_json(
        plans, "POST", "/api/v9/plans", {"title": "T", "days": {"day_1": {"lecture_rooms": ["roof"]}}}
    )
    assert error(answer)[2] == {"days.day_1.lecture_rooms": "days.day_1.lecture_rooms is outside."}


async def test_what_is_missing_outweighs_what_is_wrong(plans: DialectApp) -> None:
    status, code, fields = error(await send_json(plans, "POST", "/api/v9/plans", {"days": []}))
    assert (status, code) == (400, "MISSING_FIELD")
    assert fields == {"title": "is required", "days": "must be an object"}


async def test_parts_are_left_out_and_what_is_unknown_is_said_in_words(plans: DialectApp) -> None:
    assert (await get(plans, "/api/v9/plans/1")).json() == {"title": "T", "share": 50, "owner": "nobody"}
    assert (await get(plans, "/api/v9/plans/1?with_share=0")).json() == {"title": "T", "owner": "nobody"}


async def test_a_word_that_goes_nowhere_is_checked(plans: DialectApp) -> None:
    assert (await get(plans, "/api/v9/plans/1?form=short")).status == 200
    assert error(await get(plans, "/api/v9/plans/1?form=long")) == (400, "INVALID_FIELD", {"form": "must be short"})


async def test_what_is_not_there_has_a_row_of_its_own(plans: DialectApp) -> None:
    for unknown in ("2", "foreign"):
        assert error(await get(plans, f"/api/v9/plans/{unknown}"))[:2] == (404, "NO_SUCH_PLAN")
    assert error(await get(plans, "/api/v9/nothing"))[:2] == (404, "UNKNOWN_PATH")


async def test_all_of_it_is_described(plans: DialectApp) -> None:
    document = (await get(plans, "/openapi.json")).json()
    openapi_rules.check(document)
    sent = document["paths"]["/plans"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for value, good in (
        ({"title": "T", "days": {"day_1": {"topic": "Fire"}}}, True),
        ({"title": "T", "days": None}, True),
        ({"title": "T", "days": {"tuesday": {}}}, False),
        ({"title": "T", "days": {"day_1": {"topic": 5}}}, False),
    ):
        assert Draft202012Validator(sent).is_valid(value) is good, value
    answered = openapi_rules.answer_schema(document, "/plans/{plan_id}", "get", 200)
    assert answered["required"] == ["title", "owner"]
    assert answered["properties"]["owner"] == {"type": "string"}
    page = (await get(plans, "/docs")).body.decode()
    assert "days{}.lecture_rooms" in page

"""OpenAPI of the invented dialect."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from rest_compat.engine.openapi import openapi
from rest_compat.engine.prepared import prepare
from rest_compat.engine.services import DoorSettings
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import call, get
from tests.rest_compat.conftest import SETTINGS
from tests.rest_compat.library.dialect import LIBRARY
from tests.rest_compat.library.schema import Library


def document(settings=SETTINGS, **changes):
    dialect = dataclasses.replace(LIBRARY, **changes)
    return openapi(dialect, prepare(dialect, Library().schema()), settings)


def test_it_keeps_the_rules():
    openapi_rules.check(document())


def test_it_is_the_same_every_time():
    assert document() == document()


async def test_it_is_served_without_a_credential(app):
    answer = await call(app, "GET", "/openapi.json")
    assert (answer.status, answer.json()) == (200, document())
    assert (await call(app, "POST", "/openapi.json")).status == 405
    assert (await call(app, "OPTIONS", "/openapi.json")).status == 204


def test_servers_are_all_bases_under_the_mount():
    urls = [server["url"] for server in document()["servers"]]
    assert urls == ["https://graph.example/library/api/v9", "https://graph.example/library/v9"]


def test_parameters_carry_what_the_binder_checks():
    parameters = {each["name"]: each for each in document()["paths"]["/books"]["get"]["parameters"]}
    assert parameters["per_page"]["schema"] == {"type": "integer", "minimum": 1, "default": 10}
    assert parameters["page_number"]["schema"]["maximum"] == 999_999_999_999_999
    assert parameters["kind"]["schema"] == {"type": "string", "enum": ["crime", "sci-fi"]}
    assert parameters["min_weight"]["schema"] == {"type": "number", "minimum": 0}


def test_bodies_are_described_under_the_routes_names():
    body = document()["paths"]["/books"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert body["required"] is True
    assert schema["required"] == ["full_title"]
    assert schema["properties"]["full_title"] == {"type": "string"}
    assert schema["properties"]["owner"]["properties"]["member_id"] == {"type": ["string", "integer", "null"]}
    writers = schema["properties"]["writers"]["items"]
    assert writers["required"] == ["full_name"]
    assert writers["properties"]["year"] == {"type": ["integer", "null"], "minimum": -(2**31), "maximum": 2**31 - 1}
    assert schema["properties"]["kind"]["default"] == "sci-fi"
    assert schema["properties"]["extra"] == {"type": ["object", "null"]}


def test_a_late_body_is_described_where_a_body_is_read():
    books = document()["paths"]["/books"]
    assert books["post"]["responses"]["408"] == {"$ref": "#/components/responses/Error408"}
    assert "408" not in books["get"]["responses"]


@pytest.mark.parametrize("target", ["/v9/books/book_1", "/v9/books/orphan", "/v9/books/book_2", "/v9/books/forbidden"])
async def test_answers_fit_what_is_described(app, target):
    answer = await get(app, target)
    schema = openapi_rules.answer_schema(document(), "/books/{book_id}", "get", answer.status)
    openapi_rules.Draft202012Validator(schema).validate(answer.json())


def test_a_deprecated_dialect_says_so_on_every_operation():
    old = document(DoorSettings("https://graph.example", deprecated_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert all(operation["deprecated"] for _, _, operation in openapi_rules.operations(old))
    assert not any("deprecated" in operation for _, _, operation in openapi_rules.operations(document()))

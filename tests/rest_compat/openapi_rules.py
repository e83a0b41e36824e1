"""What every OpenAPI document of a dialect has to keep, whatever the dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

METHODS = {"get", "put", "post", "delete"}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS
        for method, operation in item.items():
            yield path, method, operation


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def check(document: dict[str, Any]) -> None:
    """Assert the rules of OpenAPI 3.1 that matter to tools."""
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"]
    assert document["info"]["version"]
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) > 0
    for requirement in document["security"]:
        assert set(requirement) <= set(document["components"]["securitySchemes"])
    for path, _, operation in operations(document):
        parameters = operation.get("parameters", [])
        names = [(each["in"], each["name"]) for each in parameters]
        assert len(names) == len(set(names))
        assert {name for where, name in names if where == "path"} == set(re.findall(r"{(\w+)}", path))
        assert all(each["required"] for each in parameters if each["in"] == "path")
        for each in parameters:
            _check_schema(each["schema"])
        for media in _media(document, operation):
            _check_schema(media["schema"])
            if "example" in media:
                Draft202012Validator(media["schema"]).validate(media["example"])
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d", status)
            assert resolve(document, response)["description"]


def _check_schema(schema: object) -> None:
    _check_once(json.dumps(schema, sort_keys=True))


@cache
def _check_once(schema: str) -> None:
    """Most schemas of a document are in it many times, and checking one takes milliseconds."""
    Draft202012Validator.check_schema(json.loads(schema))


def answer_schema(document: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any]:
    """The schema an answer has to fit; a status the document does not name is a failure."""
    response = resolve(document, document["paths"][path][method]["responses"][str(status)])
    schema: dict[str, Any] = response["content"]["application/json"]["schema"]
    return schema


def _media(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
        found = resolve(document, holder)
        yield from found.get("content", {}).values()
        for header in found.get("headers", {}).values():
            _check_schema(resolve(document, header)["schema"])

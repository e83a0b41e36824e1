"""Where CopyCar is, what it refuses before any work, how it is documented."""

from __future__ import annotations

import pytest

from rest_compat.copycar.dialect import COPYCAR
from rest_compat.engine.app import DialectApp
from rest_compat.engine.services import DoorSettings
from schema.graph import graphql_schema
from tests.rest_compat import openapi_rules
from tests.rest_compat.asgi import call
from tests.rest_compat.copycar.printed import refused
from tests.rest_compat.fakes import FakeServices

GOOD = {"x-api-key": "good"}


@pytest.fixture
def door() -> DialectApp:
    return DialectApp(COPYCAR, graphql_schema, FakeServices(), DoorSettings("https://graph.example"))


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/v2/ultimate", 404),
        ("GET", "/v2/ultimate/nothing", 404),
        ("GET", "/v2/ultimate/v2/ultimate/accounts", 404),
        ("GET", "/accounts", 404),
        ("GET", "/v2/ultimate/accounts/acc_1", 404),
        ("POST", "/v2/ultimate/accounts", 405),
        ("DELETE", "/v2/ultimate/accounts", 405),
    ],
)
@pytest.mark.parametrize("headers", [GOOD, {}])
async def test_cases_without_a_printed_code_stay_in_the_printed_list(door, method, target, status, headers):
    answer = await call(door, method, target, headers=headers)
    assert refused(answer, status, "INVALID_REQUEST")["details"] == {}
    assert (answer.headers.get("allow") == "GET, HEAD, OPTIONS") is (status == 405)


async def test_without_any_credential(door):
    answer = await call(door, "GET", "/v2/ultimate/accounts")
    assert refused(answer, 401, "INVALID_API_KEY")["message"] == "API key is invalid or expired"


async def test_head_is_get_without_a_body(app, key):
    answer = await call(app, "HEAD", "/v2/ultimate/accounts", headers={"X-API-Key": key})
    assert (answer.status, answer.body) == (200, b"")


async def test_its_openapi_keeps_the_rules_and_names_the_documented_credentials(door):
    document = (await call(door, "GET", "/openapi.json")).json()
    openapi_rules.check(document)
    assert document["servers"] == [{"url": "https://graph.example/copycar/v2/ultimate"}]
    assert document["security"] == [
        {"Bearer": [], "ApiKey": []},
        {"ApiKey": [], "ApiSecret": []},
        {"OAuth": []},
        {"Bearer": []},
        {"ApiKey": []},
    ]
    flows = document["components"]["securitySchemes"]["OAuth"]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == "https://graph.example/copycar/v2/ultimate/auth/token"


async def test_every_route_is_described_with_an_example(door):
    document = (await call(door, "GET", "/openapi.json")).json()
    described = {path: operation for path, _, operation in openapi_rules.operations(document)}
    assert list(described) == [
        "/accounts/research",
        "/content/generate",
        "/campaigns/create",
        "/accounts",
        "/campaigns/{campaign_id}/performance",
        "/accounts/{account_id}/insights",
        "/track/{campaign_id}",
        "/auth/token",
    ]
    for path, operation in described.items():
        [media] = operation["responses"]["200"]["content"].values()
        assert operation["tags"], path
        assert operation["summary"], path
        assert "example" in media or path.startswith("/track/"), path
    strategy = described["/campaigns/create"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert strategy["content_strategy"]["propertyNames"] == {"pattern": "^week_([1-9][0-9]{0,3})$"}
    asked = described["/auth/token"]["requestBody"]["content"]
    assert list(asked) == ["application/json", "application/x-www-form-urlencoded"]
    assert asked["application/json"]["schema"]["required"] == ["grant_type", "client_id", "client_secret"]
    assert described["/auth/token"]["security"] == []
    assert {"403", "404", "429", "503", "504"} <= set(described["/content/generate"]["responses"])


async def test_its_docs_list_the_errors(door):
    page = (await call(door, "GET", "/docs")).body.decode()
    assert "X-API-Key: YOUR_API_KEY" in page
    assert "query ListAccounts" in page
    assert "<td><code>client_secret</code></td><td>body</td>" in page
    for code in COPYCAR.advice:
        assert f">{code}</a>" in page

"""CopyCar's own token endpoint: the printed request, the printed answer, the printed errors."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.audit import Door as CallDoor
from domain.credentials import CredentialKind
from domain.viewer import Dialect
from gateway.credential_rules import Door
from tests.factories.credentials import make_credential
from tests.factories.oauth import App, make_app
from tests.gateway.oauth.conftest import House

PATH = "/v2/ultimate/auth/token"


@pytest.fixture
async def app(house: House) -> App:
    """A client of CopyCar."""
    return await make_app(house.database, dialect=Dialect.COPYCAR)


def printed(app: App, **changed: Any) -> dict[str, Any]:
    """The printed body with the client's own values."""
    body = {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.secret,
        "scope": "ultimate:read ultimate:write",
    } | changed
    return {name: value for name, value in body.items() if value is not None}


def refused(answer: httpx.Response) -> tuple[int, str, dict[str, str]]:
    """Status, code and details of an error in CopyCar's envelope."""
    told = answer.json()
    assert set(told) == {"success", "error", "request_id", "timestamp"}
    assert set(told["error"]) == {"code", "message", "details", "documentation_url", "support_url"}
    assert told["success"] is False
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["timestamp"] == "2024-01-15T14:30:00Z"
    return answer.status_code, told["error"]["code"], told["error"]["details"]


@pytest.mark.parametrize("where", ["", "/copycar", "https://api.copycarai.com"])
async def test_the_printed_request_works_with_and_without_the_key(house: House, app: App, where: str):
    key = await make_credential(house.database, app.organization_id, app.client_id, dialect=Dialect.COPYCAR)
    for headers in ({"X-API-Key": key}, {}):
        answer = await house.http.post(where + PATH, json=printed(app), headers=headers)
        told = answer.json()
        assert answer.status_code == 200
        assert set(told) == {"access_token", "expires_in", "token_type", "scope"}
        assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, printed(app)["scope"])
        assert answer.headers["cache-control"] == "no-store"
        assert "link" in answer.headers
        viewer = await house.viewer(told["access_token"], Door(Dialect.COPYCAR))
        assert viewer is not None
        assert viewer.client_id == app.client_id
    form = await house.http.post(where + PATH, data=printed(app, scope=None))
    assert form.json()["scope"] == "ultimate:read ultimate:write"
    assert {call.door for call in house.calls} == {CallDoor.COPYCAR}


async def test_each_missing_field_is_named(house: House, app: App):
    for name in ("grant_type", "client_id", "client_secret"):
        answer = await house.http.post(PATH, json=printed(app, **{name: None}))
        assert refused(answer) == (400, "MISSING_REQUIRED_FIELD", {name: "is required"})
    assert set(refused(await house.http.post(PATH, json={}))[2]) == {"grant_type", "client_id", "client_secret"}
    assert refused(await house.http.post(PATH))[1] == "MISSING_REQUIRED_FIELD"
    basic = await house.http.post(PATH, data={"grant_type": "client_credentials"}, auth=app.basic)
    assert basic.status_code == 200


async def test_wrong_values_are_named(house: House, app: App):
    async def details(**changed: Any) -> tuple[int, str, list[str]]:
        status, code, told = refused(await house.http.post(PATH, json=printed(app, **changed)))
        return status, code, list(told)

    assert await details(grant_type="password") == (400, "INVALID_FIELD_VALUE", ["grant_type"])
    assert await details(grant_type="refresh_token") == (400, "INVALID_FIELD_VALUE", ["grant_type"])
    assert await details(scope="read") == (400, "INVALID_FIELD_VALUE", ["scope"])
    assert await details(scope="ultimate:read admin") == (400, "INVALID_FIELD_VALUE", ["scope"])
    assert await details(client_id=7) == (400, "INVALID_FIELD_VALUE", ["client_id"])
    assert await details(scope=["ultimate:read"]) == (400, "INVALID_FIELD_VALUE", ["scope"])
    assert await details(client_secret="a\0") == (400, "INVALID_FIELD_VALUE", ["client_secret"])
    twice = await house.http.post(PATH, content="grant_type=a&grant_type=b", headers={"Content-Type": ""})
    assert refused(twice)[:2] == (400, "INVALID_FIELD_VALUE")


async def test_who_cannot_prove_who_they_are_is_refused_alike(house: House, app: App):
    other = await make_app(house.database, dialect=Dialect.CRM_ULTRA)
    answers = [
        await house.http.post(PATH, json=printed(app, client_secret="wrong")),
        await house.http.post(PATH, json=printed(app, client_id="client_nobody")),
        await house.http.post(PATH, json=printed(other)),
    ]
    assert {refused(answer)[:2] for answer in answers} == {(401, "INVALID_API_KEY")}
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1
    assert all("www-authenticate" in answer.headers for answer in answers)


async def test_a_key_or_secret_in_a_header_has_to_be_right(house: House, app: App):
    other = await make_app(house.database, dialect=Dialect.COPYCAR, organization=app.organization_id)
    foreign = await make_credential(house.database, other.organization_id, other.client_id)
    gone = await make_credential(
        house.database, app.organization_id, app.client_id, revoked_at=house.database.clock.now()
    )
    for key in (foreign, gone, app.secret, "tgcc_nothing", "", "\u00e9".encode()):
        answer = await house.http.post(PATH, json=printed(app), headers={b"X-API-Key": key})  # type: ignore[dict-item]
        assert refused(answer)[:2] == (401, "INVALID_API_KEY")
    kind = CredentialKind.SECRET
    second = await make_credential(house.database, app.organization_id, app.client_id, kind)
    right = await house.http.post(PATH, json=printed(app), headers={"X-API-Secret": second})
    wrong = await house.http.post(PATH, json=printed(app), headers={"X-API-Secret": other.secret})
    assert (right.status_code, wrong.status_code) == (200, 401)


async def test_what_cannot_be_read_stays_in_the_envelope(house: House, app: App):
    async def status(body: bytes, label: str = "application/json", **headers: str) -> tuple[int, str]:
        answer = await house.http.post(PATH, content=body, headers={"Content-Type": label, **headers})
        return refused(answer)[:2]

    assert await status(b"{") == (400, "INVALID_REQUEST")
    assert await status(b"[]") == (400, "INVALID_REQUEST")
    assert await status(b"<x/>", "application/xml") == (415, "INVALID_REQUEST")
    assert await status(b"x" * 20_000) == (413, "INVALID_REQUEST")
    both = await house.http.post(PATH, json=printed(app), auth=app.basic)
    assert refused(both)[:2] == (400, "INVALID_REQUEST")


async def test_other_methods_and_products(house: House, app: App):
    answer = await house.http.get(PATH)
    assert refused(answer)[:2] == (405, "INVALID_REQUEST")
    assert answer.headers["allow"] == "OPTIONS, POST"
    assert (await house.http.options(PATH)).status_code == 204
    for where in ("/crm-ultra", "/clickup-brain", "https://api.crm-ultra.com"):
        assert (await house.http.post(where + PATH, json=printed(app))).text == "elsewhere"


async def test_an_address_outside_the_list_is_forbidden(house: House):
    app = await make_app(house.database, dialect=Dialect.COPYCAR, allowed_ips=["192.0.2.0/24"])
    assert refused(await house.http.post(PATH, json=printed(app)))[:2] == (403, "INSUFFICIENT_PERMISSIONS")


@pytest.mark.parametrize("wanted", [{"failures_per_minute": 3}], indirect=True)
async def test_too_many_failures_are_told_with_the_limit(house: House, app: App):
    for _ in range(3):
        assert (await house.http.post(PATH, json=printed(app, client_secret="wrong"))).status_code == 401
    answer = await house.http.post(PATH, json=printed(app))
    status, code, details = refused(answer)
    assert (status, code) == (429, "RATE_LIMIT_EXCEEDED")
    assert details == {"limit": 3, "remaining": 0, "reset_time": "2024-01-15T14:31:00Z"}
    assert answer.headers["retry-after"] == "60"

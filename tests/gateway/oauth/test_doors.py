"""The authorization server among the other doors: hosts, mounts, methods, and what it leaves to others."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from domain.viewer import Dialect
from gateway.app import create_app
from gateway.oauth.metadata import WELL_KNOWN
from gateway.settings import load
from tests.factories.oauth import ISSUER, make_app
from tests.gateway.oauth.conftest import SANDBOX, House, error_of

_GRANT = {"grant_type": "client_credentials"}
_HOSTS = {
    Dialect.COPYCAR: ("/copycar", "https://api.copycarai.com"),
    Dialect.CLICKUP_BRAIN: ("/clickup-brain", "https://api.clickup-brain.com", f"https://{SANDBOX}"),
    Dialect.CRM_ULTRA: ("/crm-ultra", "https://api.crm-ultra.com"),
}


@pytest.fixture
async def whole(sqlite_database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application."""
    app = create_app(load(env_file=None, database_url=sqlite_database_url, public_url=ISSUER))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://graph.test") as client:
        yield client
    await app.state.parts.database.engines.dispose()


async def test_a_client_gets_tokens_at_its_own_product_and_at_neutral_doors(house: House):
    for dialect in (Dialect.COPYCAR, Dialect.CLICKUP_BRAIN):
        app = await make_app(house.database, dialect=dialect)
        for where in ("", *(each for each in _HOSTS[dialect] if SANDBOX not in each)):
            assert (await house.token(where, **_GRANT, **app.posted)).status_code == 200
        for other in set(_HOSTS) - {dialect}:
            for where in _HOSTS[other]:
                assert error_of(await house.token(where, **_GRANT, **app.posted)) == (401, "invalid_client")


async def test_a_client_of_graphql_belongs_to_no_product(house: House):
    app = await make_app(house.database)
    assert (await house.token(**_GRANT, **app.posted)).status_code == 200
    for where in (each for places in _HOSTS.values() for each in places):
        assert error_of(await house.token(where, **_GRANT, **app.posted)) == (401, "invalid_client")


async def test_a_sandbox_has_clients_of_its_own(house: House):
    sandbox = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN, sandbox=True)
    usual = await make_app(house.database, dialect=Dialect.CLICKUP_BRAIN)
    for app, there, elsewhere in ((sandbox, 200, 401), (usual, 401, 200)):
        assert (await house.token(f"https://{SANDBOX}", **_GRANT, **app.posted)).status_code == there
        assert (await house.token("https://api.clickup-brain.com", **_GRANT, **app.posted)).status_code == elsewhere
        for where in ("", "/clickup-brain"):
            assert (await house.token(where, **_GRANT, **app.posted)).status_code == 200


async def test_the_metadata_is_the_same_everywhere(whole: httpx.AsyncClient):
    answers = [
        await whole.get(where + WELL_KNOWN) for where in ("", *(each for every in _HOSTS.values() for each in every))
    ]
    told = answers[0].json()
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    AuthorizationServerMetadata(told).validate()
    assert told.pop("scopes_supported")[:6] == [
        "ultimate:read",
        "ultimate:write",
        "read",
        "write",
        "read:leads",
        "write:leads",
    ]
    proofs = ["client_secret_basic", "client_secret_post"]
    assert told == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/oauth/authorize",
        "token_endpoint": f"{ISSUER}/oauth/token",
        "revocation_endpoint": f"{ISSUER}/oauth/revoke",
        "introspection_endpoint": f"{ISSUER}/oauth/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": [*proofs, "none"],
        "revocation_endpoint_auth_methods_supported": [*proofs, "none"],
        "introspection_endpoint_auth_methods_supported": proofs,
        "authorization_response_iss_parameter_supported": True,
    }
    for endpoint in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        answer = await whole.post(told[endpoint].removeprefix(ISSUER))
        assert answer.status_code in (400, 401)


async def test_an_issuer_with_a_path_is_found_behind_the_well_known_one(sqlite_database_url: str):
    issuer = "https://example.com/graph"
    app = create_app(load(env_file=None, database_url=sqlite_database_url, public_url=issuer))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://graph.test") as client:
        for path in (WELL_KNOWN, f"{WELL_KNOWN}/graph"):
            assert (await client.get(path)).json()["issuer"] == issuer
    await app.state.parts.database.engines.dispose()


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/crm-ultra/oauth/token"])
async def test_programs_post(whole: httpx.AsyncClient, path: str):
    for method in ("GET", "PUT", "DELETE", "HEAD"):
        answer = await whole.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
        assert answer.headers["x-request-id"]
    assert (await whole.options(path)).status_code == 204
    assert (await whole.post(WELL_KNOWN)).status_code == 405
    assert (await whole.head(WELL_KNOWN)).status_code == 200


async def test_what_is_unknown_below_oauth_is_crm_ultras(whole: httpx.AsyncClient):
    for path in ("/oauth/unknown", "/oauth/token/", "/oauth/token/x", "/crm-ultra/oauth/unknown"):
        error = (await whole.post(path)).json()["error"]
        assert (error["code"], set(error)) == ("resource_not_found", {"code", "message", "details", "request_id"})
    copycar = (await whole.post("/copycar/oauth/unknown")).json()
    assert copycar["error"]["code"] == "INVALID_REQUEST"
    assert (await whole.post("/v1/oauth/token")).json()["error"]["code"] != "invalid_client"
    neutral = await whole.get("/.well-known/unknown")
    assert neutral.status_code == 404


async def test_paths_of_other_doors_stay_theirs(whole: httpx.AsyncClient):
    assert (await whole.get("/healthz")).json() == {"status": "ok"}
    assert (await whole.post("/graphql", json={"query": "{ __typename }"})).status_code in (200, 401)
    assert (await whole.get("/v2/ultimate/accounts")).json()["error"]["code"] == "INVALID_API_KEY"
    assert (await whole.get("/oauth/authorize")).status_code == 400

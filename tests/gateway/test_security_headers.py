"""What browsers are told with every answer, and what other origins may read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp

from gateway.app import create_app
from gateway.graphiql.page import GraphiQLConfig, graphiql_routes
from gateway.security_headers import PAGE_HEADERS, SecurityHeaders
from gateway.settings import load

_FRONTEND = "https://app.example.com"
Asking = Callable[..., Any]


@pytest.fixture
def asking(sqlite_database_url: str, tmp_path: Path) -> Asking:
    """Opens a client of an application with these settings."""

    @asynccontextmanager
    async def opened(scheme: str = "http", **given: Any) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, data_dir=tmp_path, **given))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://graph.test") as client:
            yield client
        await app.state.parts.database.engines.dispose()

    return opened


PAGES = [
    "/account",
    "/oauth/authorize",
    "/invitation",
    "/graphiql",
    "/graphql",
    "/crm-ultra/docs",
    "/copycar/docs",
    "/clickup-brain/docs",
]


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_closed_to_frames_scripts_of_others_and_guesses(asking: Asking, path: str):
    async with asking() as client:
        answer = await client.get(path, headers={"Accept": "text/html"})

    assert answer.headers["content-type"].startswith("text/html")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'",) * 3
    assert policy["form-action"] in ("'none'", "'self'")
    assert policy.get("script-src", "'self'") == "'self'"
    # An application that opened the consent page as a popup hears from it afterwards; no other page has an opener.
    own = {"Cross-Origin-Opener-Policy": "unsafe-none"} if path == "/oauth/authorize" else {}
    for name, value in {**PAGE_HEADERS, **own}.items():
        assert name == "Content-Security-Policy" or answer.headers[name] == value, name
    assert "strict-transport-security" not in answer.headers


@pytest.mark.parametrize("path", ["/account", "/oauth/authorize", "/invitation"])
async def test_pages_with_a_state_run_no_script_and_are_never_kept(asking: Asking, path: str):
    async with asking() as client:
        answer = await client.get(path, headers={"Accept": "text/html"})
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/healthz"),
        ("POST", "/graphql"),
        ("GET", "/v1/leads"),
        ("GET", "/nope"),
        ("DELETE", "/healthz"),
        ("POST", "/oauth/token"),
        ("GET", "/"),
        ("PUT", "/account"),
    ],
)
async def test_every_answer_says_what_it_is_and_over_https_to_come_by_it(asking: Asking, method: str, path: str):
    async with asking("https", hsts_seconds=600) as client:
        answer = await client.request(method, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"] == "max-age=600"


async def test_hsts_is_said_over_https_alone_and_can_be_left_out(asking: Asking):
    async with asking("http", https_required=True) as client:
        refused = await client.get("/account")
    async with asking("https", https_required=True) as client:
        served = await client.get("/account")
    async with asking("https", hsts_seconds=0) as client:
        silent = await client.get("/account")
    assert (refused.status_code, "strict-transport-security" in refused.headers) == (403, False)
    assert (served.status_code, served.headers["strict-transport-security"]) == (200, "max-age=31536000")
    assert "strict-transport-security" not in silent.headers


@pytest.mark.parametrize("origins", [_FRONTEND, "*"])
async def test_pages_are_for_their_own_origin_even_where_the_api_is_for_others(asking: Asking, origins: str):
    async with asking(cors_origins=origins) as client:
        pages = [await client.get(path, headers={"Accept": "text/html", "Origin": _FRONTEND}) for path in PAGES]
        refused = await client.get("/oauth/authorize", headers={"Accept": "application/json", "Origin": _FRONTEND})
        api = await client.post("/graphql", json={}, headers={"Origin": _FRONTEND})
    for answer in (*pages, refused):
        assert [name for name in answer.headers if name.startswith("access-control-")] == []
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert api.headers["access-control-allow-origin"] == origins
    assert "access-control-allow-credentials" not in api.headers
    assert "cross-origin-resource-policy" not in api.headers


async def test_a_frontend_may_send_the_secret_header(asking: Asking):
    asked = {"Origin": _FRONTEND, "Access-Control-Request-Method": "POST"}
    async with asking(cors_origins=_FRONTEND) as client:
        before = await client.options("/graphql", headers={**asked, "Access-Control-Request-Headers": "x-api-secret"})
    assert before.status_code == 200


async def test_a_frontend_gets_tokens_and_learns_what_is_wrong_with_one(asking: Asking):
    asked = {"Origin": _FRONTEND, "Access-Control-Request-Method": "POST"}
    metadata = "/.well-known/oauth-authorization-server"
    async with asking(cors_origins=_FRONTEND) as client:
        before = await client.options(
            "/oauth/token", headers={**asked, "Access-Control-Request-Headers": "content-type"}
        )
        refused = await client.post("/oauth/token", data={}, headers={"Origin": _FRONTEND})
        stranger = await client.post("/oauth/token", data={}, headers={"Origin": "https://evil.example.com"})
        described = [await client.get(metadata, headers=named) for named in ({"Origin": _FRONTEND}, {})]
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, _FRONTEND)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, _FRONTEND)
    assert "www-authenticate" in refused.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-origin" not in stranger.headers
    assert all("origin" in answer.headers["vary"].lower() for answer in described)
    assert [answer.headers.get("access-control-allow-origin") for answer in described] == [_FRONTEND, None]


async def _answered(app: ASGIApp, scheme: str = "http") -> httpx.Response:
    transport = httpx.ASGITransport(SecurityHeaders(app, 60))
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://graph.test") as client:
        return await client.get("/")


async def test_what_an_answer_says_itself_stays():
    own = {"Content-Security-Policy": "default-src 'self'", "Referrer-Policy": "no-referrer"}
    answer = await _answered(HTMLResponse("<p>", headers=own))
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"


async def test_what_is_no_page_gets_no_pages_headers():
    answer = await _answered(PlainTextResponse("text"))
    assert not {"content-security-policy", "x-frame-options", "cross-origin-resource-policy"} & set(answer.headers)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_graphiql_may_open_its_sockets():
    [page, _] = graphiql_routes(GraphiQLConfig())
    headers = page.endpoint(None).headers  # type: ignore[attr-defined]
    assert "connect-src 'self'" in headers["content-security-policy"]

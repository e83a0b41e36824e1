"""What every door of the process has in common: origins, and paths nobody answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Scope

from gateway.app import create_app
from gateway.settings import InvalidSettings, load
from rest_compat.engine.prepared import prepare

_FRONTEND = "https://app.example.com"
_FOREIGN = "https://evil.example.com"

Asking = Callable[..., Any]


@pytest.fixture
def asking(sqlite_database_url: str) -> Asking:
    """Opens a client of an application with these settings."""

    @asynccontextmanager
    async def opened(**given: Any) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(load(env_file=None, database_url=sqlite_database_url, **given))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://graph.test") as client:
            yield client
        await app.state.parts.database.engines.dispose()

    return opened


async def _preflight(client: httpx.AsyncClient, path: str, origin: str, header: str = "x-api-key") -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": f"content-type,{header}",
    }
    return await client.options(path, headers=asked)


@pytest.mark.parametrize("path", ["/graphql", "/v1/leads"])
async def test_a_known_origin_may_ask_both_doors(asking: Asking, path: str):
    async with asking(cors_origins=f"https://other.example.com, {_FRONTEND}") as client:
        before = await _preflight(client, path, _FRONTEND, "idempotency-key")
        answer = await client.post(path, json={}, headers={"Origin": _FRONTEND})

    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == _FRONTEND
    assert before.headers["access-control-max-age"] == "600"
    assert set(before.headers["access-control-allow-methods"].split(", ")) == {
        "GET",
        "POST",
        "PUT",
        "DELETE",
        "OPTIONS",
    }
    assert answer.status_code in {400, 401}
    assert answer.headers["access-control-allow-origin"] == _FRONTEND
    assert "access-control-allow-credentials" not in answer.headers
    readable = answer.headers["access-control-expose-headers"].split(", ")
    assert {"x-request-id", "x-ratelimit-remaining", "retry-after", "idempotency-replayed"} <= set(readable)


async def test_a_foreign_origin_or_header_is_not_let_in(asking: Asking):
    async with asking(cors_origins=_FRONTEND) as client:
        before = await _preflight(client, "/graphql", _FOREIGN)
        answer = await client.post("/graphql", json={}, headers={"Origin": _FOREIGN})
        header = await _preflight(client, "/graphql", _FRONTEND, "x-unheard-of")

    assert not [each for each in (before, answer) if "access-control-allow-origin" in each.headers]
    assert (before.status_code, header.status_code) == (400, 400)


async def test_every_origin_may_be_let_in(asking: Asking):
    async with asking(cors_origins="*") as client:
        before = await _preflight(client, "/graphql", _FOREIGN)

    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, "*")


async def test_no_origin_is_let_in_unless_set(asking: Asking):
    async with asking() as client:
        before = await _preflight(client, "/graphql", _FRONTEND)
        answer = await client.get("/healthz", headers={"Origin": _FRONTEND})

    assert not [name for name in (*before.headers, *answer.headers) if name.startswith("access-control")]


@pytest.mark.parametrize("origins", ["app.example.com", "https://app.example.com/", "https://*.example.com", "null"])
def test_what_is_no_origin_is_refused_by_name(origins: str):
    with pytest.raises(InvalidSettings, match="TRIGRAPH_CORS_ORIGINS"):
        load(env_file=None, cors_origins=origins)


@pytest.mark.parametrize(
    ("origins", "origin", "expected"),
    [
        (_FRONTEND, _FOREIGN, "websocket.close"),
        (_FRONTEND, _FRONTEND, "websocket.accept"),
        (_FRONTEND, "http://graph.test", "websocket.accept"),
        (_FRONTEND, "https://public.example.com", "websocket.accept"),
        (_FRONTEND, None, "websocket.accept"),
        ("*", _FOREIGN, "websocket.accept"),
        ("", _FOREIGN, "websocket.accept"),
    ],
)
async def test_sockets_of_foreign_pages_are_refused_where_origins_are_listed(
    sqlite_database_url: str, origins: str, origin: str | None, expected: str
):
    settings = load(
        env_file=None,
        database_url=sqlite_database_url,
        cors_origins=origins,
        public_url="https://public.example.com/graph",
    )
    app = create_app(settings)
    sent: list[Message] = []
    incoming: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_handshake(origin), receive, send)
    await app.state.parts.database.engines.dispose()

    assert sent[0]["type"] == expected


def _handshake(origin: str | None) -> Scope:
    headers = [(b"host", b"graph.test")] + ([(b"origin", origin.encode())] if origin else [])
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "subprotocols": ["graphql-transport-ws"],
        "client": ("127.0.0.1", 5000),
        "server": ("graph.test", 80),
        "root_path": "",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "not_found"),
        ("POST", "/api/x", 404, "not_found"),
        ("DELETE", "/healthz", 405, "method_not_allowed"),
    ],
)
async def test_what_nobody_answers_is_said_as_json(asking: Asking, method: str, path: str, status: int, code: str):
    async with asking() as client:
        answer = await client.request(method, path)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert path in error["message"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"].startswith("req_")
    assert ("allow" in answer.headers) == (status == 405)


def test_a_second_application_of_a_process_prepares_no_dialect_again(sqlite_database_url: str, tmp_path: Path):
    settings = load(env_file=None, data_dir=tmp_path, database_url=sqlite_database_url)
    create_app(settings)
    prepared = prepare.cache_info().misses
    create_app(settings)
    assert prepare.cache_info().misses == prepared

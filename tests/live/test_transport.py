"""What a live server believes of proxies, that HTTPS can be demanded, and that nothing secret is left behind."""

from __future__ import annotations

import json
import os
import sqlite3
from base64 import b64encode
from typing import Any

import httpx
import pytest
import websockets

from tests.forks import run
from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra, graphql

_CALLS = "SELECT * FROM audit_entry WHERE door <> 'COMMAND_LINE' ORDER BY id"
_PROTOCOL = websockets.Subprotocol("graphql-transport-ws")
_CLIENT = "203.0.113.9"
_FORWARDED = {"X-Forwarded-For": f"198.51.100.1, {_CLIENT}", "X-Forwarded-Proto": "https"}


def own_entries(server: LiveServer) -> list[dict[str, Any]]:
    """What came in by the doors, oldest first, once the server has stopped and written it all."""
    server.stop()
    with sqlite3.connect(server.folder / "trigraph.db") as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(_CALLS)]


async def converse(server: LiveServer, key: str, query: str = "{ __typename }", **more: Any) -> None:
    """One operation over a websocket."""
    url = server.demo["graphql_url"].replace("http://", "ws://") + more.pop("search", "")
    async with websockets.connect(url, subprotocols=[_PROTOCOL], proxy=None, **more) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"X-API-Key": key}}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        assert json.loads(await socket.recv())["type"] == "next"


@pytest.mark.parametrize(
    ("trusted", "expected"), [("127.0.0.1", _CLIENT), ("10.0.0.0/8", "127.0.0.1"), ("", "127.0.0.1")]
)
async def test_addresses_are_believed_of_trusted_proxies_alone(
    own_server: LiveServer, monkeypatch: pytest.MonkeyPatch, trusted: str, expected: str
) -> None:
    monkeypatch.setenv("TRIGRAPH_TRUSTED_PROXIES", trusted)
    own_server.start()
    key = own_server.demo["keys"]["graphql_admin"]
    async with httpx.AsyncClient(base_url=own_server.base_url, headers={"X-API-Key": key, **_FORWARDED}) as client:
        assert (await client.post("/graphql", json={"query": "query Asked { __typename }"})).status_code == 200
        assert (await client.get("/v1/leads")).status_code == 401
    await converse(own_server, key, "query Talked { __typename }", additional_headers=_FORWARDED)
    told = {entry["operation"]: entry["address"] for entry in own_entries(own_server)}
    assert told == {
        "query Asked { __typename }": expected,
        "GET /v1/leads": expected,
        "connection_init": expected,
        "query Talked { __typename }": expected,
    }


@pytest.mark.parametrize("trusted", [True, False])
async def test_https_is_demanded_of_requests_and_sockets(
    own_server: LiveServer, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    """Whoever is no trusted proxy cannot say that HTTPS was spoken."""
    monkeypatch.setenv("TRIGRAPH_HTTPS_REQUIRED", "true")
    monkeypatch.setenv("TRIGRAPH_TRUSTED_PROXIES", "127.0.0.1" if trusted else "")
    own_server.start()
    key = own_server.demo["keys"]["graphql_admin"]
    async with httpx.AsyncClient(base_url=own_server.base_url, headers={"X-API-Key": key}) as client:
        plain = await client.post("/graphql", json={"query": "{ __typename }"})
        secure = await client.post("/graphql", json={"query": "{ __typename }"}, headers=_FORWARDED)
        insecure = await client.post("/v1/leads", headers={"X-Forwarded-Proto": "http"})
    assert (plain.status_code, plain.json()["error"]["code"]) == (403, "https_required")
    assert insecure.status_code == 403
    assert secure.status_code == (200 if trusted else 403)
    with pytest.raises(websockets.InvalidStatus) as refused:
        await converse(own_server, key)
    assert refused.value.response.status_code == 403
    if trusted:
        await converse(own_server, key, additional_headers=_FORWARDED)
    else:
        with pytest.raises(websockets.InvalidStatus):
            await converse(own_server, key, additional_headers=_FORWARDED)


MARK = "s3cr3t-mark"
"""Stands in every place where a client may write what is nobody's business."""


async def test_nothing_secret_is_left_in_the_log_or_the_audit_log(
    own_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIGRAPH_LOG_LEVEL", "debug")
    own_server.start()
    demo = own_server.demo
    key, wrong = demo["keys"]["graphql_admin"], f"tgql_{MARK}-wrong-key"
    await _every_door(own_server, key, wrong)
    _every_change(own_server)
    secrets = [*demo["keys"].values(), demo["user"]["password"], wrong, MARK]
    secrets += [each["client_secret"] for each in demo["oauth"].values()]
    made = graphql(
        own_server,
        'mutation { createClient(input: {name: "New"}) { apiKey clientSecret errors { message } } }',
    )["createClient"]
    secrets += [made["apiKey"], made["clientSecret"]]

    entries = own_entries(own_server)
    log = own_server.log().partition("Ctrl-C stops it")[2]
    assert "call of nobody known" in log
    assert len(entries) > 15
    assert {entry["door"] for entry in entries} >= {"GRAPHQL", "CRM_ULTRA", "OAUTH"}
    for text in (log, json.dumps(entries)):
        assert [secret for secret in secrets if secret in text] == []
        assert "authorization:" not in text.lower()
        assert "bearer " not in text.lower()
        assert not any(f"{path}?" in text for path in ("/graphql", "/v1/leads", "/oauth/token", "/login"))
    assert {entry["code"] for entry in entries if entry["outcome"] != "DONE"} >= {"GRAPHQL_VALIDATION_FAILED"}


async def _every_door(server: LiveServer, key: str, wrong: str) -> None:
    """Calls that carry secrets and private texts everywhere, right and wrong."""
    demo, search = server.demo, {"api_key": key, "note": MARK}
    variables = {"name": MARK, "token": MARK}
    async with httpx.AsyncClient(base_url=server.base_url) as client:
        for presented in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"X-API-Key": wrong}, {}):
            body = {"query": "query Mine($name: String) { leads(where: {search: $name}) { totalCount } }"}
            await client.post("/graphql", json=body | {"variables": variables}, headers=presented, params=search)
            await client.post("/graphql", json={"query": f'{{ missing(a: "{MARK}") }}'}, headers=presented)
            await client.post("/graphql", content=f'{{"query": "{MARK}', headers=presented | _JSON)
            await client.get(f"/v1/leads/{MARK}", headers=presented, params=search)
            await client.get("/v1/leads", headers={"X-API-Key": demo["keys"]["crm_ultra"]}, params=search)
            await client.post("/v1/leads", json={"source": MARK, "email": MARK}, headers=presented)
            events = presented | {"Accept": "text/event-stream"}
            await client.post("/graphql", json={"query": "{ __typename }"}, headers=events, params=search)
        crm = demo["oauth"]["graphql"]
        form = {"grant_type": "client_credentials", "client_id": crm["client_id"]}
        for secret in (crm["client_secret"], wrong):
            granted = await client.post("/oauth/token", data=form | {"client_secret": secret}, params={"x": MARK})
            basic = b64encode(f"{crm['client_id']}:{secret}".encode()).decode()
            await client.post("/oauth/token", data=form, headers={"Authorization": f"Basic {basic}"})
        assert granted.status_code == 401
        await client.post("/login", data={"email": demo["user"]["email"], "password": demo["user"]["password"]})
    await converse(server, key, search=f"?token={key}&note={MARK}", additional_headers={"X-API-Key": key})
    with pytest.raises(websockets.ConnectionClosed):
        await converse(server, wrong, search=f"?token={wrong}")


_JSON = {"Content-Type": "application/json"}


def _every_change(server: LiveServer) -> None:
    """Writes of private texts, and a command that lists credentials."""
    lead = crm_ultra(
        server, "POST", "/leads", {"source": "website", "email": "a@example.com", "firstName": MARK}
    ).json()
    crm_ultra(server, "POST", f"/leads/{lead['id']}/notes", {"content": MARK, "isPrivate": True})
    environment = os.environ | {"TRIGRAPH_DATA_DIR": str(server.folder)}
    listed = run(["gateway.cli", "keys", "list"], environment)
    assert server.demo["keys"]["graphql_admin"] not in listed

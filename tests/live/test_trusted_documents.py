"""A server that runs only trusted documents, and hears of them while it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from domain.documents import sha256_of
from tests.forks import run
from tests.live.conftest import LiveServer
from tests.live.doors import crm_ultra
from tests.waiting import eventually

LEADS = "query Leads { leads(first: 1) { nodes { id } } }\n"
EVENTS = "subscription Made { events(types: [LEAD_CREATED]) { type } }\n"
WEBHOOK = "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { errors { message } } }"
INTROSPECTION = "query IntrospectionQuery { __schema { queryType { name } } }"


@pytest.fixture
def strict(own_server: LiveServer) -> Iterator[LiveServer]:
    """A server that runs nothing else; no document is registered yet."""
    own_server.settings["TRIGRAPH_DOCUMENTS_TRUSTED_ONLY"] = "true"
    own_server.start()
    yield own_server
    own_server.stop()


def documents(server: LiveServer, *arguments: str) -> str:
    """What `trigraph documents` writes, beside the running server."""
    environment = os.environ | {"TRIGRAPH_DATA_DIR": str(server.folder)}
    return run(["gateway.cli", "documents", *arguments], env=environment)


def ask(server: LiveServer, **body: Any) -> dict[str, Any]:
    headers = {"X-API-Key": server.demo["keys"]["graphql_admin"]}
    answer: dict[str, Any] = httpx.post(server.demo["graphql_url"], json=body, headers=headers).json()
    return answer


def code_of(answer: dict[str, Any]) -> str | None:
    errors = answer.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def test_documents_are_pushed_and_dropped_while_the_server_runs(strict: LiveServer, tmp_path: Path) -> None:
    named, file = f"sha256:{sha256_of(LEADS)}", tmp_path / "leads.graphql"
    file.write_text(LEADS)
    for body in ({"query": LEADS}, {"documentId": named}, {"query": INTROSPECTION}):
        assert code_of(ask(strict, **body)) == "DOCUMENT_NOT_TRUSTED"

    assert documents(strict, "push", str(file)) == f"{named}  leads.graphql\n"

    apollo = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(LEADS)}}
    for body in ({"query": LEADS}, {"documentId": named}, {"extensions": apollo}):
        assert ask(strict, **body)["data"]["leads"]["nodes"]
    assert code_of(ask(strict, query=INTROSPECTION)) == "DOCUMENT_NOT_TRUSTED"

    documents(strict, "drop", named)

    eventually(lambda: code_of(ask(strict, documentId=named)) == "DOCUMENT_NOT_TRUSTED", "it is dropped", 3)


async def test_the_other_doors_go_on_as_before(strict: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "events.gql").write_text(EVENTS)
    (tmp_path / "persisted_queries.json").write_text(json.dumps({"Webhook-v1": WEBHOOK}))
    documents(strict, "push", str(tmp_path / "events.gql"), str(tmp_path / "persisted_queries.json"))
    own = {"url": "https://hooks.example.com/", "events": ["LEAD_CREATED"], "query": "subscription { events { type } }"}
    made = ask(strict, documentId="Webhook-v1", variables={"input": own})
    assert made["data"]["createWebhook"]["errors"] == []

    url = strict.demo["graphql_url"].replace("http://", "ws://")
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(
            json.dumps({"type": "connection_init", "payload": {"X-API-Key": strict.demo["keys"]["graphql_admin"]}})
        )
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"documentId": f"sha256:{sha256_of(EVENTS)}"}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        await socket.send(
            json.dumps({"id": "2", "type": "subscribe", "payload": {"query": "{ leads { totalCount } }"}})
        )
        refused = json.loads(await socket.recv())
        assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("2", "DOCUMENT_NOT_TRUSTED")
        lead = {"email": "ann@new.example", "firstName": "Ann", "lastName": "Lee", "source": "website"}
        answer = crm_ultra(strict, "POST", "/leads", lead)
        assert answer.status_code == 201, answer.text
        told = json.loads(await socket.recv())
        assert told["payload"]["data"] == {"events": {"type": "LEAD_CREATED"}}
    assert crm_ultra(strict, "GET", "/leads").status_code == 200

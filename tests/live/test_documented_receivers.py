"""The documented receivers, run as printed but for secret and port: they accept every delivery."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.conftest import LiveServer, free_port
from tests.live.doors import crm_ultra, graphql
from tests.node import NODE, environment, needs_node, needs_package
from tests.waiting import eventually

_PRINTED = Path(__file__).parent / "documented"
_SECRET = "your_webhook_secret"
_EVENTS = [
    "lead.created",
    "lead.updated",
    "lead.assigned",
    "lead.converted",
    "note.created",
    "task.created",
    "task.completed",
    "email.sent",
    "email.opened",
]
# The number after 2**53 is none that JavaScript knows: its receivers, and so ours, read its neighbour.
_ODD = {
    "2": 2.0,
    "1": 1e-7,
    "-1": -0.0,
    "01": 9007199254740993,
    "b": {"10": 1e21, "a": [0.1, 100, 5e-324], "9": '\N{LINE SEPARATOR} / \\ " 😀'},
    "é": None,
}
_CRYPTO = """
const http = require('http');
http.createServer((req, res) => {
  const parts = [];
  req.on('data', part => parts.push(part));
  req.on('end', () => {
    const raw = Buffer.concat(parts), printed = JSON.stringify(JSON.parse(raw));
    const signature = req.headers[process.env.HEADER];
    const both = [raw, printed].every(payload => verifyWebhookSignature(payload, signature, process.env.SECRET));
    res.writeHead(both ? 200 : 401).end();
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('ready'));
"""
"""What the documentation leaves to the reader: a server that hands over the raw body, and the printed one again."""


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that may tell receivers on this machine."""
    live = LiveServer(tmp_path_factory.mktemp("telling"), free_port())
    live.settings["TRIGRAPH_OUTGOING_ALLOWED_NETWORKS"] = "127.0.0.0/8"
    live.start()
    yield live
    live.stop()


@contextmanager
def _receiving(program: str, folder: Path, **settings: str) -> Iterator[Callable[[], str]]:
    """Run a receiver in node; yields what reads its output."""
    file, log = folder / "receiver.js", folder / "receiver.log"
    file.write_text(program)
    with log.open("wb") as written:
        process = subprocess.Popen([NODE, file], env=environment(**settings), stdout=written, stderr=written)
    try:
        eventually(lambda: log.read_text() != "", "the receiver listens")
        yield log.read_text
    finally:
        process.kill()
        process.wait()


def _made(server: LiveServer, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = crm_ultra(server, method, path, body)
    assert response.status_code in (200, 201), response.text
    found: dict[str, Any] = response.json()
    return found


def _story(server: LiveServer) -> dict[str, Any]:
    """Everything CRM-Ultra tells of, once at least."""
    person = {"source": "website", "email": "zoe@example.com", "firstName": 'Zoë \N{LINE SEPARATOR} 😀 "/\\'}
    lead = _made(server, "POST", "/leads", person | {"insuranceType": "AUTO", "customFields": _ODD})
    place = f"/leads/{lead['id']}"
    assignee = _made(server, "GET", "/leads/lead_123456789", {})["assignedTo"]["id"]
    _made(server, "PUT", place, {"assignedTo": assignee})
    _made(server, "POST", f"{place}/notes", {"content": "1e-7 \t 😀 </script>", "visibility": "PUBLIC"})
    task = _made(server, "POST", f"{place}/tasks", {"title": "Call", "dueDate": "2030-01-01T00:00:00Z"})
    _made(server, "PUT", f"/tasks/{task['id']}", {"status": "COMPLETED"})
    email = _made(server, "POST", f"{place}/emails", {"subject": "Hi", "body": "See https://example.com/?a=1&b=2"})
    opened = "mutation($id: ID!) { markEmailOpened(id: $id) { errors { message } } }"
    assert graphql(server, opened, id=email["id"])["markEmailOpened"]["errors"] == []
    _made(server, "PUT", place, {"status": "WON"})
    return lead


def _delivered(server: LiveServer, webhook: str) -> list[str]:
    """The names of what was delivered to a webhook, in order; nothing of it may have failed."""
    told = "pending deliveries(first: 100) { nodes { name status failure } }"
    asked = f"query($id: ID!) {{ webhook(id: $id) {{ {told} }} }}"
    found = graphql(server, asked, id=webhook)["webhook"]
    for each in found["deliveries"]["nodes"]:
        assert each["failure"] is None, each
    done = [each["name"] for each in found["deliveries"]["nodes"] if each["status"] == "DELIVERED"]
    return [] if found["pending"] else done


@needs_package("express")
def test_the_express_receiver_accepts_everything_it_is_told(telling: LiveServer, tmp_path: Path) -> None:
    port = free_port()
    program = (_PRINTED / "express_receiver.js.txt").read_text()
    program = program.replace("your_webhook_secret_here", _SECRET).replace("3000", str(port))
    with _receiving(program, tmp_path) as printed:
        url = f"http://127.0.0.1:{port}/webhooks/crm-ultra"
        webhook = _made(telling, "POST", "/webhooks", {"url": url, "events": _EVENTS, "secret": _SECRET})
        lead = _story(telling)
        eventually(lambda: set(_delivered(telling, webhook["id"])) == set(_EVENTS), "everything is delivered", 20)
        for line in ("New lead created: ", "Lead assigned: ", "Email opened by: "):
            assert line + lead["id"] in printed()


@needs_node
@pytest.mark.parametrize("dialect", [None, "CRM_ULTRA"])
def test_the_crypto_check_accepts_a_selection_with_odd_numbers(
    telling: LiveServer, tmp_path: Path, dialect: str | None
) -> None:
    port = free_port()
    header = "x-crm-ultra-signature" if dialect else "x-trigraph-signature"
    settings = {"PORT": str(port), "SECRET": _SECRET, "HEADER": header}
    with _receiving((_PRINTED / "crypto_receiver.js.txt").read_text() + _CRYPTO, tmp_path, **settings):
        draft = {
            "url": f"http://127.0.0.1:{port}/any",
            "dialect": dialect,
            "events": ["LEAD_CREATED", "LEAD_UPDATED"],
            "query": "subscription { events { type data lead { id firstName customFields } } }",
            "secret": _SECRET,
        }
        create = "($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } errors { message } } }"
        made = graphql(telling, f"mutation {create}", input=draft)["createWebhook"]
        assert made["errors"] == []
        lead = _story(telling)
        webhook = made["webhook"]["id"]
        eventually(lambda: len(_delivered(telling, webhook)) >= 2, "both are delivered", 20)

    asked = "query($id: ID!) { webhook(id: $id) { deliveries(where: {type: LEAD_CREATED}) { nodes { body } } } }"
    body = json.loads(graphql(telling, asked, id=webhook)["webhook"]["deliveries"]["nodes"][0]["body"])
    assert body["event" if dialect else "type"] == ("lead.created" if dialect else "LEAD_CREATED")
    told = body["data"] if dialect else body["data"]["events"]
    assert told["lead"] == {"id": lead["id"], "firstName": lead["firstName"], "customFields": _ODD | {"01": 2**53}}


def test_addresses_on_this_machine_are_refused_where_nobody_allowed_them(server: LiveServer) -> None:
    refused = crm_ultra(server, "POST", "/webhooks", {"url": "http://127.0.0.1:1/", "events": ["lead.created"]})
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert refused.json()["error"]["details"].keys() == {"url"}

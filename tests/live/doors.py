"""The doors of a live server, as a client sees them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import websockets

from tests.live.conftest import LiveServer


def graphql(server: LiveServer, query: str, **variables: Any) -> dict[str, Any]:
    """Data of a GraphQL operation that has to succeed."""
    headers = {"X-API-Key": server.demo["keys"]["graphql_admin"]}
    body = {"query": query, "variables": variables}
    answer = httpx.post(server.demo["graphql_url"], json=body, headers=headers).json()
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


def crm_ultra(server: LiveServer, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """Answer of a CRM-Ultra route."""
    own = {"X-API-Key": server.demo["keys"]["crm_ultra"]} | {name.replace("_", "-"): v for name, v in headers.items()}
    return httpx.request(method, f"{server.base_url}/v1{path}", json=body, headers=own)


class Subscription:
    """An open GraphQL subscription."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def next(self) -> dict[str, Any]:
        """The data of the next message."""
        message = json.loads(await self._socket.recv())
        assert message["type"] == "next", message
        data: dict[str, Any] = message["payload"]["data"]
        return data


@asynccontextmanager
async def subscribed(server: LiveServer, query: str) -> AsyncIterator[Subscription]:
    """A subscription over a websocket of its own, acknowledged by the server."""
    url = server.demo["graphql_url"].replace("http://", "ws://")
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:
        payload = {"X-API-Key": server.demo["keys"]["graphql_admin"]}
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        yield Subscription(socket)

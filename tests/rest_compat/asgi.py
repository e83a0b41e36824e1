"""Calling an ASGI application without a server, byte for byte."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Headers = Mapping[str, str] | Sequence[tuple[str, str | bytes]]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


async def call(
    app: Any,
    method: str,
    target: str,
    *,
    body: bytes = b"",
    headers: Headers = (),
    address: str = "198.51.100.7",
    chunks: int = 1,
    raw_query: bytes | None = None,
    stalls: bool = False,
    leaves: asyncio.Event | None = None,
) -> Answer:
    """One request; `target` is a raw path and query, headers may come twice.

    One that `stalls` never says the rest of its body; who asks goes away once it `leaves`, else when it is answered.
    """
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    raw_path, _, query = target.partition("?")
    size = max(1, -(-len(body) // chunks))
    parts = [body[start : start + size] for start in range(0, len(body), size)] or [b""]
    incoming = [
        {"type": "http.request", "body": part, "more_body": stalls or index < len(parts) - 1}
        for index, part in enumerate(parts)
    ]
    sent: list[dict[str, Any]] = []
    gone = leaves or asyncio.Event()

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        if stalls:
            await asyncio.Event().wait()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            gone.set()

    scope = {
        "type": "http",
        "method": method,
        "path": unquote(raw_path, errors="replace"),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode() if raw_query is None else raw_query,
        "headers": [(name.lower().encode(), _bytes(value)) for name, value in pairs],
        "client": (address, 50000),
        "http_version": "1.1",
        "scheme": "http",
        "server": ("graph.example", 80),
        "root_path": "",
    }
    await app(scope, receive, send)
    if not sent:
        return Answer(0, {}, b"")
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], head, b"".join(each["body"] for each in sent[1:]))


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


async def send_json(app: Any, method: str, target: str, value: object, **headers: str) -> Answer:
    """A request with a JSON body and the good key."""
    head = {"x-api-key": "good", "content-type": "application/json"}
    head |= {name.replace("_", "-"): text for name, text in headers.items()}
    return await call(app, method, target, body=json.dumps(value).encode(), headers=head)


async def get(app: Any, target: str) -> Answer:
    """A GET with the good key."""
    return await call(app, "GET", target, headers={"x-api-key": "good"})

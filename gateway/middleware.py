"""What every HTTP answer goes through."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.values import new_id
from gateway import json
from gateway.calls import CallRecord, Note, Recording
from gateway.graphql.identity import request_id
from gateway.health import LIVE_PATH, READY_PATH
from gateway.logging import bound
from gateway.scraping import METRICS_PATH

_REQUEST_ID = b"x-request-id"
_ANSWERED = {
    "http.response.start": 200,
    "websocket.http.response.start": 403,
    "websocket.accept": 101,
    "websocket.close": 403,
}
"""What ends the wait of a client, and the status it stands for where it tells none."""
_NEAR = frozenset({LIVE_PATH, READY_PATH, METRICS_PATH})
"""What is asked from near by, past the proxy that ends TLS."""


class Recorded:
    """Gathers what is known of every HTTP request and of every handshake of a websocket, and hands it on when the
    answer is out, or a stream is opened.
    """

    def __init__(self, app: ASGIApp, note: Note) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        client, state = scope.get("client"), scope.setdefault("state", {})
        state["request_id"] = request_id(scope)
        call = state["call"] = CallRecord(state["request_id"], client[0] if client else None)
        recording = Recording(call, self._note)

        async def watch(message: Message) -> None:
            if message["type"] in _ANSWERED and call.status is None:
                call.status = message.get("status") or _ANSWERED[message["type"]]
                # A socket that is open has been answered, however long it lasts.
                if call.stays_open or message["type"] == "websocket.accept":
                    recording.note()
            await send(message)

        with recording:
            await self._app(scope, receive, watch)


class RequestIds:
    """Gives every request an id, told in `X-Request-Id`, in errors and in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Mark one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        marked = scope.setdefault("state", {}).setdefault("request_id", new_id("req"))

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if not any(name.lower() == _REQUEST_ID for name, _ in headers):
                    message["headers"] = [*headers, (_REQUEST_ID, marked.encode("latin-1"))]
            await send(message)

        with bound(request_id=marked):
            await self._app(scope, receive, tell)


class HttpsOnly:
    """Refuses what did not reach the outermost proxy by HTTPS (X-20)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one connection pass, or refuse it."""
        if scope["type"] == "lifespan" or scope["scheme"] in ("https", "wss") or scope["path"] in _NEAR:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "HTTPS is required"})
        else:
            body = json.dumps({"error": {"code": "https_required", "message": "This server answers over HTTPS only."}})
            headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": body})

"""What every HTTP answer goes through."""

from __future__ import annotations

import httpx
import structlog
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from gateway.middleware import RequestIds


async def _what_a_log_line_would_carry(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(structlog.contextvars.get_contextvars())(scope, receive, send)


async def test_answer_and_log_name_the_request_alike() -> None:
    transport = httpx.ASGITransport(RequestIds(_what_a_log_line_would_carry))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/")

    assert answer.json() == {"request_id": answer.headers["x-request-id"]}
    assert structlog.contextvars.get_contextvars() == {}

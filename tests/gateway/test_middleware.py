"""What every HTTP answer goes through."""

from __future__ import annotations

import asyncio

import httpx
import structlog
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from gateway.calls import CallRecord
from gateway.middleware import Recorded, RequestIds


async def _what_a_log_line_would_carry(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(structlog.contextvars.get_contextvars())(scope, receive, send)


async def test_answer_and_log_name_the_request_alike() -> None:
    transport = httpx.ASGITransport(RequestIds(_what_a_log_line_would_carry))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/")

    assert answer.json() == {"request_id": answer.headers["x-request-id"]}
    assert structlog.contextvars.get_contextvars() == {}


async def test_a_websocket_is_recorded_when_it_is_opened_and_not_by_how_long_it_lasts() -> None:
    noted: list[CallRecord] = []
    accepted, leave = asyncio.Event(), asyncio.Event()

    async def stays(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await leave.wait()

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        accepted.set()

    opening = asyncio.create_task(Recorded(stays, noted.append)({"type": "websocket", "headers": []}, receive, send))
    await accepted.wait()
    assert [call.status for call in noted] == [101]
    leave.set()
    await opening
    assert len(noted) == 1

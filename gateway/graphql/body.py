"""Reading a request body within a size and a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from starlette.requests import Request

from gateway.graphql.errors import Code, Refused, malformed


async def read(request: Request, maximum: int, seconds: float) -> bytes:
    """The whole body.

    Raises:
        Refused: 413 as soon as it is known to be larger than `maximum` bytes, 408 when it takes too long.
    """
    async with in_time(seconds), aclosing(within(request, maximum)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def within(request: Request, maximum: int, pause: float | None = None) -> AsyncGenerator[bytes, None]:
    """The chunks of the body, as long as their sum stays within `maximum` bytes and none takes longer than `pause`.

    Raises:
        Refused: 413 when the announced or the received size is larger, 408 after a longer pause.
    """
    if _announced(request) > maximum:
        raise _too_large(maximum)
    received = 0
    async with aclosing(request.stream()) as chunks:
        while (chunk := await _next(chunks, pause)) is not None:
            received += len(chunk)
            if received > maximum:
                raise _too_large(maximum)
            yield chunk


async def _next(chunks: AsyncGenerator[bytes, None], pause: float | None) -> bytes | None:
    if pause is None:
        return await anext(chunks, None)
    async with in_time(pause):
        return await anext(chunks, None)


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Give what happens inside so many seconds.

    Raises:
        Refused: 408 when they are over.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        message = f"The request body did not arrive within {seconds:g} seconds."
        raise malformed(message, 408, Code.REQUEST_TIMEOUT, Connection="close") from None


def _announced(request: Request) -> int:
    value = request.headers.get("content-length", "0")
    if not (value.isascii() and value.isdigit()):
        raise malformed("The header Content-Length must be a number.")
    # More digits than any size has; int() refuses thousands of them.
    return int(value) if len(value) < 20 else 10**20


def _too_large(maximum: int) -> Refused:
    # What is left of the body will not be read, so the connection cannot be used again.
    message = f"The request body is larger than {maximum} bytes."
    return malformed(message, 413, Code.PAYLOAD_TOO_LARGE, Connection="close")

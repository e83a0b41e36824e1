"""Reading a request body within a size and a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import Request

from gateway.graphql.errors import Code, Refused, malformed


async def read(request: Request, maximum: int, seconds: float) -> bytes:
    """The whole body.

    Raises:
        Refused: 413 as soon as it is known to be larger than `maximum` bytes, 408 when it takes too long.
    """
    chunks = [chunk async for chunk in within(request, maximum, seconds)]
    return b"".join(chunks)


async def within(request: Request, maximum: int, seconds: float) -> AsyncGenerator[bytes, None]:
    """The chunks of the body, as long as their sum stays within `maximum` bytes and they arrive in time.

    Raises:
        Refused: 413 or 408.
    """
    if announced(request) > maximum:
        raise _too_large(maximum)
    received = 0
    chunks = request.stream()
    ends = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            try:
                async with asyncio.timeout_at(ends):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            received += len(chunk)
            if received > maximum:
                raise _too_large(maximum)
            yield chunk
    except TimeoutError:
        message = f"The request body did not arrive within {seconds:g} seconds."
        raise malformed(message, 408, Code.REQUEST_TIMEOUT, Connection="close") from None
    finally:
        await chunks.aclose()


def announced(request: Request) -> int:
    """The size the request declares; 0 when it declares none.

    Raises:
        Refused: 400 when Content-Length is not a number.
    """
    value = request.headers.get("content-length", "0")
    if not (value.isascii() and value.isdigit()):
        raise malformed("The header Content-Length must be a number.")
    # More digits than any size has; int() refuses thousands of them.
    return int(value) if len(value) < 20 else 10**20


def _too_large(maximum: int) -> Refused:
    # What is left of the body will not be read, so the connection cannot be used again.
    message = f"The request body is larger than {maximum} bytes."
    return malformed(message, 413, Code.PAYLOAD_TOO_LARGE, Connection="close")

"""Request bodies: read within a limit, and understood as JSON, or refused with a reason."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.services import DoorSettings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_VISIBLE = re.compile(rb"[^ \t\r\n]")


class ClientGone(Exception):
    """The client went away before it had said everything; nobody waits for an answer."""


class Waiting:
    """Whether a client still waits for its answer; known only while somebody asks for it, after the body was read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.gone = False

    async def left(self) -> None:
        """Ends when the client has gone away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True


async def read(receive: Receive, headers: Mapping[str, str], settings: DoorSettings) -> bytes:
    """The whole body.

    Raises:
        Fault: TOO_LARGE as soon as that is known, TOO_SLOW when it takes longer than it may.
        ClientGone: the connection ended.
    """
    async with in_time(settings.body_timeout_seconds):
        return b"".join([chunk async for chunk in chunks(receive, headers, settings.max_body_bytes)])


async def chunks(
    receive: Receive, headers: Mapping[str, str], limit: int, pause: float | None = None
) -> AsyncIterator[bytes]:
    """The body as it arrives, as long as it stays within `limit` bytes and no pause is longer than `pause` seconds.

    Raises:
        Fault: TOO_LARGE as soon as that is known, TOO_SLOW after such a pause, MEDIA_TYPE for a compressed body.
        ClientGone: the connection ended.
    """
    if headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        raise Fault(Refusal.MEDIA_TYPE, "Content-Encoding is not supported; send the body uncompressed")
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > limit:
        raise _too_large(limit)
    size, more = 0, True
    while more:
        message = await (receive() if pause is None else _soon(receive, pause))
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk
        more = message.get("more_body", False)


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Give a body so many seconds to arrive.

    Raises:
        Fault: TOO_SLOW when they are over.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        # What is left of the body will not be read, so the connection cannot be used again.
        message = f"the body did not arrive within {seconds:g} seconds"
        raise Fault(Refusal.TOO_SLOW, message, headers=(("Connection", "close"),)) from None


async def _soon(receive: Receive, pause: float) -> MutableMapping[str, Any]:
    try:
        async with asyncio.timeout(pause):
            return await receive()
    except TimeoutError:
        message = f"nothing of the body arrived for {pause:g} seconds"
        raise Fault(Refusal.TOO_SLOW, message, headers=(("Connection", "close"),)) from None


def understand(
    data: bytes, label: str, json_anyway: bool, loads: Callable[[bytes], object], settings: DoorSettings
) -> dict[str, Any]:
    """The JSON object a body says. An empty body is no body whatever its label (X-29).

    Raises:
        Fault: MEDIA_TYPE for another label (unless `json_anyway` and the body looks like an object), UNREADABLE for
            what is not JSON, not an object, or nested beyond the limit.
    """
    if is_blank(data):
        return {}
    if not is_json(label) and not (json_anyway and is_object(data)):
        raise Fault(Refusal.MEDIA_TYPE, f"the body must be application/json, not {label[:80]}")
    try:
        value = loads(data)
    except (ValueError, RecursionError):
        raise Fault(Refusal.UNREADABLE, "the body is not valid JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Fault(Refusal.UNREADABLE, "the body must be a JSON object")
    if not shallow(value, settings.max_body_depth):
        raise Fault(Refusal.UNREADABLE, f"the body is nested more than {settings.max_body_depth} levels deep")
    return value


def is_blank(data: bytes) -> bool:
    """Whether there is nothing but white space; without copying what may be large."""
    return _VISIBLE.search(data) is None


def is_object(data: bytes) -> bool:
    """Whether a body begins as a JSON object does."""
    first = _VISIBLE.search(data)
    return first is not None and first[0] == b"{"


def _too_large(limit: int) -> Fault:
    return Fault(Refusal.TOO_LARGE, f"the body is larger than {limit} bytes")


def is_json(label: str) -> bool:
    """Whether a media type is JSON; without one, it is."""
    kind = label.partition(";")[0].strip().lower()
    return kind in ("", "application/json", "text/json") or (kind.startswith("application/") and kind.endswith("+json"))


def shallow(value: object, limit: int) -> bool:
    """Whether objects and lists are nested at most so many levels deep."""
    level = [value]
    for _ in range(limit):
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
            elif isinstance(each, list):
                below.extend(each)
        if not below:
            return True
        level = below
    return not any(isinstance(each, dict | list) for each in level)

"""Request bodies: read within a limit, and understood as JSON, or refused with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from rest_compat.engine.faults import Fault, Refusal
from rest_compat.engine.services import DoorSettings

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_BLANK = b" \t\r\n"


class ClientGone(Exception):
    """The client went away before it had said everything; nobody waits for an answer."""


async def read(receive: Receive, headers: Mapping[str, str], settings: DoorSettings) -> bytes:
    """The whole body.

    Raises:
        Fault: TOO_LARGE as soon as that is known, TOO_SLOW when it takes longer than it may.
        ClientGone: the connection ended.
    """
    limit, seconds = settings.max_body_bytes, settings.body_timeout_seconds
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _within(receive, limit)
    except TimeoutError:
        # What is left of the body will not be read, so the connection cannot be used again.
        message = f"the body did not arrive within {seconds:g} seconds"
        raise Fault(Refusal.TOO_SLOW, message, headers=(("Connection", "close"),)) from None


async def _within(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def understand(
    data: bytes, label: str, json_anyway: bool, loads: Callable[[bytes], object], settings: DoorSettings
) -> dict[str, Any]:
    """The JSON object a body says. An empty body is no body whatever its label (X-29).

    Raises:
        Fault: MEDIA_TYPE for another label (unless `json_anyway` and the body looks like an object), UNREADABLE for
            what is not JSON, not an object, or nested beyond the limit.
    """
    text = data.strip(_BLANK)
    if not text:
        return {}
    if not _is_json(label) and not (json_anyway and text.startswith(b"{")):
        raise Fault(Refusal.MEDIA_TYPE, f"the body must be application/json, not {label[:80]}")
    try:
        value = loads(data)
    except (ValueError, RecursionError):
        raise Fault(Refusal.UNREADABLE, "the body is not valid JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Fault(Refusal.UNREADABLE, "the body must be a JSON object")
    if not _shallow(value, settings.max_body_depth):
        raise Fault(Refusal.UNREADABLE, f"the body is nested more than {settings.max_body_depth} levels deep")
    return value


def _too_large(limit: int) -> Fault:
    return Fault(Refusal.TOO_LARGE, f"the body is larger than {limit} bytes")


def _is_json(label: str) -> bool:
    kind = label.partition(";")[0].strip().lower()
    return kind in ("", "application/json", "text/json") or (kind.startswith("application/") and kind.endswith("+json"))


def _shallow(value: object, limit: int) -> bool:
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

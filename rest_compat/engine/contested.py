"""Whose request it is at a bare path that several dialects have: the credential says, else the words of the body."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from rest_compat.engine.bodies import ClientGone, Receive, read
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.faults import Fault
from rest_compat.engine.requests import Call
from rest_compat.engine.resolution import host_of
from rest_compat.engine.services import DoorSettings, Services

_LONGEST = 64 * 1024
"""Bytes of a body that are looked at without a credential."""


def claimants(dialects: Sequence[Dialect], found: Dialect, host: str, path: str) -> list[Dialect]:
    """The dialects that have this bare path too; nobody contests a path on a product's own host."""
    name = host_of(host)
    if any(name in each.hosts or name in each.sandbox_hosts for each in dialects):
        return []
    return [each for each in dialects if each is not found and each.contests(path)]


async def settle(
    candidates: Sequence[Dialect], call: Call, receive: Receive, services: Services, settings: DoorSettings
) -> tuple[Dialect, Receive]:
    """The dialect that answers, the first unless something speaks for another, and the body to be read again."""
    named = await services.product_of(call.headers, call.address)
    for each in candidates:
        if each.name == named:
            return each, receive
    length = call.headers.get("content-length", "")
    if not length.isdecimal() or not 0 < int(length[:18]) <= min(_LONGEST, settings.max_body_bytes):
        return candidates[0], receive
    try:
        data = await read(receive, call.headers, settings)
    except (ClientGone, Fault) as error:
        return candidates[0], _failing(error)
    return _by_words(candidates, data, services), _again(data, receive)


def _by_words(candidates: Sequence[Dialect], data: bytes, services: Services) -> Dialect:
    try:
        body = services.loads(data)
    except (ValueError, RecursionError):
        return candidates[0]
    known = [each for each in candidates if isinstance(body, dict) and each.knows(body)]
    return known[0] if known else candidates[0]


def _again(data: bytes, receive: Receive) -> Receive:
    """The body that was read, and after it whatever comes next."""
    waiting = [data]

    async def replay() -> MutableMapping[str, Any]:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay


def _failing(error: ClientGone | Fault) -> Receive:
    """What was found out when the body was read, told to whoever reads it again."""

    async def repeat() -> MutableMapping[str, Any]:
        raise error

    return repeat

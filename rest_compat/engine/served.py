"""Documented calls that no operation of the graph answers: streams, pictures. The process answers them itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Kind
from domain.viewer import Viewer
from rest_compat.engine.bodies import Receive
from rest_compat.engine.faults import Fault
from rest_compat.engine.requests import Call
from rest_compat.engine.responses import Response, Send
from rest_compat.engine.spelling import JsonSchema


@dataclass(frozen=True, eq=False)
class Served:
    """One such call, as data. `path` is below the dialect's base; a websocket's handshake is a GET.

    `token` is the query parameter that may carry the bearer where a client can set no header. What is `public` asks
    for no credential and is counted in no limit. `media_type` and `schema` tell what comes, for a stream that of one
    message; `sample` shows it. `request` tells what its body holds. `statuses` are those of refusals that it has
    besides what everything has.
    """

    id: str
    path: str
    title: str
    group: str
    about: str
    websocket: bool = False
    token: str = ""
    public: bool = False
    media_type: str = ""
    schema: JsonSchema = field(default_factory=dict)
    sample: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    method: str = "GET"
    request: JsonSchema = field(default_factory=dict)


@dataclass(frozen=True)
class Visit:
    """A call on its way to whoever serves it; `viewer` is None where no credential is asked for.

    `again` looks at the credentials anew, for what stays open.
    """

    call: Call
    captured: Mapping[str, str]
    viewer: Viewer | None
    again: Callable[[], Awaitable[Viewer]]
    receive: Receive


Handler = Callable[[Visit], Awaitable[Response]]
"""Makes the answer; a long one is sent by its `send`.

Raises:
    DomainError, Fault: told in the dialect's words, as long as nothing was sent.
"""


@dataclass(frozen=True, eq=False)
class ServedRoute:
    """A call and who answers it."""

    route: Served
    handler: Handler


def bearing(headers: Mapping[str, str], given: Sequence[str]) -> Mapping[str, str]:
    """The headers of a call whose bearer may have come in its query as well (CB-37).

    Raises:
        Fault: UNAUTHENTICATED when two places say different things.
    """
    found = dict.fromkeys(f"Bearer {value}" for value in given)
    if "authorization" in headers:
        scheme, _, value = headers["authorization"].strip().partition(" ")
        found[f"Bearer {value.strip()}" if scheme.lower() == "bearer" else headers["authorization"]] = None
    if len(found) > 1:
        raise Fault(Kind.UNAUTHENTICATED)
    return {**headers, "authorization": next(iter(found))} if found else headers


def denying(send: Send, extensions: Mapping[str, object]) -> Send:
    """How a handshake is refused: by an HTTP answer instead of the upgrade, where the server can; else without words.

    Messages of the socket itself pass.
    """
    told = "websocket.http.response" in extensions

    async def tell(message: MutableMapping[str, Any]) -> None:
        if not message["type"].startswith("http.response."):
            await send(message)
        elif told:
            await send({**message, "type": f"websocket.{message['type']}"})
        elif message["type"] == "http.response.start":
            await send({"type": "websocket.close", "code": 1008})

    return tell

"""The endpoints that programs call, over HTTP: tokens, revocation, introspection, metadata."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from domain.audit import Door
from gateway import json
from gateway.calls import current_call
from gateway.oauth import metadata
from gateway.oauth.bodies import body_of, parameters_of
from gateway.oauth.places import place_of
from gateway.oauth.protocol import Asked, Protocol
from gateway.oauth.server import Answer
from rest_compat.engine.bodies import ClientGone
from rest_compat.engine.responses import JSON
from rest_compat.engine.services import DoorSettings

Handler = Callable[[Request], Awaitable[Response]]

_MINUTES = "public, max-age=300"


class Endpoints:
    """The authorization server's own paths, each with its handler."""

    def __init__(self, protocol: Protocol, settings: DoorSettings) -> None:
        self._protocol = protocol
        self._settings = settings
        self._metadata = json.dumps(metadata.metadata(settings.public_url))

    def handlers(self) -> Mapping[str, Handler]:
        """All of them by their paths."""
        described = dict.fromkeys(metadata.paths(self._settings.public_url), self._describe)
        return {
            metadata.TOKEN: partial(self._serve, "token"),
            metadata.REVOKE: partial(self._serve, "revocation"),
            metadata.INTROSPECT: partial(self._serve, "introspection"),
            **described,
        }

    async def _serve(self, endpoint: str, request: Request) -> Response:
        if request.method != "POST":
            return misused(request, "POST, OPTIONS")
        call = current_call()
        if call:
            call.enter(Door.OAUTH, f"POST {request.scope['path']}")
        try:
            answer = await self._protocol.answer(endpoint, partial(asked, request, self._settings), address_of(request))
        except ClientGone:
            return Response(status_code=400)
        if call and answer.error:
            call.code = answer.error.error
        return written(answer)

    async def _describe(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return misused(request, "GET, HEAD, OPTIONS")
        # A cache that got it for nobody in particular must not give it to a page, which needs to be named in it.
        headers = {"Content-Type": JSON, "Cache-Control": _MINUTES, "Vary": "Origin"}
        return Response(self._metadata, headers=headers)


async def asked(request: Request, settings: DoorSettings) -> Asked:
    """What a request asks, from its body and its headers.

    Raises:
        OAuth2Error: the body cannot be read or says something twice.
        ClientGone: the connection ended.
    """
    body = await body_of(request.receive, request.headers, settings)
    parameters = parameters_of(body, request.headers.get("content-type", ""))
    return Asked(parameters, request.headers.getlist("authorization"), place_of(request), address_of(request))


def address_of(request: Request) -> str | None:
    """Where a request comes from, as far as the outermost trusted proxy knows."""
    return request.client.host if request.client else None


def written(answer: Answer) -> Response:
    """An answer of the protocol as one of HTTP; none of them may be kept (RFC 6749, section 5.1)."""
    headers = {name: value for name, value in answer.headers if name.lower() != "content-type"}
    return Response(json.dumps(answer.body), answer.status, {**headers, "Content-Type": JSON})


def misused(request: Request, allow: str) -> Response:
    """The answer to a method that is not for this path, and to OPTIONS."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={"Allow": allow})
    told = {"error": "invalid_request", "error_description": f"This endpoint answers {allow} only."}
    return Response(json.dumps(told), 405, {"Allow": allow, "Content-Type": JSON, "Cache-Control": "no-store"})

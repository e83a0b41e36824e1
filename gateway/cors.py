"""Browser frontends on other origins: which may ask, and what their scripts may read."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import ANY_ORIGIN, Settings

_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
_ASKED = (
    "content-type",
    "accept",
    "authorization",
    "x-api-key",
    "x-api-secret",
    "idempotency-key",
    "last-event-id",
    "x-request-id",
    "graphql-require-preflight",
    "apollo-require-preflight",
)
_TOLD = (
    "x-request-id",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-retry-after",
    "retry-after",
    # What is wrong with a token is told there alone (RFC 6750, section 3).
    "www-authenticate",
    "idempotency-replayed",
    "link",
    "deprecation",
    "sunset",
)
_REMEMBERED_SECONDS = 600


def cross_origin(settings: Settings) -> list[Middleware]:
    """What stands in front of everything when origins are set: for answers, and for sockets, which CORS leaves out."""
    origins = settings.cors_origins
    if not origins:
        return []
    # Never with credentials: the API knows no cookies, and pages are for their own origin (`SecurityHeaders`).
    answers = Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=_METHODS,
        allow_headers=_ASKED,
        expose_headers=_TOLD,
        max_age=_REMEMBERED_SECONDS,
    )
    if ANY_ORIGIN in origins:
        return [answers]
    return [answers, Middleware(KnownSockets, (*origins, settings.public_url))]


class KnownSockets:
    """Refuses websockets that a browser opens from a page of a foreign origin; programs send no origin and pass."""

    def __init__(self, app: ASGIApp, addresses: tuple[str, ...]) -> None:
        self._app = app
        self._origins = frozenset(_origin(each) for each in addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one connection pass, or refuse it."""
        if scope["type"] == "websocket" and not self._known(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008, "reason": "This origin is not allowed"})
            return
        await self._app(scope, receive, send)

    def _known(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        # A page of this very server, GraphiQL, may be reached by other names than the public one.
        return origin is None or origin in self._origins or urlsplit(origin).netloc == headers.get("host")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"

"""What browsers are told about answers: never to guess a type, never to frame a page, to come back by HTTPS."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_HEADERS: Mapping[str, str] = {
    # For pages that bring no policy of their own: nothing is loaded, nothing is sent.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not `no-referrer`: with that, browsers send `Origin: null` with the forms of a page too.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # For browsers that do not know `frame-ancestors`.
    "X-Frame-Options": "DENY",
}
"""What every page is sent with, unless it says something else itself."""

_CROSS_ORIGIN = "access-control-"


class SecurityHeaders:
    """Puts onto every answer what browsers have to be told, and takes pages out of the reach of other origins.

    `hsts_seconds` is how long a browser that came by HTTPS is to come by HTTPS alone; 0 says nothing of it.
    """

    def __init__(self, app: ASGIApp, hsts_seconds: int) -> None:
        self._app = app
        self._hsts = strict_transport(hsts_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # RFC 6797, 7.2: it must not be said over plain HTTP.
        hsts = self._hsts if scope["scheme"] == "https" else None

        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                _complete(headers, hsts)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, mark)


def strict_transport(seconds: int) -> str | None:
    """For how long a browser is to come by HTTPS alone, in the words of the header; None: nothing is said of it."""
    return f"max-age={seconds}" if seconds else None


def _complete(headers: MutableHeaders, hsts: str | None) -> None:
    headers.setdefault("X-Content-Type-Options", "nosniff")
    if hsts:
        headers.setdefault("Strict-Transport-Security", hsts)
    if headers.get("content-type", "").startswith("text/html"):
        for name, value in PAGE_HEADERS.items():
            headers.setdefault(name, value)
    if headers.get("cross-origin-resource-policy") == "same-origin":
        # The origins that may use the API may not read pages: those can hold a key, or the token of a form.
        for name in [name for name in headers if name.lower().startswith(_CROSS_ORIGIN)]:
            del headers[name]

"""Answers of the pages: HTML under a policy that runs no script, redirects, and problems as whoever asks reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gateway.pages.html import Markup, document, fill, style_digest

_HEADERS = {
    # Whoever comes after on the same machine must not find a page by going back.
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


def page(title: str, body: Markup, status: int = 200, targets: Sequence[str] = (), *, wide: bool = False) -> Response:
    """A page. `targets` are where its forms may lead besides this server, by a redirect."""
    policy = (
        "default-src 'none'",
        f"style-src '{style_digest()}'",
        "img-src data:",
        " ".join(("form-action 'self'", *targets)),
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    headers = {**_HEADERS, "Content-Security-Policy": "; ".join(policy)}
    return HTMLResponse(document(title, body, wide), status, headers)


def message(title: str, text: str, status: int = 200, more: Markup | None = None) -> Response:
    """A page that says one thing."""
    return page(title, fill("message", title=title, message=text, more=more or Markup()), status)


def link(address: str, words: str) -> Markup:
    """A way on from a page."""
    return fill("link", address=address, words=words)


def redirect(address: str) -> Response:
    """Go on to another page, by GET whatever was sent: a password must not travel on (RFC 9700, section 4.12)."""
    return Response(status_code=303, headers={**_HEADERS, "Location": address})


def back_to_client(address: str) -> Response:
    """Go back to the application, with the status its documentation leads it to expect. The forms that are answered so
    hold no password.
    """
    return Response(status_code=302, headers={**_HEADERS, "Location": address})


def problem(request: Request, title: str, text: str, status: int, error: str) -> Response:
    """A problem: as a page, or as JSON for a client that prefers it (X-08)."""
    if _prefers_json(request.headers.get("accept", "")):
        return JSONResponse({"error": error, "error_description": text}, status, _HEADERS)
    return message(title, text, status)


def where_to(redirect_uri: str) -> tuple[str, ...]:
    """Where a form may lead that is answered by a redirect to a client, as a content security policy says it.

    Chromium holds every step of a redirected form to `form-action`, those that the client adds as well, and a client
    may go on to wherever it likes. So schemes are named, not hosts.
    """
    scheme = urlsplit(redirect_uri).scheme.lower()
    return ("https:", f"{scheme}:") if _SCHEME.fullmatch(scheme) and scheme != "https" else ("https:",)


def _prefers_json(accept: str) -> bool:
    """Whether JSON is named, and weighs no less than HTML."""
    weights = {}
    for item in accept.split(",")[:50]:
        name, *options = (part.strip().lower() for part in item.split(";"))
        weights[name] = _weight(options)
    json = weights.get("application/json", 0)
    return json > 0 and json >= weights.get("text/html", 0)


def _weight(options: Sequence[str]) -> float:
    given = next((each.removeprefix("q=") for each in options if each.startswith("q=")), "1")
    return float(given) if re.fullmatch(r"[01](\.[0-9]{0,3})?", given) else 1

"""The page: HTML without inline script, under a policy that lets a browser load from this server alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from gateway.graphiql.assets import asset, entries

_PAGE_PATH: Final = "/graphiql"
_STATIC_PATH: Final = "/graphiql/static/"

_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        # The style sheets of GraphiQL and Monaco draw their icons from data: URLs.
        "img-src 'self' data:",
        # Monaco writes its theme into <style> elements.
        "style-src 'self' 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": _POLICY,
    # The page may carry a key.
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
# Inside <script> only "<" can end the element or open a comment; the separators are line ends to old JavaScript.
_SCRIPT_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@dataclass(frozen=True)
class GraphiQLConfig:
    """What the page is told: where GraphQL answers (path inside the app), its title, headers of a fresh tab."""

    graphql_path: str = "/graphql"
    title: str = "Trigraph"
    default_headers: Mapping[str, str] | None = None


def graphiql_routes(config: GraphiQLConfig) -> list[BaseRoute]:
    """Routes of `/graphiql` and its files.

    Raises:
        FileNotFoundError: the built files are missing from this installation.
    """
    entries()

    def page(_: Request) -> Response:
        return graphiql_page(config, served_at=_PAGE_PATH)

    return [Route(_PAGE_PATH, page), Route(_STATIC_PATH + "{name}", asset)]


def graphiql_page(config: GraphiQLConfig, served_at: str | None = None) -> Response:
    """The page as an answer to a GET of `served_at`, a path inside the app; by default the GraphQL path itself."""
    root = _way_to_root(served_at or config.graphql_path)
    files = entries()
    configuration = {
        "endpoint": root + config.graphql_path.lstrip("/"),
        "title": config.title,
        "defaultHeaders": dict(config.default_headers) if config.default_headers else None,
    }
    html = _template().substitute(
        title=escape(config.title),
        graphql_path=escape(config.graphql_path),
        static=root + _STATIC_PATH.lstrip("/"),
        boot=files.boot,
        script=files.script,
        style=files.style,
        configuration=json.dumps(configuration).translate(_SCRIPT_ESCAPES),
    )
    return HTMLResponse(html, headers=_HEADERS)


@cache
def _template() -> Template:
    return Template((Path(__file__).parent / "page.html").read_text("utf-8"))


def _way_to_root(path: str) -> str:
    # Relative, so that the page works below a prefix this process has never heard of.
    return "../" * (path.count("/") - 1) or "./"

"""HTML pages of a dialect: no script, no other host, a policy that allows nothing but their own style sheet."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from html import escape
from pathlib import Path

from rest_compat.engine.responses import Response

_CODE = re.compile("`([^`]+)`")


def page(title: str, content: Iterator[str]) -> Response:
    """A whole page around its content, which is HTML already."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    own = f"default-src 'none'; style-src 'sha256-{digest}'"
    policy = f"{own}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
    ]
    lines = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_style()}</style></head><body>",
        *content,
        "</body></html>",
    )
    return Response(200, headers, "\n".join(lines).encode())


def prose(text: str) -> str:
    """A text of our own as HTML: what stands in backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def block(title: str, text: str) -> str:
    """Text as it is, under a small heading. Focusable, because a wide block scrolls and must do so by keyboard too."""
    return f'<h4>{escape(title)}</h4><pre tabindex="0"><code>{escape(text)}</code></pre>'


def link(target: str, text: str) -> str:
    """A link."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


@cache
def _style() -> str:
    return Path(__file__).with_name("docs.css").read_text("utf-8")

"""Templates filled with values: the one place where a text becomes HTML."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent / "templates"
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Characters that show nothing, or turn the text around them: a name must not make itself read like another."""


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


def text(value: str) -> Markup:
    """A value as HTML that shows it, in an element or in a quoted attribute."""
    return Markup(escape(_CONTROLS.sub("\ufffd", value)))


def fill(template: str, **values: str | int) -> Markup:
    """A template with its values; everything that is not markup is escaped on its way in."""
    known = {name: value if isinstance(value, Markup) else text(str(value)) for name, value in values.items()}
    return Markup(_template(template).substitute(known))


def joined(parts: Iterable[Markup]) -> Markup:
    """Pieces of markup one after another."""
    return Markup("".join(parts))


def alert(message: str | None) -> Markup:
    """What went wrong, told at once by screen readers; nothing without a message."""
    return fill("alert", message=message) if message else Markup()


def document(title: str, body: Markup, wide: bool = False) -> str:
    """A whole page; a wide one has room for tables."""
    kind = Markup(' class="wide"' if wide else "")
    return fill("layout", title=title, style=Markup(style()), kind=kind, body=body)


@cache
def style() -> str:
    """The style sheet, which every page holds itself: it is small, and so a page works under any path."""
    return (_FOLDER / "page.css").read_text("utf-8").strip()


@cache
def style_digest() -> str:
    """The style sheet as a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()}"


@cache
def _template(name: str) -> Template:
    return Template((_FOLDER / f"{name}.html").read_text("utf-8").strip() + "\n")

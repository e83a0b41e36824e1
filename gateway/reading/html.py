"""Text of HTML pages: what a reader would see, each block on lines of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from selectolax.lexbor import LexborHTMLParser

from gateway.reading.taken import Gathering, ReadingLimits, Taken, Unreadable
from gateway.reading.text import clean, encoding_of

_PIECE: Final = 1024 * 1024
"""Bytes that are parsed at once: a tree takes twenty times as much."""
_UNSEEN = re.compile(r"<!--.*?(?:-->|$)|<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_INLINED = re.compile(r"data:[\w/+.;=-]+,[A-Za-z0-9+/=%_-]{200,}")
_BLOCK_END = re.compile(r"</(?:p|div|li|tr|table|section|article|h[1-6])\s*>", re.IGNORECASE)
_CLOSED = re.compile(
    r"<(/?)(?!(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|source|td|th|tr|track|wbr)\b)[a-z]",
    re.IGNORECASE,
)
"""Tags of elements that have to be closed."""
_DEEPEST: Final = 5_000
"""Elements inside each other; the time to parse them grows with the square."""
_SPACE = re.compile(r"\s+")
_SPACES = re.compile(r" {2,}")
_ROUND_LINES = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_UNSHOWN: Final = frozenset(
    {"head", "script", "style", "template", "noscript", "iframe", "svg", "select", "textarea", "title"}
)
# fmt: off
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hr", "html", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "tr", "ul",
})
# fmt: on
_CELLS: Final = frozenset({"td", "th"})


def read_html(file: BinaryIO, media_type: str | None, limits: ReadingLimits) -> Taken:
    """The text of a page; scripts, styles and inlined images are dropped before anything is parsed.

    Raises:
        Unreadable: there is no text in it, or it is nested too deeply.
    """
    inside = file.read(4096).decode("latin-1")
    file.seek(0)
    encoding, notes = encoding_of(file, media_type, inside)
    page = _UNSEEN.sub(" ", _INLINED.sub("", file.read().decode(encoding, "replace")))
    gathering = Gathering(limits.text_characters)
    for piece in _pieces(page):
        for part in _said(piece):
            gathering.add(part)
        if gathering.full:
            break
    text = _ROUND_LINES.sub("\n", _SPACES.sub(" ", gathering.text))
    text = clean(_BLANK_LINES.sub("\n\n", text))
    if not text:
        raise Unreadable("The page has no text.")
    return Taken(text, notes=notes + gathering.notes)


def _pieces(page: str) -> Iterator[str]:
    start = 0
    while start < len(page):
        end = start + _PIECE
        if end < len(page):
            ends = [found.end() for found in _BLOCK_END.finditer(page, end - _PIECE // 4, end)]
            # Without one, between two tags; without those, anywhere.
            tag = page.rfind("<", start + 1, end)
            end = ends[-1] if ends else tag if tag > start else end
        yield page[start:end]
        start = end


def _depth(piece: str) -> int:
    depth = deepest = 0
    for tag in _CLOSED.finditer(piece):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _said(piece: str) -> Iterator[str]:
    """The text of a tree with line feeds where blocks begin and end, walked without recursion."""
    if _depth(piece) > _DEEPEST:
        raise Unreadable(f"The page has more than {_DEEPEST} elements inside each other.")
    tree = LexborHTMLParser(piece)
    node = tree.root
    depth_first: list[tuple[object, bool]] = [(node, False)] if node is not None else []
    while depth_first:
        each, leaving = depth_first.pop()
        tag: str = each.tag  # type: ignore[attr-defined]
        if tag == "-text":
            yield _SPACE.sub(" ", each.text_content or "")  # type: ignore[attr-defined]
            continue
        if tag in _UNSHOWN:
            continue
        if tag in _BLOCKS and not (leaving and tag == "br"):
            yield "\n"
        elif leaving and tag in _CELLS:
            yield "\t"
        if leaving:
            continue
        depth_first.append((each, True))
        child = each.last_child  # type: ignore[attr-defined]
        while child is not None:
            depth_first.append((child, False))
            child = child.prev

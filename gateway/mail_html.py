"""Mail in two forms: HTML made of a text, a text made of HTML, and what is put into HTML that somebody else wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from html.parser import HTMLParser

Link = Callable[[str], str]
"""The address to lead to instead of an address."""

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_AFTER_AN_ADDRESS = ".,;:!?)]}*_"
"""What stands behind an address in a sentence more often than it ends one."""
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'<>]+))?""")
_END = re.compile(r"</body>|</html>", re.IGNORECASE | re.ASCII)
_FRAME = (
    '<!doctype html>\n<html><head><meta charset="utf-8"></head>\n'
    '<body style="font-family: sans-serif; font-size: 15px; line-height: 1.5">\n{body}\n</body></html>\n'
)


def from_text(text: str, link: Link) -> str:
    """A text as HTML that reads the same: paragraphs, line ends, addresses to click on."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    paragraphs = [each.split("\n") for each in _PARAGRAPHS.split(lines) if each.strip()]
    body = "\n".join("<p>{}</p>".format("<br>\n".join(_line(line, link) for line in each)) for each in paragraphs)
    return _FRAME.format(body=body)


def _line(line: str, link: Link) -> str:
    pieces, place = [], 0
    for found in _ADDRESS.finditer(line):
        address = _sentence(found[0])
        pieces.append(escape(line[place : found.start()], quote=False))
        pieces.append(f'<a href="{escape(link(address))}">{escape(address, quote=False)}</a>')
        place = found.start() + len(address)
    return "".join(pieces) + escape(line[place:], quote=False)


def _sentence(found: str) -> str:
    """The address without what belongs to the sentence around it; a bracket that was opened inside stays."""
    end, unopened = len(found), found.count(")") - found.count("(")
    while found[end - 1] in _AFTER_AN_ADDRESS and not (found[end - 1] == ")" and unopened <= 0):
        unopened -= found[end - 1] == ")"
        end -= 1
    return found[:end]


def with_links(html: str, link: Link) -> str:
    """The HTML, its web links leading elsewhere; every other character stays as it is."""
    return _Links(html, link).written


def with_pixel(html: str, address: str) -> str:
    """The HTML with a picture nobody sees, where a document that is read to its end loads it."""
    # Not `display:none`, which keeps many programs from loading it.
    pixel = f'<img src="{escape(address)}" width="1" height="1" alt="" style="border:0;width:1px;height:1px">'
    return _at_the_end(html, pixel)


def _at_the_end(html: str, piece: str) -> str:
    # Searched without `lower()`, which makes some letters two, so that places in it are none of the HTML's.
    ends = {found[0].lower(): found.start() for found in _END.finditer(html)}
    place = ends.get("</body>", ends.get("</html>", len(html)))
    return html[:place] + piece + html[place:]


def with_footer(html: str, text: str, address: str) -> str:
    """The HTML with a line in small print at its end, and an address to click on."""
    line = f'{escape(text, quote=False)} <a href="{escape(address)}">{escape(address, quote=False)}</a>'
    return _at_the_end(html, f'<p style="font-size:12px;color:#767676;word-break:break-all">{line}</p>')


def text_of(html: str) -> str:
    """What HTML says, for programs that show no HTML; where a link leads stands behind its words."""
    reader = _Words()
    tags, rest = _apart(html)
    reader.feed(tags)
    reader.close()
    reader.handle_data(unescape(rest))
    return reader.text()


def _apart(html: str) -> tuple[str, str]:
    """What may hold tags, and what follows the end of the last one.

    The parser looks for the end of every tag up to the end of the text: where there is none, thousands of beginnings
    keep it busy for seconds.
    """
    end = html.rfind(">") + 1
    return html[:end], html[end:]


class _Links(HTMLParser):
    """Goes through HTML and copies it, but for the addresses of links."""

    def __init__(self, html: str, link: Link) -> None:
        super().__init__(convert_charrefs=False)
        self._html = html
        self._link = link
        self._starts = [0, *(found.end() for found in re.finditer("\n", html))]
        self._pieces: list[str] = []
        self._copied = 0
        self.feed(_apart(html)[0])
        self.close()

    @property
    def written(self) -> str:
        """The copy."""
        return "".join(self._pieces) + self._html[self._copied :]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Lead a link elsewhere."""
        raw = self.get_starttag_text()
        if tag not in ("a", "area") or raw is None:
            return
        line, column = self.getpos()
        start = self._starts[line - 1] + column
        if self._html.startswith(raw, start):
            self._pieces += [self._html[self._copied : start], _led(raw, self._link)]
            self._copied = start + len(raw)


def _led(tag: str, link: Link) -> str:
    """A start tag, the value of its first href replaced."""
    for found in _ATTRIBUTE.finditer(tag, tag.index("<") + 1):
        if found[1].lower() == "href" and found[3]:
            value = found[3][1:-1] if found[3][0] in "\"'" else found[3]
            address = unescape(value).strip()
            if not _ADDRESS.match(address):
                return tag
            return f'{tag[: found.start(3)]}"{escape(link(address))}"{tag[found.end(3) :]}'
    return tag


class _Words(HTMLParser):
    """Gathers the words of HTML, a line for each block."""

    _SILENT = frozenset({"head", "style", "script", "title", "template"})
    # Unlike others, these always have an end: a preview that is hidden in one silences no more than itself.
    _BOXES = frozenset({"div", "span"})
    _PARAGRAPH = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
    _LINE = frozenset({"div", "tr", "br", "section", "article", "header", "footer", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._silent: list[str] = []
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        """The words, at most one empty line between any two."""
        lines = (" ".join(line.split()) for line in "".join(self._pieces).split("\n"))
        return "\n".join(_without_gaps(lines)).strip("\n") + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a link, or what nobody is to read."""
        if tag in self._SILENT or (tag in self._BOXES and (tag in self._silent or _unseen(attrs))):
            self._silent.append(tag)
        elif tag in self._PARAGRAPH:
            self._pieces.append("\n\n")
        elif tag in self._LINE:
            self._pieces.append("\n")
        elif tag == "li":
            self._pieces.append("\n- ")
        elif tag in ("td", "th"):
            self._pieces.append(" ")
        elif tag == "img" and (words := dict(attrs).get("alt")):
            self._pieces.append(words)
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self._pieces)))

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if tag in self._silent:
            self._silent.remove(tag)
        elif tag in self._PARAGRAPH:
            self._pieces.append("\n\n")
        elif tag == "div":
            self._pieces.append("\n")
        elif tag == "a" and self._links:
            address, began = self._links.pop()
            words = "".join(self._pieces[began:]).strip()
            if _ADDRESS.match(address.strip()) and address.strip() != words:
                self._pieces.append(f" ({address.strip()})")

    def handle_data(self, data: str) -> None:
        """Take words, whose own line ends mean nothing."""
        if not self._silent:
            self._pieces.append(data.replace("\n", " ").replace("\r", " "))


def _unseen(attrs: list[tuple[str, str | None]]) -> bool:
    return any(name == "style" and "display:none" in "".join((value or "").lower().split()) for name, value in attrs)


def _without_gaps(lines: Iterator[str]) -> Iterator[str]:
    empty = True
    for line in lines:
        if line or not empty:
            yield line
        empty = not line

"""Feeds in JSON, CSV, RSS 2.0 and Atom (RFC 4287), understood without trusting them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

# Entities cannot be expanded: a feed that declares a document type is refused before anything in it is looked at.
from xml.parsers import expat

from domain.errors import invalid
from domain.texts import LONGEST_CELL

LARGEST = 5_000_000
"""Most bytes of a feed: far more than the entries that one request may bring."""
MOST = 20_000
"""Most entries of a feed: a file of short lines has millions, which take far more memory than the file."""
_TAG = re.compile("<[^<>]*>")
_MARKUP = re.compile("</?[A-Za-z][^<>]*>")
"""Tags and nothing else: a title may say that something is < 5 and > 3."""
_DECLARED = re.compile(rb"""\s*<\?xml[^<>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_UNICODE = {b"\xff\xfe<\0": "utf-16", b"\xfe\xff\0<": "utf-16"}
_DEEPEST = 50
_ITEMS = {"item": "rss", "entry": "atom"}
_RSS = {
    "title": "title",
    "description": "summary",
    "pubDate": "date",
    "dc:date": "date",
    "guid": "external_id",
    "link": "link",
}
"""Others with a prefix, such as `media:title`, are about something else."""
_ATOM = {
    "title": "title",
    "summary": "summary",
    "content": "content",
    "published": "date",
    "updated": "updated",
    "id": "external_id",
}


@dataclass(frozen=True, slots=True)
class FeedForm:
    """What is understood of JSON and CSV: `names` of properties and columns as they are compared, with what they mean.

    `plural` is what an object may call its list of entries, `lists` are the meanings whose cells hold several texts.
    """

    plural: str
    names: Mapping[str, str]
    lists: frozenset[str] = frozenset()


def entries_of(content: bytes, form: FeedForm) -> Iterator[Mapping[str, Any]]:
    """The entries of a feed in UTF-8 (XML says its own encoding) by what their parts mean; it may take a second.

    Those of XML have `title`, `date`, `external_id`, `url`, `summary`, and the feed's own title as `source`.

    Raises:
        DomainError: INVALID naming `file` when it is no feed, or is too large.
    """
    if len(content) > LARGEST:
        raise invalid("file", f"file must have at most {LARGEST} bytes.")
    begin = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begin == b"<" or content[:4] in _UNICODE:
        return iter(_xml(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise invalid("file", "file must be JSON, CSV, RSS or Atom in UTF-8.") from None
    return _json(text, form) if begin in (b"{", b"[") else _csv(text, form)


def text_of(name: str) -> Callable[[Any], str]:
    """Reads a text, which may be written as a number."""

    def read(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(name, f"{name} must be a text.")
        return str(value)

    return read


def day_of(name: str) -> Callable[[Any], date]:
    """Reads a day, the day of a moment in UTC, or that of a moment as RSS writes it."""

    def read(value: Any) -> date:
        moment = _moment(value) if isinstance(value, str) and len(value) <= 60 else None
        if moment is None:
            raise invalid(name, f"{name} must be a day such as 2024-01-15.")
        return moment

    return read


def _json(text: str, form: FeedForm) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("file", "file is not JSON.") from None
    if isinstance(found, dict):
        found = found.get(form.plural, found.get("items"))
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        plural = form.plural
        raise invalid("file", f"file must be a list of {plural}, or an object that has it as `{plural}` or `items`.")
    for each in found:
        yield {form.names[_plain(name)]: value for name, value in each.items() if _plain(name) in form.names}


def _csv(text: str, form: FeedForm) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [form.names.get(_plain(name)) for name in next(lines, [])]
        if "title" not in names:
            raise invalid("file", "file must begin with a line of column names, title among them.")
        for row in lines:
            if any(cell.strip() for cell in row):
                yield _cells(names, row, form)
    except csv.Error as error:
        raise invalid("file", f"file is not CSV: line {lines.line_num}: {error}.") from None


def _cells(names: Sequence[str | None], row: Sequence[str], form: FeedForm) -> Mapping[str, Any]:
    cells: dict[str, Any] = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
    for name in form.lists:
        cells[name] = [each.strip() for each in cells.get(name, "").split(";") if each.strip()]
    return cells


class _Feed:
    """Gathers the entries of RSS and Atom while they are parsed."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []
        self.title = ""
        self._path: list[str] = []
        self._entry: dict[str, str] | None = None
        self._text: list[str] = []
        self._part = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        here = _local(name)
        if len(self._path) > _DEEPEST:
            raise invalid("file", "file is nested too deep for a feed.")
        if here in _ITEMS and self._entry is None:
            self._entry, self._part = {}, len(self._path) + 1
        elif self._entry is not None and here == "link" and self._in_entry() and _is_page(attributes):
            self._entry.setdefault("link", attributes["href"])
        if self._entry is None or len(self._path) <= self._part:
            self._text = []
        else:
            # XHTML inside of a part, whose words are all of the part's.
            self._text.append(" ")

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _: str) -> None:
        depth, name = len(self._path), self._path.pop()
        if self._entry is not None and depth > self._part:
            return
        said = "".join(self._text).strip()
        if self._entry is None:
            if name == "title" and not self.title:
                self.title = said
        elif depth < self._part:
            self.entries.append(self._entry)
            self._entry = None
        else:
            known, name = (_ATOM, _local(name)) if self._in_entry(outside=True) else (_RSS, name)
            if name in known and said:
                self._entry.setdefault(known[name], said)
        self._text = []

    def _in_entry(self, outside: bool = False) -> bool:
        """Whether the element just inside of an entry of Atom is meant, or was when it is over."""
        place = self._path[: self._part - 1]
        return (outside or len(self._path) == self._part) and _local(place[-1]) == "entry"


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _xml(content: bytes) -> list[Mapping[str, Any]]:
    text, encoding = _decoded(content)
    feed, parser = _Feed(), expat.ParserCreate(encoding)
    parser.StartElementHandler, parser.EndElementHandler = feed.begin, feed.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = feed.text, _refuse_document_type
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise invalid("file", f"file is not XML: {error}.") from None
    return [_of_xml(entry, feed.title) for entry in feed.entries]


def _decoded(content: bytes) -> tuple[bytes, str]:
    """XML in UTF-8: the parser knows few encodings, and fails in many ways at names of others."""
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf")[:400])
    name = _UNICODE.get(content[:4]) or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        return content.decode(name).encode(), "utf-8"
    except (LookupError, ValueError):
        raise invalid("file", f"file is not XML in {name}, as it says.") from None


def _is_page(attributes: Mapping[str, str]) -> bool:
    """Whether a link of Atom is the page itself: that has no relation, or this one."""
    return attributes.get("rel", "alternate") == "alternate" and bool(attributes.get("href"))


def _refuse_document_type(*_: object) -> None:
    raise invalid("file", "file must not declare a document type.")


def _of_xml(entry: dict[str, str], title: str) -> Mapping[str, Any]:
    """An entry under common names; the feed's title is the source, the summary loses its HTML."""
    said: dict[str, Any] = {name: entry[name] for name in ("date", "external_id") if name in entry}
    # Many escape titles twice, and Atom allows HTML in them.
    said["title"] = " ".join(unescape(_MARKUP.sub(" ", unescape(entry.get("title", "")))).split())
    said.setdefault("external_id", entry.get("link"))
    said.setdefault("date", entry.get("updated"))
    summary = _words(entry.get("summary") or entry.get("content") or "")
    return {**said, "source": title, "url": entry.get("link"), "summary": summary or said["title"]}


def _words(text: str) -> str:
    """The words of an HTML text. A real parser takes minutes for some texts that were made to have it do so."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())


def _moment(value: str) -> date | None:
    """A day, the day of a moment in UTC, or that of a moment as RSS writes it (RFC 822)."""
    for parse in (date.fromisoformat, datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(value.strip())
            if isinstance(found, datetime):
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).date()
        except (ValueError, OverflowError):
            continue
        return found
    return None


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").replace("-", "").lower()

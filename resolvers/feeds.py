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
_DEEPEST = 50
_ITEMS = {"item": "rss", "entry": "atom"}
_RSS = {"title": "title", "description": "summary", "pubDate": "date", "guid": "external_id", "link": "link"}
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
    if begin == b"<":
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

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name.rpartition(":")[2])
        if len(self._path) > _DEEPEST:
            raise invalid("file", "file is nested too deep for a feed.")
        if self._path[-1] in _ITEMS and self._entry is None:
            self._entry = {}
        elif self._entry is not None and self._path[-2:] == ["entry", "link"] and _is_page(attributes):
            self._entry.setdefault("link", attributes["href"])
        self._text = []

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, _: str) -> None:
        name, said = self._path.pop(), "".join(self._text).strip()
        if self._entry is None:
            if name == "title" and not self.title:
                self.title = said
        elif name in _ITEMS:
            self.entries.append(self._entry)
            self._entry = None
        elif self._path[-1] in _ITEMS:
            known = _RSS if self._path[-1] == "item" else _ATOM
            if name in known and said:
                self._entry.setdefault(known[name], said)
        self._text = []


def _xml(content: bytes) -> list[Mapping[str, Any]]:
    feed, parser = _Feed(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = feed.begin, feed.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = feed.text, _refuse_document_type
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise invalid("file", f"file is not XML: {error}.") from None
    return [_of_xml(entry, feed.title) for entry in feed.entries]


def _is_page(attributes: Mapping[str, str]) -> bool:
    """Whether a link of Atom is the page itself: that has no relation, or this one."""
    return attributes.get("rel", "alternate") == "alternate" and bool(attributes.get("href"))


def _refuse_document_type(*_: object) -> None:
    raise invalid("file", "file must not declare a document type.")


def _of_xml(entry: dict[str, str], title: str) -> Mapping[str, Any]:
    """An entry under common names; the feed's title is the source, the summary loses its HTML."""
    said: dict[str, Any] = {name: entry[name] for name in ("title", "date", "external_id") if name in entry}
    said.setdefault("external_id", entry.get("link"))
    said.setdefault("date", entry.get("updated"))
    summary = _words(entry.get("summary") or entry.get("content") or "")
    return {**said, "source": title, "url": entry.get("link"), "summary": summary or entry.get("title")}


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

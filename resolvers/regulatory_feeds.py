"""Feeds of news about rules: JSON, CSV, RSS 2.0 and Atom (RFC 4287), understood without trusting them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from itertools import islice
from typing import Any

# Entities cannot be expanded: a feed that declares a document type is refused before anything in it is looked at.
from xml.parsers import expat

from domain.errors import DomainError, invalid
from domain.levels import Level
from domain.texts import LONGEST_CELL
from domain.values import ABSENT, Absent
from resolvers.regulatory_update_writes import FeedBatch, UpdateDraft

LARGEST = 5_000_000
"""Most bytes of a feed: far more than the entries that one request may bring."""
MOST = 20_000
"""Most entries of a feed: a file of short lines has millions, which take far more memory than the file."""
_TAG = re.compile("<[^<>]*>")
_DEEPEST = 50

_NAMES = {
    "title": "title",
    "date": "date",
    "publishedon": "date",
    "published": "date",
    "datepublished": "date",
    "pubdate": "date",
    "jurisdiction": "jurisdiction",
    "updatetype": "update_type",
    "type": "update_type",
    "impactlevel": "impact_level",
    "impact": "impact_level",
    "summary": "summary",
    "description": "summary",
    "contenttext": "summary",
    "affectedindustries": "affected_industries",
    "industries": "affected_industries",
    "deadline": "deadline",
    "source": "source",
    "externalid": "external_id",
    "id": "external_id",
    "guid": "external_id",
}
"""What properties and columns are called, without case, blanks and underscores."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedImport:
    """A feed, and what is taken for granted of entries that do not say it themselves, as those of RSS do not."""

    file: Any
    jurisdiction: str | Absent | None = ABSENT
    update_type: str | Absent | None = ABSENT
    impact_level: Level | Absent | None = ABSENT
    affected_industries: list[str] | Absent | None = ABSENT
    source: str | Absent | None = ABSENT


def batch_of(content: bytes, wanted: FeedImport, most: int = MOST) -> FeedBatch:
    """The updates of a feed in UTF-8 (XML says its own encoding); it may take a second.

    JSON is a list of objects, or an object that has one as `updates` or `items`; CSV begins with a line of column
    names. Names are those of an update, in any case, with or without underscores; industries in CSV are separated by
    semicolons.

    Raises:
        DomainError: INVALID naming `file` when it is no feed, is too large, or has more than `most` entries.
    """
    if len(content) > LARGEST:
        raise invalid("file", f"file must have at most {LARGEST} bytes.")
    begin = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if begin == b"<":
        entries: Iterator[Mapping[str, Any]] = iter(_xml(content))
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise invalid("file", "file must be JSON, CSV, RSS or Atom in UTF-8.") from None
        entries = _json(text) if begin in (b"{", b"[") else _csv(text)
    known = {each.name: getattr(wanted, each.name) for each in fields(wanted) if each.name != "file"}
    usual = {name: value for name, value in known.items() if not isinstance(value, Absent) and value is not None}
    drafts = [_draft(each, usual) for each in islice(entries, most + 1)]
    if len(drafts) > most:
        raise invalid("file", f"file must hold at most {most} updates.")
    return FeedBatch(drafts)


def _draft(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> UpdateDraft | DomainError:
    """An entry as the use case takes it, or why it cannot be understood."""
    try:
        said = {name: _READ[name](value) for name, value in entry.items() if value not in (None, "", [])}
        return UpdateDraft(**{**defaults, **said})
    except DomainError as error:
        return error


def _json(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid("file", "file is not JSON.") from None
    if isinstance(found, dict):
        found = found.get("updates", found.get("items"))
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise invalid("file", "file must be a list of updates, or an object that has it as `updates` or `items`.")
    for each in found:
        yield {_NAMES[_plain(name)]: value for name, value in each.items() if _plain(name) in _NAMES}


def _csv(text: str) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [_NAMES.get(_plain(name)) for name in next(lines, [])]
        if "title" not in names:
            raise invalid("file", "file must begin with a line of column names, title among them.")
        for row in lines:
            if any(cell.strip() for cell in row):
                yield _cells(names, row)
    except csv.Error as error:
        raise invalid("file", f"file is not CSV: line {lines.line_num}: {error}.") from None


def _cells(names: Sequence[str | None], row: Sequence[str]) -> Mapping[str, Any]:
    cells = {name: cell.strip() for name, cell in zip(names, row, strict=False) if name}
    industries = cells.pop("affected_industries", "")
    return {**cells, "affected_industries": [each.strip() for each in industries.split(";") if each.strip()]}


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


def _refuse_document_type(*_: object) -> None:
    raise invalid("file", "file must not declare a document type.")


def _of_xml(entry: dict[str, str], title: str) -> Mapping[str, Any]:
    """An entry under the names of an update; the feed's title is the source, the summary loses its HTML."""
    said: dict[str, Any] = {name: entry[name] for name in ("title", "date", "external_id") if name in entry}
    said.setdefault("external_id", entry.get("link"))
    said.setdefault("date", entry.get("updated"))
    summary = _words(entry.get("summary") or entry.get("content") or "")
    return {**said, "source": title, "summary": summary or entry.get("title")}


def _words(text: str) -> str:
    """The words of an HTML text. A real parser takes minutes for some texts that were made to have it do so."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())


def _text(name: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise invalid(name, f"{name} must be a text.")
        return str(value)

    return read


def _day(name: str) -> Callable[[Any], date]:
    def read(value: Any) -> date:
        moment = _moment(value) if isinstance(value, str) and len(value) <= 60 else None
        if moment is None:
            raise invalid(name, f"{name} must be a day such as 2024-01-15.")
        return moment

    return read


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


def _level(value: Any) -> Level:
    if not isinstance(value, str) or value.strip().upper() not in Level.__members__:
        raise invalid("impactLevel", f"impactLevel must be one of {', '.join(Level.__members__)}.")
    return Level(value.strip().upper())


def _industries(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise invalid("affectedIndustries", "affectedIndustries must be a list of texts.")
    return value


def _plain(name: str) -> str:
    return "".join(name.split()).replace("_", "").replace("-", "").lower()


_READ: Mapping[str, Callable[[Any], Any]] = {
    **{name: _text(name) for name in ("title", "jurisdiction", "summary", "source")},
    "update_type": _text("updateType"),
    "external_id": _text("externalId"),
    "date": _day("date"),
    "deadline": _day("deadline"),
    "impact_level": _level,
    "affected_industries": _industries,
}

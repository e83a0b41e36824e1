"""Feeds of news about rules, in JSON, CSV, RSS 2.0 and Atom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from domain.errors import DomainError, invalid
from domain.levels import Level
from domain.values import ABSENT, Absent
from resolvers.feeds import LARGEST, MOST, FeedForm, day_of, entries_of, text_of
from resolvers.regulatory_update_writes import FeedBatch, UpdateDraft

__all__ = ["LARGEST", "FeedImport", "batch_of"]

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
_FORM = FeedForm("updates", _NAMES, frozenset({"affected_industries"}))


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
    """The updates of a feed; it may take a second.

    JSON is a list of objects, or an object that has one as `updates` or `items`; CSV begins with a line of column
    names. Names are those of an update, in any case, with or without underscores; industries in CSV are separated by
    semicolons.

    Raises:
        DomainError: INVALID naming `file` when it is no feed, is too large, or has more than `most` entries.
    """
    entries = entries_of(content, _FORM)
    known = {each.name: getattr(wanted, each.name) for each in fields(wanted) if each.name != "file"}
    usual = {name: value for name, value in known.items() if not isinstance(value, Absent) and value is not None}
    drafts = [_draft(each, usual) for each in islice(entries, most + 1)]
    if len(drafts) > most:
        raise invalid("file", f"file must hold at most {most} updates.")
    return FeedBatch(drafts)


def _draft(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> UpdateDraft | DomainError:
    """An entry as the use case takes it, or why it cannot be understood."""
    try:
        told = {name: value for name, value in entry.items() if name in _READ and value not in (None, "", [])}
        return UpdateDraft(**{**defaults, **{name: _READ[name](value) for name, value in told.items()}})
    except DomainError as error:
        return error


def _level(value: Any) -> Level:
    if not isinstance(value, str) or value.strip().upper() not in Level.__members__:
        raise invalid("impactLevel", f"impactLevel must be one of {', '.join(Level.__members__)}.")
    return Level(value.strip().upper())


def _industries(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise invalid("affectedIndustries", "affectedIndustries must be a list of texts.")
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {
    **{name: text_of(name) for name in ("title", "jurisdiction", "summary", "source")},
    "update_type": text_of("updateType"),
    "external_id": text_of("externalId"),
    "date": day_of("date"),
    "deadline": day_of("deadline"),
    "impact_level": _level,
    "affected_industries": _industries,
}

"""Importing news: what is known already stays as it is, what is new is kept, what cannot be understood is reported."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as day
from functools import partial
from itertools import islice
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.accounts import Account
from domain.errors import Code, DomainError, Problem, invalid, required
from domain.events import EventType
from domain.organizations import Organization
from domain.permissions import Permission
from domain.research import NewsEntry
from domain.texts import TEXT, line, needed
from domain.values import ABSENT, Absent
from resolvers.drafts import taken
from resolvers.feeds import MOST, FeedForm, day_of, entries_of, text_of
from resolvers.reads import Statement
from resolvers.sql import padded
from resolvers.unit import Keys, Unit, requires

Text = str | Absent | None
_NAMES = {
    "title": "title",
    "date": "published",
    "publishedon": "published",
    "published": "published",
    "datepublished": "published",
    "pubdate": "published",
    "summary": "summary",
    "description": "summary",
    "contenttext": "summary",
    "source": "source",
    "url": "url",
    "link": "url",
    "externalid": "external_id",
    "id": "external_id",
    "guid": "external_id",
}
_FORM = FeedForm("entries", _NAMES)
_NEEDED = ("title", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsDraft:
    """One entry; `external_id` is what its source calls it, by which or else by its words it is known again."""

    title: Text = ABSENT
    summary: Text = ABSENT
    url: Text = ABSENT
    published: day | Absent | None = ABSENT
    source: Text = ABSENT
    external_id: Text = ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsImport:
    """A feed as a file, or entries; `source` is that of entries that name none."""

    file: Any = ABSENT
    entries: list[NewsDraft] | Absent | None = ABSENT
    source: Text = ABSENT


@dataclass(frozen=True, slots=True)
class NewsBatch:
    """Entries to be kept, and what they came as; one that could not be understood says why instead."""

    entries: list[NewsDraft | DomainError]
    field: str = "file"


def batch_of(content: bytes, source: str | None, most: int = MOST) -> NewsBatch:
    """The entries of a feed; it may take a second.

    JSON is a list of objects, or an object that has one as `entries` or `items`; CSV begins with a line of column
    names.

    Raises:
        DomainError: INVALID naming `file` when it is no feed, is too large, or has more than `most` entries.
    """
    drafts = [_draft(each, source) for each in islice(entries_of(content, _FORM), most + 1)]
    if len(drafts) > most:
        raise invalid("file", f"file must hold at most {most} entries.")
    return NewsBatch(drafts)


def with_source(entries: Sequence[NewsDraft], source: str | None) -> NewsBatch:
    """Entries that name no source with this one."""
    named = (replace(each, source=source) if source and not each.source else each for each in entries)
    return NewsBatch([*named], "entries")


def checked(draft: NewsDraft) -> dict[str, Any]:
    """The columns of an entry.

    Raises:
        DomainError: every problem at once, each naming its field.
    """
    missing = [name for name in _NEEDED if getattr(draft, name) in (ABSENT, None)]
    if missing:
        raise DomainError([Problem(Code.REQUIRED, f"{name} is required.", name) for name in missing])
    known = {"summary": None, "url": None, "source": None, "external_id": None} | taken(draft, _CHECKS)
    external = known.pop("external_id")
    source = known["source"] or "import"
    words = external or known["url"] or f"{known['title']}\n{known['published']}"
    digest = hashlib.sha256(f"{source}\n{words}".encode()).hexdigest()
    return known | {"source": source, "summary": known["summary"] or known["title"], "digest": digest}


@requires(Permission.WRITE_ACCOUNTS)
async def import_many(unit: Unit, batch: NewsBatch) -> Keys:
    """Import news; what is known already stays as it is, bad entries are reported by their place."""
    if len(batch.entries) > unit.bulk:
        raise invalid(batch.field, f"{batch.field} must hold at most {unit.bulk} entries, not {len(batch.entries)}.")
    return await keep(unit, batch)


async def keep(unit: Unit, batch: NewsBatch) -> Keys:
    """Keep entries, on whoever's behalf."""
    rows: dict[str, dict[str, Any]] = {}
    rejected: list[dict[str, Any]] = []
    for index, draft in enumerate(batch.entries):
        try:
            if isinstance(draft, DomainError):
                raise draft
            row = checked(draft)
        except DomainError as error:
            told = [{"code": each.code, "message": each.message, "field": each.field} for each in error.problems]
            rejected.append({"index": index, "errors": told})
        else:
            rows.setdefault(row["digest"], row)
    created = await _insert(unit, list(rows.values()))
    if created:
        unit.record(EventType.NEWS_IMPORTED, created[0], {"created": len(created)})
    known = len(batch.entries) - len(rejected) - len(created)
    return {"created": len(created), "unchanged": known, "rejected": rejected}


def organizations() -> Statement:
    """Organizations with companies, which news may be about; sandboxes have none from outside."""
    known = select(Account.id).where(Account.organization_id == Organization.id).exists()
    return select(Organization.id).where(known, Organization.sandbox_of_id.is_(None))


async def forget(unit: Unit, before: day, most: int) -> Keys:
    """Forget news that was published before a day; researches keep what they told of it."""
    own = (NewsEntry.organization_id == unit.viewer.organization_id, NewsEntry.published < before)
    ids = list(await unit.session.scalars(select(NewsEntry.id).where(*own).order_by(NewsEntry.published).limit(most)))
    if ids:
        gone = delete(NewsEntry).where(NewsEntry.id.in_(padded(ids)))
        await unit.session.execute(gone.execution_options(synchronize_session=False))
        unit.record(EventType.NEWS_IMPORTED, _Named(ids[0]), {"created": 0, "forgotten": len(ids)})
    return {"forgotten": len(ids)}


@dataclass(frozen=True, slots=True)
class _Named:
    """An entry that an event is about."""

    id: str


async def _insert(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> list[_Named]:
    """The entries that were not known; another writer may enter the same at the same moment."""
    if not rows:
        return []
    table = NewsEntry.__table__
    assert isinstance(table, Table)  # noqa: S101 - an entity's is one
    head = {"organization_id": unit.viewer.organization_id, "created_at": unit.now}
    values = [{**head, "id": NewsEntry.new_id(), **row} for row in rows]
    own = select(NewsEntry.digest).where(NewsEntry.organization_id == unit.viewer.organization_id)
    known = set(await unit.session.scalars(own.where(NewsEntry.digest.in_(padded([row["digest"] for row in values])))))
    new = [row for row in values if row["digest"] not in known]
    if not new:
        return []
    insert = postgresql.insert if unit.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing(index_elements=("organization_id", "digest"))
    await unit.session.execute(statement, new)
    kept = await unit.session.scalars(select(NewsEntry.id).where(NewsEntry.id.in_(padded([row["id"] for row in new]))))
    return [_Named(each) for each in sorted(kept)]


def _draft(entry: Mapping[str, Any], source: str | None) -> NewsDraft | DomainError:
    """An entry as the use case takes it, or why it cannot be understood."""
    if "published" not in entry and "date" in entry:
        entry = {**entry, "published": entry["date"]}
    try:
        told = {name: value for name, value in entry.items() if name in _READ and value not in (None, "")}
        read = {name: _READ[name](value) for name, value in told.items()}
        return NewsDraft(**{**({"source": source} if source else {}), **_fitting(read)})
    except DomainError as error:
        return error


def _fitting(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry whose texts are as long as they may be: feeds know no bounds."""
    bounds = {"title": 300, "summary": TEXT, "source": 200, "url": 2_000}
    return {name: value[: bounds[name]] if name in bounds else value for name, value in entry.items()}


def _day(value: day | None) -> day:
    if value is None:
        raise required("published")
    return value


def _url(value: str | None) -> str | None:
    address = line("url", value, 2_000)
    if address and not address.startswith(("https://", "http://")):
        raise invalid("url", "url must begin with https:// or http://.")
    return address


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": lambda value: needed("title", value, 300).strip(),
    "summary": partial(line, "summary", longest=TEXT),
    "url": _url,
    "published": _day,
    "source": partial(line, "source"),
    "external_id": partial(line, "externalId", longest=2_000),
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    **{name: text_of(name) for name in ("title", "summary", "url", "source")},
    "external_id": text_of("externalId"),
    "published": day_of("published"),
}

"""Imported news, which researches look for companies in."""

import asyncio
from datetime import date as day
from datetime import datetime
from typing import Any, ClassVar

import strawberry
from strawberry import UNSET

from domain.errors import invalid
from domain.values import present
from resolvers import feeds, news, news_writes
from resolvers.desk import Desk
from schema.engine.forms import change, connection, one
from schema.engine.inputs import mirrors
from schema.engine.scalars import Upload
from schema.nodes import Connection, Node, Payload, UserError


@strawberry.type(description="One entry of imported news.")
class NewsEntry(Node, read=news.visible):
    """One entry of imported news."""

    title: str
    summary: str
    url: str | None
    source: str
    published: day
    created_at: datetime


@mirrors(news.NewsFilter)
class NewsFilter:
    """Which news is wanted."""

    source: str | None = UNSET
    search: str | None = strawberry.field(default=UNSET, description="Part of title or summary.")
    published_from: day | None = UNSET
    published_to: day | None = UNSET


@mirrors(news_writes.NewsDraft)
class NewsEntryInput:
    """One entry of news."""

    title: str
    published: day
    summary: str | None = UNSET
    url: str | None = UNSET
    source: str | None = UNSET
    external_id: str | None = strawberry.field(default=UNSET, description="What its source calls it; known once only.")


@mirrors(news_writes.NewsImport)
class ImportNewsInput:
    """A feed in JSON, CSV, RSS or Atom, or entries."""

    file: Upload | None = UNSET
    entries: list[NewsEntryInput] | None = UNSET
    source: str | None = strawberry.field(default=UNSET, description="Of entries that name none.")


@strawberry.type(description="An entry that was not taken in, and why.")
class RejectedNewsEntry:
    """An entry that was not taken in, and why."""

    index: int = strawberry.field(description="Its place, from 0.")
    errors: list[UserError]


@strawberry.type
class ImportNewsPayload(Payload):
    """How many entries are new, were known already, or could not be taken in."""

    blank: ClassVar[dict[str, Any]] = {"created": 0, "unchanged": 0, "rejected": []}

    created: int
    unchanged: int
    rejected: list[RejectedNewsEntry]


async def read_news(desk: Desk, wanted: news_writes.NewsImport) -> news_writes.NewsBatch:
    """The entries that were sent, a file read beside the event loop."""
    file, entries = present(wanted.file, None), present(wanted.entries, None)
    if (file is None) == (entries is None):
        raise invalid("file", "Either file or entries must be given.")
    source = present(wanted.source, None)
    if entries is not None:
        return news_writes.with_source(entries, source)
    content = await file.read(feeds.LARGEST + 1)
    return await asyncio.to_thread(news_writes.batch_of, content, source, desk.bulk)


@strawberry.type
class NewsQueries:
    """Reads of news."""

    news_entry: NewsEntry | None = one(news.visible, "An entry of imported news.")
    news_entries: Connection[NewsEntry] = connection(
        news.search, "Imported news, the latest published first.", where=NewsFilter
    )


@strawberry.type
class NewsMutations:
    """What can be done with news."""

    import_news: ImportNewsPayload = change(news_writes.import_many, read_news, input=ImportNewsInput)

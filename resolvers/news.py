"""Reads of imported news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.permissions import Permission
from domain.research import NewsEntry, NewsItem
from domain.viewer import Viewer
from resolvers.reads import Listing, Order, Statement, ToOne, reads, visible_to
from resolvers.sql import contains


@dataclass(frozen=True, slots=True)
class NewsFilter:
    """Which news is wanted; bounds are inclusive."""

    source: str | None = None
    search: str | None = None
    published_from: date | None = None
    published_to: date | None = None


@reads(NewsEntry, Permission.READ_ACCOUNTS)
def visible(viewer: Viewer) -> Statement:
    """News of the organization."""
    return visible_to(viewer, NewsEntry)


@reads(NewsEntry, Permission.READ_ACCOUNTS)
def search(viewer: Viewer, where: NewsFilter | None = None) -> Listing:
    """News, the latest published first."""
    statement, own = visible_to(viewer, NewsEntry), NewsEntry
    where = where or NewsFilter()
    if where.source is not None:
        statement = statement.where(own.source == where.source)
    if where.search and where.search.strip():
        statement = statement.where(contains(where.search, own.title, own.summary))
    if where.published_from:
        statement = statement.where(own.published >= where.published_from)
    if where.published_to:
        statement = statement.where(own.published <= where.published_to)
    return Listing(statement, Order(own.published))


of_item = ToOne(visible, NewsItem.entry_id)

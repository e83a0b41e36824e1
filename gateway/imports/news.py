"""Importing news; what is known already stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from domain.errors import DomainError
from gateway.imports.feeds import FeedImporting
from gateway.imports.running import Stored
from resolvers import news_writes
from resolvers.news_writes import NewsBatch, NewsDraft
from resolvers.unit import Unit


class NewsImporting(FeedImporting[NewsDraft]):
    """News as a feed tells it."""

    def __init__(self, content: BinaryIO, source: str | None) -> None:
        """A feed as it stands in a file; `source` is that of entries that name none."""
        super().__init__(content)
        self._source = source

    def entries_of(self, data: bytes) -> Sequence[NewsDraft | DomainError]:
        """What the feed holds."""
        return news_writes.batch_of(data, self._source).entries

    def check(self, entry: NewsDraft) -> None:
        """Let an entry pass that says what news has to say."""
        news_writes.checked(entry)

    async def store(self, unit: Unit, prepared: Sequence[NewsDraft]) -> Stored:
        """Keep what is new."""
        kept = await news_writes.import_many(unit, NewsBatch(list(prepared)))
        return Stored(new=kept["created"], known=kept["unchanged"])

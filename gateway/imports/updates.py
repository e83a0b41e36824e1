"""Importing news about rules; what its source calls by an id is taken in once and kept up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from domain.errors import DomainError
from gateway.imports.feeds import FeedImporting
from gateway.imports.running import Stored
from resolvers import regulatory_feeds, regulatory_update_writes
from resolvers.regulatory_feeds import FeedImport
from resolvers.regulatory_update_writes import FeedBatch, FeedOutcome, UpdateDraft
from resolvers.unit import Unit


class UpdateImporting(FeedImporting[UpdateDraft]):
    """News about rules as a feed tells it."""

    def __init__(self, content: BinaryIO, wanted: FeedImport) -> None:
        super().__init__(content)
        self._wanted = wanted

    def entries_of(self, data: bytes) -> Sequence[UpdateDraft | DomainError]:
        """What the feed holds."""
        return regulatory_feeds.batch_of(data, self._wanted).entries

    def check(self, entry: UpdateDraft) -> None:
        """Let an entry pass that says what news about a rule has to say."""
        regulatory_update_writes.complete(entry)

    async def store(self, unit: Unit, prepared: Sequence[UpdateDraft]) -> Stored:
        """Enter what is new, and bring up to date what is known."""
        kept = await regulatory_update_writes.enter_many(unit, FeedBatch(list(prepared)))
        known = kept[FeedOutcome.UNCHANGED.lower()]
        return Stored(new=len(prepared) - known, known=known)

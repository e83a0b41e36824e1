"""Importing news about rules; what its source calls by an id is taken in once and kept up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from domain.errors import DomainError
from domain.performance_rows import RejectedRow
from gateway.imports.running import Piece, Seen, Stored, Tell
from resolvers import regulatory_feeds, regulatory_update_writes
from resolvers.desk import Desk
from resolvers.regulatory_feeds import FeedImport
from resolvers.regulatory_update_writes import FeedBatch, FeedOutcome, UpdateDraft
from resolvers.unit import Unit


class UpdateImporting:
    """The entries of a feed, which is small enough to be read whole."""

    def __init__(self, content: BinaryIO, wanted: FeedImport) -> None:
        self._content = content
        self._wanted = wanted
        self._entries: list[UpdateDraft] = []

    def close(self) -> None:
        """Nothing is held."""

    def look(self, tell: Tell) -> Seen:
        """Read the feed and check every entry; its place stands for a line."""
        data, seen = self._content.read(regulatory_feeds.LARGEST + 1), Seen()
        for place, entry in enumerate(regulatory_feeds.batch_of(data, self._wanted).entries, 1):
            try:
                if isinstance(entry, DomainError):
                    raise entry
                regulatory_update_writes.complete(entry)
            except DomainError as error:
                problem = error.problems[0]
                seen.reject(RejectedRow(place, problem.field, problem.message))
            else:
                self._entries.append(entry)
        tell(len(data))
        seen.rows = len(self._entries)
        return seen

    def pieces(self, size: int) -> Iterator[Piece[UpdateDraft]]:
        """The entries in their order."""
        for start in range(0, len(self._entries), size):
            part = self._entries[start : start + size]
            yield Piece(part, len(part))

    async def prepare(self, desk: Desk, piece: Piece[UpdateDraft]) -> FeedBatch:
        """Nothing takes long."""
        return FeedBatch(list(piece.items))

    async def store(self, unit: Unit, prepared: FeedBatch) -> Stored:
        """Enter what is new, and bring up to date what is known."""
        kept = await regulatory_update_writes.enter_many(unit, prepared)
        known = kept[FeedOutcome.UNCHANGED.lower()]
        return Stored(new=len(prepared.entries) - known, known=known)

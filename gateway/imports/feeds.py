"""Importing the entries of a feed, which is small enough to be read whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Generic, TypeVar

from domain.errors import DomainError
from domain.rejected_rows import RejectedRow
from gateway.imports.running import Piece, Seen, Stored, Tell
from resolvers import feeds
from resolvers.desk import Desk
from resolvers.unit import Unit

Draft = TypeVar("Draft")


class FeedImporting(ABC, Generic[Draft]):
    """The entries of a feed, each checked before the first is kept."""

    def __init__(self, content: BinaryIO) -> None:
        """A feed as it stands in a file."""
        self._content = content
        self._entries: list[Draft] = []

    @abstractmethod
    def entries_of(self, data: bytes) -> Sequence[Draft | DomainError]:
        """What a feed holds; what cannot be read of it stands as its refusal."""

    @abstractmethod
    def check(self, entry: Draft) -> None:
        """Let an entry pass that can be kept.

        Raises:
            DomainError: INVALID naming the field.
        """

    @abstractmethod
    async def store(self, unit: Unit, prepared: Sequence[Draft]) -> Stored:
        """Keep a piece, and say how many of its entries were new."""

    def close(self) -> None:
        """Nothing is held."""

    async def finish(self, unit: Unit) -> None:
        """No piece leaves anything to another."""

    def look(self, tell: Tell) -> Seen:
        """Read the feed and check every entry; its place stands for a line."""
        data, seen = self._content.read(feeds.LARGEST + 1), Seen()
        for place, entry in enumerate(self.entries_of(data), 1):
            try:
                if isinstance(entry, DomainError):
                    raise entry
                self.check(entry)
            except DomainError as error:
                problem = error.problems[0]
                seen.reject(RejectedRow(place, problem.field, problem.message))
            else:
                self._entries.append(entry)
        tell(len(data))
        seen.rows = len(self._entries)
        return seen

    def pieces(self, size: int) -> Iterator[Piece[Draft]]:
        """The entries in their order."""
        for start in range(0, len(self._entries), size):
            part = self._entries[start : start + size]
            yield Piece(part, len(part))

    async def prepare(self, desk: Desk, piece: Piece[Draft]) -> Sequence[Draft]:
        """Nothing takes long."""
        return piece.items

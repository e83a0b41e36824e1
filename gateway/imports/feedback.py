"""Importing feedback; what says when it was given is taken in once, however often it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from domain.intelligence.feedback_findings import FeedbackSource
from domain.performance_rows import RejectedRow
from gateway.imports.running import Piece, Seen, Stored, Tell
from resolvers import feedback_writes
from resolvers.desk import Desk
from resolvers.feedback_files import FeedbackRow, read_feedback, unknown
from resolvers.feedback_writes import AnalyzedFeedback
from resolvers.unit import Unit

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Analyzed:
    items: list[AnalyzedFeedback]
    known: int


class FeedbackImporting:
    """Feedback of a file, read twice: first to see what is in it."""

    def __init__(self, content: BinaryIO, now: datetime, usual: FeedbackSource | None) -> None:
        """`usual` is the source of rows that name none."""
        self._content = content
        self._now = now
        self._usual = usual

    def close(self) -> None:
        """Nothing is held."""

    def look(self, tell: Tell) -> Seen:
        """Read the file and check every row."""
        seen = Seen()
        for row in self._rows():
            if isinstance(row, RejectedRow):
                seen.reject(row)
            else:
                seen.rows += 1
            if seen.rows % _AT_ONCE == 0:
                tell(self._content.tell())
        return seen

    def pieces(self, size: int) -> Iterator[Piece[FeedbackRow]]:
        """The rows that can be taken in, in the order of the file."""
        items: list[FeedbackRow] = []
        for row in self._rows():
            if isinstance(row, FeedbackRow):
                items.append(row)
            if len(items) == size:
                yield Piece(items, size)
                items = []
        if items:
            yield Piece(items, len(items))

    async def prepare(self, desk: Desk, piece: Piece[FeedbackRow]) -> _Analyzed:
        """Analyse what is not there yet."""
        fresh = await unknown(desk, piece.items)
        analyzed = await feedback_writes.prepare(desk, [each.draft for each in fresh]) if fresh else []
        return _Analyzed(analyzed, len(piece.items) - len(fresh))

    async def store(self, unit: Unit, prepared: _Analyzed) -> Stored:
        """Take it in."""
        await feedback_writes.store_many(unit, prepared.items)
        return Stored(new=len(prepared.items), known=prepared.known)

    def _rows(self) -> Iterator[FeedbackRow | RejectedRow]:
        self._content.seek(0)
        return read_feedback(self._content, self._now, self._usual)

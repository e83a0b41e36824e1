"""Importing feedback; what says when it was given is taken in once, however often it is imported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from domain.intelligence.feedback_findings import FeedbackSource
from gateway.imports.running import Piece, ReadTwice, Stored
from resolvers import feedback_writes
from resolvers.desk import Desk
from resolvers.feedback_files import FeedbackRow, read_feedback, unknown
from resolvers.feedback_writes import AnalyzedFeedback
from resolvers.unit import Unit


@dataclass(frozen=True, slots=True)
class _Analyzed:
    items: list[AnalyzedFeedback]
    known: int


class FeedbackImporting(ReadTwice[FeedbackRow]):
    """Feedback of a file."""

    def __init__(self, content: BinaryIO, now: datetime, usual: FeedbackSource | None) -> None:
        """`usual` is the source of rows that name none."""
        super().__init__(content, lambda file: read_feedback(file, now, usual))

    async def prepare(self, desk: Desk, piece: Piece[FeedbackRow]) -> _Analyzed:
        """Analyse what is not there yet."""
        fresh = await unknown(desk, piece.items)
        analyzed = await feedback_writes.prepare(desk, [each.draft for each in fresh]) if fresh else []
        return _Analyzed(analyzed, len(piece.items) - len(fresh))

    async def store(self, unit: Unit, prepared: _Analyzed) -> Stored:
        """Take it in."""
        await feedback_writes.store_many(unit, prepared.items)
        return Stored(new=len(prepared.items), known=prepared.known)

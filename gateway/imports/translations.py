"""Importing translations; one that is known already is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from domain.performance_rows import RejectedRow
from gateway.imports.running import Piece, Seen, Stored, Tell
from resolvers import translations
from resolvers.desk import Desk
from resolvers.translation_files import checked
from resolvers.translations import TranslationBatch
from resolvers.unit import Unit

_AT_ONCE = 500


class TranslationImporting:
    """Translations of a file, read twice: first to see what is in it."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def close(self) -> None:
        """Nothing is held."""

    def look(self, tell: Tell) -> Seen:
        """Read the file and check every translation."""
        seen = Seen()
        for row in self._rows():
            if isinstance(row, RejectedRow):
                seen.reject(row)
            else:
                seen.rows += 1
                if seen.rows % _AT_ONCE == 0:
                    tell(self._content.tell())
        return seen

    def pieces(self, size: int) -> Iterator[Piece[dict[str, Any]]]:
        """The translations that can be taken in, in the order of the file."""
        items: list[dict[str, Any]] = []
        for row in self._rows():
            if not isinstance(row, RejectedRow):
                items.append(row)
            if len(items) == size:
                yield Piece(items, size)
                items = []
        if items:
            yield Piece(items, len(items))

    async def prepare(self, desk: Desk, piece: Piece[dict[str, Any]]) -> TranslationBatch:
        """Nothing takes long."""
        return TranslationBatch(piece.items)

    async def store(self, unit: Unit, prepared: TranslationBatch) -> Stored:
        """Put them into the memory."""
        await translations.import_many(unit, prepared)
        return Stored(new=len(prepared.values))

    def _rows(self) -> Iterator[dict[str, Any] | RejectedRow]:
        self._content.seek(0)
        return checked(self._content)

"""Importing translations; one that is known already is replaced."""

from __future__ import annotations

from typing import Any, BinaryIO

from gateway.imports.running import Piece, ReadTwice, Stored
from resolvers import translations
from resolvers.desk import Desk
from resolvers.translation_files import checked
from resolvers.translations import TranslationBatch
from resolvers.unit import Unit


class TranslationImporting(ReadTwice[dict[str, Any]]):
    """Translations of a file."""

    def __init__(self, content: BinaryIO) -> None:
        super().__init__(content, checked)

    async def prepare(self, desk: Desk, piece: Piece[dict[str, Any]]) -> TranslationBatch:
        """Nothing takes long."""
        return TranslationBatch(piece.items)

    async def store(self, unit: Unit, prepared: TranslationBatch) -> Stored:
        """Put them into the memory."""
        await translations.import_many(unit, prepared)
        return Stored(new=len(prepared.values))

"""Translations as they are sent: a CSV or TMX file, each of them checked as if it were entered by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, BinaryIO

from domain.errors import DomainError, invalid
from domain.rejected_rows import RejectedRow
from domain.translation_files import COLUMNS, NEEDED, TranslationRow, read_translations
from resolvers.desk import Desk
from resolvers.translations import TranslationBatch, TranslationDraft, values_of

_CALLED = {"sourceLanguage": "source_language", "targetLanguage": "target_language"}
"""What columns are called that fields call otherwise."""


async def read_file(desk: Desk, file: Any) -> TranslationBatch:
    """The translations of a file, those that cannot be taken in apart.

    Raises:
        DomainError: INVALID naming `file` when it is no such file, or is too large.
    """
    terms = desk.outside.marketing
    if (file.size or 0) > terms.import_bytes:
        raise invalid("file", f"file must have at most {terms.import_bytes} bytes; more goes by `trigraph import`.")
    # Reading takes a while, and others are waiting.
    return await asyncio.to_thread(_gathered, file.file, terms.import_rows)


def _gathered(content: BinaryIO, most: int) -> TranslationBatch:
    values: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for row in checked(content):
        if isinstance(row, RejectedRow):
            rejected.append({"line": row.line, "column": row.column, "reason": row.reason})
        else:
            values.append(row)
        if len(values) + len(rejected) > most:
            raise invalid("file", f"file must have at most {most} translations; more go by `trigraph import`.")
    return TranslationBatch(values, rejected)


def checked(content: BinaryIO) -> Iterator[dict[str, Any] | RejectedRow]:
    """The translations of a file as they are kept, and those that cannot be.

    Raises:
        DomainError: INVALID naming `file` when it is neither CSV nor TMX.
    """
    for row in read_translations(content):
        yield row if isinstance(row, RejectedRow) else _kept(row)


def _kept(row: TranslationRow) -> dict[str, Any] | RejectedRow:
    told = {name: row.cells[name] for name in COLUMNS if row.cells.get(name, "").strip()}
    try:
        return values_of(TranslationDraft(**(dict.fromkeys(NEEDED, "") | told)))
    except DomainError as error:
        problem = error.problems[0]
        return RejectedRow(row.line, _CALLED.get(problem.field or "", problem.field), problem.message)

"""Importing how campaigns did, day by day; a second import of the same days changes nothing."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from domain.performance_files import read_performance
from domain.performance_rows import PerformanceRow
from domain.rejected_rows import RejectedRow
from gateway.imports.running import Piece, Seen, Stored, Tell
from resolvers import ad_performance
from resolvers.ad_performance import PerformanceImport
from resolvers.desk import Desk
from resolvers.unit import Unit

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Days(Piece[PerformanceRow]):
    """Days in order; `unfinished` is the campaign of the last one, if the next piece begins with it."""

    unfinished: str | None


class PerformanceImporting:
    """Rows of an advertising platform's report.

    Rows of the same campaign, day, region and segment belong together wherever they are in the file, so they are laid
    aside in a file of their own and taken from there in order. A campaign is added up with the last of its days, or
    each piece of a long history would read all of it.
    """

    def __init__(self, content: BinaryIO, folder: Path) -> None:
        """`folder` is where they are laid aside."""
        self._content = content
        self._unfinished: str | None = None
        self._aside = sqlite3.connect(folder / "rows.db", check_same_thread=False, isolation_level=None)
        self._aside.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; CREATE TABLE row (key, body)")

    def close(self) -> None:
        """Give up what was laid aside."""
        self._aside.close()

    def look(self, tell: Tell) -> Seen:
        """Read the file, and lay its rows aside."""
        seen, waiting = Seen(), list[tuple[str, bytes]]()
        for row in read_performance(self._content):
            if isinstance(row, RejectedRow):
                seen.reject(row)
                continue
            seen.rows += 1
            waiting.append((_key(row), pickle.dumps(row)))
            if len(waiting) == _AT_ONCE:
                self._lay(waiting)
                tell(self._content.tell())
        self._lay(waiting)
        return seen

    def _lay(self, waiting: list[tuple[str, bytes]]) -> None:
        self._aside.execute("BEGIN")
        self._aside.executemany("INSERT INTO row VALUES (?, ?)", waiting)
        self._aside.execute("COMMIT")
        waiting.clear()

    def pieces(self, size: int) -> Iterator[Days]:
        """Days in order, rows of the same one added up."""
        items: list[PerformanceRow] = []
        rows = 0
        for day, of_file in self._days():
            if len(items) == size:
                last = items[-1].campaign_id
                going_on = last if day.campaign_id == last else None
                yield Days(items, rows, going_on)
                # Who asks for another piece has stored this one.
                self._unfinished, items, rows = going_on, [], 0
            items.append(day)
            rows += of_file
        if items:
            yield Days(items, rows, None)
            self._unfinished = None

    def _days(self) -> Iterator[tuple[PerformanceRow, int]]:
        """Each day, and how many rows of the file it is made of."""
        ordered = self._aside.execute("SELECT key, body FROM row ORDER BY key, rowid")
        for _, group in groupby(ordered, lambda each: each[0]):
            # This very process has written them a moment ago.
            first, *others = (pickle.loads(body) for _, body in group)  # noqa: S301
            whole = first.fact.figures
            for each in others:
                whole += each.fact.figures
            yield replace(first, fact=replace(first.fact, figures=whole)), 1 + len(others)

    async def prepare(self, desk: Desk, piece: Piece[PerformanceRow]) -> Piece[PerformanceRow]:
        """Nothing takes long."""
        return piece

    async def store(self, unit: Unit, prepared: Days) -> Stored:
        """Put the days in place of what was known of them."""
        await ad_performance.import_rows(unit, PerformanceImport(prepared.items, unfinished=prepared.unfinished))
        return Stored(new=prepared.rows)

    async def finish(self, unit: Unit) -> None:
        """Add up the campaign amid whose days the import broke off."""
        if self._unfinished is not None:
            await ad_performance.finish(unit, self._unfinished)


def _key(row: PerformanceRow) -> str:
    return "\0".join((row.campaign_id, str(row.fact.day), row.fact.region, row.fact.segment))


def opened(content: BinaryIO) -> tuple[tempfile.TemporaryDirectory[str], PerformanceImporting]:
    """An import with a folder of its own, which is to be given up afterwards."""
    folder = tempfile.TemporaryDirectory(prefix="trigraph-import-")
    return folder, PerformanceImporting(content, Path(folder.name))

"""One import from its file to its end: how far it is stands in the graph, and what it could not take in a report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from domain.errors import invalid
from domain.rejected_rows import RejectedRow
from gateway.database import Database
from gateway.operators import operator, run
from resolvers import job_imports
from resolvers.desk import Desk
from resolvers.unit import Keys, Unit

T = TypeVar("T")
Tell = Callable[[int], None]
_AT_ONCE = 500
"""Rows after which it is told how much of the file was read."""
MOST_REJECTED = 100_000
"""Rows that are listed as rejected, all of them in memory."""


@dataclass(slots=True)
class Seen:
    """What the first reading found: rows that can be taken in, and those that cannot."""

    rows: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    def reject(self, row: RejectedRow) -> None:
        """Remember a row that cannot be taken in.

        Raises:
            DomainError: INVALID when there are so many that something is wrong with the whole file.
        """
        self.rejected.append(row)
        if len(self.rejected) > MOST_REJECTED:
            why = f"{row.column}: {row.reason}" if row.column else row.reason
            raise invalid(
                "file", f"More than {MOST_REJECTED:,} rows cannot be taken in, the last in line {row.line}: {why}"
            )


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """Items that are stored together, and how many rows of the file they stand for."""

    items: Sequence[T]
    rows: int


@dataclass(slots=True)
class Stored:
    """What became of a piece: rows stored, rows that were there already, and rows refused."""

    new: int = 0
    known: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What an import did; `job` names it in the graph, None where nothing was stored."""

    rows: int
    new: int = 0
    known: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)
    job: str | None = None


class Importing(Protocol[T]):
    """What can be imported."""

    def look(self, tell: Tell) -> Seen:
        """Read the file once; `tell` hears how many bytes of it were read. It runs in a thread.

        Raises:
            DomainError: INVALID naming `file`.
        """
        ...

    def pieces(self, size: int) -> Iterator[Piece[T]]:
        """What was found, in pieces of about that many rows; it runs in a thread."""
        ...

    async def prepare(self, desk: Desk, piece: Piece[T]) -> Any:
        """What takes long, before the transaction of a piece."""
        ...

    async def store(self, unit: Unit, prepared: Any) -> Stored:
        """Store a piece; it may be run again when another writer came first."""
        ...

    async def finish(self, unit: Unit) -> None:
        """Put in order what a piece has left to others that did not come."""
        ...


class ReadTwice(Generic[T]):
    """A file whose rows are taken in its own order: read once to see what is in it, and once more to take it."""

    def __init__(self, content: BinaryIO, read: Callable[[BinaryIO], Iterator[T | RejectedRow]]) -> None:
        """`read` yields the rows from where the file stands, which is its beginning, and those that cannot be taken."""
        self._content = content
        self._read = read

    def close(self) -> None:
        """Nothing is held."""

    async def finish(self, unit: Unit) -> None:
        """No piece leaves anything to another."""

    def look(self, tell: Tell) -> Seen:
        """Read the file and check every row."""
        seen = Seen()
        for row in self._rows():
            if isinstance(row, RejectedRow):
                seen.reject(row)
                continue
            seen.rows += 1
            if seen.rows % _AT_ONCE == 0:
                tell(self._content.tell())
        return seen

    def pieces(self, size: int) -> Iterator[Piece[T]]:
        """The rows that can be taken in, in the order of the file."""
        items: list[T] = []
        for row in self._rows():
            if not isinstance(row, RejectedRow):
                items.append(row)
            if len(items) == size:
                yield Piece(items, size)
                items = []
        if items:
            yield Piece(items, len(items))

    def _rows(self) -> Iterator[T | RejectedRow]:
        self._content.seek(0)
        return self._read(self._content)


async def import_file(
    database: Database,
    organization_id: str,
    what: Importing[Any],
    *,
    size: int,
    dry: bool,
    looking: Tell,
    storing: Callable[[int, int], None],
) -> Report:
    """Import a file: `size` rows in one transaction; `dry` only looks. `storing` hears rows done, and how many in all.

    Raises:
        DomainError: INVALID naming `file`, UNAVAILABLE when the database is; what was stored before stays.
    """
    seen = await asyncio.to_thread(what.look, looking)
    report = Report(seen.rows + len(seen.rejected), rejected=seen.rejected)
    if dry or not seen.rows:
        return report
    total = report.rows
    begun = await run(database, organization_id, job_imports.begin, total, len(seen.rejected))
    report.job = begun["batch"]
    try:
        pieces = what.pieces(size)
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            stored = await _store(database, organization_id, what, piece, begun["batch"])
            report.new += stored.new
            report.known += stored.known
            report.rejected += stored.rejected
            storing(piece.rows, seen.rows)
    finally:
        await run(database, organization_id, _finish, what, begun["batch"])
    return report


async def _finish(unit: Unit, what: Importing[Any], job_id: str) -> Keys:
    await what.finish(unit)
    return await job_imports.finish(unit, job_id)


async def _store(
    database: Database, organization_id: str, what: Importing[Any], piece: Piece[Any], job_id: str
) -> Stored:
    viewer = operator(organization_id)
    desk = Desk(viewer, database.clock.now(), database.outside, database.rows, database.bulk)
    prepared = await what.prepare(desk, piece)
    held: list[Stored] = []

    async def work(unit: Unit) -> Keys:
        held[:] = [await what.store(unit, prepared)]
        failed = len(held[0].rejected)
        await job_imports.advance(unit, job_id, piece.rows - failed, failed)
        return {}

    await database.transact(viewer, work)
    return held[0]

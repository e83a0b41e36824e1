"""Cursors of SQLite that have their rows as soon as they have executed."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

Work = Callable[[sqlite3.Cursor], object]
"""What a cursor of the driver's is to do."""


class Ran(NamedTuple):
    """What a statement brought."""

    description: Any
    rows: Sequence[Any]
    rowcount: int
    lastrowid: int | None


class Cursor:
    """The rows of a statement, all there as soon as it was executed."""

    def __init__(self, run: Callable[[Work], Awaitable[Ran]]) -> None:
        """A cursor of the connection whose thread `run` has do something."""
        self._ask = run
        self._rows: deque[Any] = deque()
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Cursor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Any = ()) -> Cursor:
        """Run a statement."""
        return await self._run(lambda cursor: cursor.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Any) -> Cursor:
        """Run a statement with each of several sets of values."""
        return await self._run(lambda cursor: cursor.executemany(sql, parameters))

    async def _run(self, work: Work) -> Cursor:
        self.description, rows, self.rowcount, self.lastrowid = await self._ask(work)
        self._rows = deque(rows)
        return self

    async def fetchone(self) -> Any:
        """The next row; None after the last."""
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows."""
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    async def fetchall(self) -> Sequence[Any]:
        """The rows that are left."""
        rows, self._rows = self._rows, deque()
        return rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        while self._rows:
            yield self._rows.popleft()

    async def close(self) -> None:
        """Forget the rows; the thread closed its cursor long ago."""
        self._rows.clear()

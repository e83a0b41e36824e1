"""Programs on PostgreSQL: prepared statements on connections of their own, in as few journeys as a snapshot allows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from sqlalchemy import Dialect
from sqlalchemy.engine import URL

from domain.errors import unavailable
from gateway.compiled import numbers
from gateway.compiled.lines import ENDED, Line, Lines, Lost
from gateway.failures import BUSY, told
from schema.compiled.steps import Asked, Begin, Steps

_MOST_LEARNED: Final = 5_000
_LINGER_SECONDS: Final = 0.005
"""How long a transaction that is over waits for the next one on its connection, whose beginning is its end."""
_ROLLBACK_SECONDS: Final = 2.0
"""How long a connection has to say that it is free again, before it is given up."""


class PostgresDriver:
    """Runs programs on connections that only read, opened when they are needed; `opens` is called each time.

    A program of one statement needs no transaction; which are, told by their first statement, is learned.
    A connection that was lost, or whose statements no longer fit the tables, costs a second attempt and nothing else.
    """

    def __init__(
        self,
        dialect: Dialect,
        url: URL,
        *,
        kept: int,
        pool_size: int,
        pool_timeout: float,
        opens: Callable[[], None],
    ) -> None:
        self.dialect = dialect
        self._lines = Lines(dialect, url, kept, pool_size, pool_timeout, opens)
        self._several: dict[str, bool] = {}
        self._tidying = False
        self._ending: set[asyncio.Task[None]] = set()

    def processor(self, type_: Any) -> Callable[[Any], Any] | None:
        """What turns raw values of a type of column into what they stand for; None where they are the same."""
        return numbers.processor(self.dialect, type_)

    at_once = None
    """Who asks a server waits for it."""

    async def run(self, begin: Begin) -> Any:
        """The result of a program.

        Raises:
            DomainError: UNAVAILABLE when the server cannot be reached, or has no connection to spare, now.
        """
        opened = self._lines.turns
        try:
            return await self._attempt(begin)
        except Lost:
            # Whatever took this connection has most likely taken the others.
            self._lines.drop()
        try:
            if opened is self._lines.turns:
                return await self._attempt(begin)
        except Lost as lost:
            raise unavailable(BUSY) from lost
        raise unavailable(BUSY)

    async def close(self) -> None:
        """Close every connection; whoever waits for rows is told that there will be none."""
        await self._lines.close()
        while self._ending:
            await asyncio.wait(self._ending)

    async def _attempt(self, begin: Begin) -> Any:
        steps = begin()
        try:
            asked = next(steps)
        except StopIteration as done:
            return done.value
        several = self._several.get(asked.sql, True)
        line = await self._lines.take(several)
        try:
            if several:
                return await self._in_transaction(line, steps, asked)
            return await self._alone(line, begin, steps, asked)
        except Exception as error:
            if line.is_lost(error) or line.turns is not self._lines.turns:
                raise Lost from error
            with told():
                raise
        finally:
            self._give_back(line)

    async def _alone(self, line: Line, begin: Begin, steps: Steps, asked: Asked) -> Any:
        if line.is_over:
            # What is read now is not to be what was there then.
            await line.rollback()
        rows = await line.rows(asked)
        try:
            steps.send(rows)
        except StopIteration as done:
            return done.value
        # It has more to ask, which would see another snapshot.
        self._several[asked.sql] = True
        steps = begin()
        return await self._in_transaction(line, steps, next(steps))

    async def _in_transaction(self, line: Line, steps: Steps, asked: Asked) -> Any:
        await line.begin()
        first, several = asked.sql, False
        while True:
            rows = await line.rows(asked)
            try:
                asked = steps.send(rows)
            except StopIteration as done:
                self._learn(first, several)
                line.is_over = True
                return done.value
            several = True

    def _learn(self, first: str, several: bool) -> None:
        if len(self._several) >= _MOST_LEARNED:
            self._several.clear()
        # Once several always several: the number may depend on what was found.
        self._several[first] = several or self._several.get(first, False)

    def _give_back(self, line: Line) -> None:
        if line.is_over and not self._tidying:
            self._tidying = True
            self._begin(self._tidy())
        if line.is_free or line.is_over or line.is_closed:
            self._lines.put(line)
        else:
            self._begin(self._end(line))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        # Nobody waits for the end of what only read.
        task = asyncio.get_running_loop().create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _tidy(self) -> None:
        await asyncio.sleep(_LINGER_SECONDS)
        self._tidying = False
        while line := self._lines.take_over():
            await self._end(line)

    async def _end(self, line: Line) -> None:
        try:
            async with asyncio.timeout(_ROLLBACK_SECONDS):
                await line.rollback()
        except ENDED:
            line.terminate()
        finally:
            self._lines.put(line)

"""Statements of programs, told to whoever traces; put around a driver only where somebody does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Dialect

from gateway.spans import note_statement, traced
from schema.compiled.steps import Begin, Driver, Steps


class TracedDriver:
    """A driver each of whose statements is a span.

    That is noted when the program has ended: a driver may run it in a thread, where nothing is known of the request.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.dialect: Dialect = driver.dialect

    def processor(self, type_: Any) -> Callable[[Any], Any] | None:
        """How the driver reads raw values."""
        return self._driver.processor(type_)

    @property
    def at_once(self) -> Callable[[Begin], Any] | None:
        """As the driver does it, while nobody traces."""
        return None if traced() else self._driver.at_once

    async def run(self, begin: Begin) -> Any:
        """The result of a program.

        Raises:
            DomainError: as the driver does.
        """
        if not traced():
            return await self._driver.run(begin)
        noted, failure = _Noted(), ""
        try:
            return await self._driver.run(lambda: noted.program(begin()))
        except Exception as error:
            failure = type(error.__cause__ or error).__name__
            raise
        finally:
            noted.tell(self.dialect.name, failure)

    async def close(self) -> None:
        """Give back every connection."""
        await self._driver.close()


class _Noted:
    """What has run for one program, and when: as text, first and last nanosecond since 1970."""

    def __init__(self) -> None:
        self._ran: list[tuple[str, int, int]] = []
        self._asked: tuple[str, int] | None = None

    def program(self, steps: Steps) -> Steps:
        """A program whose statements are noted. What a driver asks once more, beginning anew, has run twice."""
        try:
            asked = next(steps)
            while True:
                began = time.time_ns()
                self._asked = asked.sql, began
                rows = yield asked
                self._ran.append((asked.sql, began, time.time_ns()))
                self._asked = None
                asked = steps.send(rows)
        except StopIteration as ended:
            return ended.value
        finally:
            steps.close()

    def tell(self, system: str, failure: str) -> None:
        """Tell of all of it; of the one that is not answered only that, and how, the program has failed with it."""
        for sql, began, ended in self._ran:
            note_statement(system, sql, began, ended)
        if failure and self._asked:
            note_statement(system, *self._asked, time.time_ns(), failure)

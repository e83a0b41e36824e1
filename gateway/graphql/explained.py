"""What an operation asked of the database, told in its answer where the settings say so: statements, never values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Dialect, event
from sqlalchemy.ext.asyncio import AsyncEngine

from schema.compiled.steps import Begin, Driver, Steps

_WORDS = frozenset({"SELECT", "WITH", "INSERT", "UPDATE", "DELETE"})
"""What begins a statement of somebody's; what else there is begins and ends transactions."""


@dataclass(slots=True)
class Explanation:
    """The statements of one operation, and why it was not compiled: `reason` is empty if it was."""

    reason: str = ""
    statements: list[dict[str, Any]] = field(default_factory=list)

    def note(self, sql: str, rows: int | None, seconds: float) -> None:
        """A statement was run; of some the driver does not tell how many rows there were."""
        self.statements.append({"sql": sql, "rows": rows, "milliseconds": round(seconds * 1000, 3)})

    def told(self) -> dict[str, Any]:
        """As `extensions.plan` says it."""
        return {"compiled": not self.reason, "reason": self.reason or None, "statements": self.statements}


_current: ContextVar[Explanation | None] = ContextVar("explanation", default=None)


@contextmanager
def explaining() -> Iterator[Explanation]:
    """Gather what is asked inside."""
    explanation = Explanation()
    token = _current.set(explanation)
    try:
        yield explanation
    finally:
        _current.reset(token)


def note_reason(reason: str) -> None:
    """Say of the operation being explained, if there is one, why it was not compiled."""
    explanation = _current.get()
    if explanation is not None:
        explanation.reason = reason


class ExplainedDriver:
    """A driver that notes the statements of the operation being explained; of no other."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.dialect: Dialect = driver.dialect

    def processor(self, type_: Any) -> Callable[[Any], Any] | None:
        """How the driver reads raw values."""
        return self._driver.processor(type_)

    @property
    def at_once(self) -> Callable[[Begin], Any] | None:
        """As the driver does it, for operations that nobody explains."""
        return None if _current.get() else self._driver.at_once

    async def run(self, begin: Begin) -> Any:
        """The result of a program.

        Raises:
            DomainError: as the driver does.
        """
        explanation = _current.get()
        if explanation is None:
            return await self._driver.run(begin)
        # A driver may run the program in a thread, where nothing is known of the operation.
        own = Explanation()
        try:
            return await self._driver.run(lambda: _noting(begin(), own))
        finally:
            explanation.statements.extend(own.statements)

    async def close(self) -> None:
        """Give back every connection."""
        await self._driver.close()


def _noting(steps: Steps, explanation: Explanation) -> Steps:
    """A program whose statements are noted; those of one that had to be begun anew are forgotten."""
    explanation.statements.clear()
    try:
        asked = next(steps)
        while True:
            began = time.perf_counter()
            rows = yield asked
            explanation.note(asked.sql, len(rows), time.perf_counter() - began)
            asked = steps.send(rows)
    except StopIteration as ended:
        return ended.value
    finally:
        steps.close()


def follow(*engines: AsyncEngine) -> None:
    """Note the statements that run on these engines, too, for the operations that are explained."""
    for engine in set(engines):
        event.listen(engine.sync_engine, "before_cursor_execute", _begun)
        event.listen(engine.sync_engine, "after_cursor_execute", _ended)


def _begun(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    if _current.get() is not None:
        context.trigraph_began = time.perf_counter()


def _ended(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    explanation, began = _current.get(), getattr(context, "trigraph_began", None)
    if explanation is None or began is None or statement.lstrip("( \n").partition(" ")[0].upper() not in _WORDS:
        return
    explanation.note(statement, cursor.rowcount if cursor.rowcount >= 0 else None, time.perf_counter() - began)

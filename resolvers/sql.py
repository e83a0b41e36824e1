"""SQL the two databases say differently, said once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Float, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain.entity import Instant


class HasItem(FunctionElement[bool]):
    """Whether a JSON array holds a text."""

    name = "has_item"
    type = Boolean()
    inherit_cache = True


class DaysBetween(FunctionElement[float]):
    """Days from the first moment to the second, with fraction."""

    name = "days_between"
    type = Float()
    inherit_cache = True


class Now(FunctionElement[datetime]):
    """The present moment by the database's clock, comparable with a stored one."""

    name = "present_moment"
    type = Instant()
    inherit_cache = True


def has_item(array: ColumnElement[Any] | Any, item: str) -> ColumnElement[bool]:
    """Whether a JSON array column holds this text."""
    return HasItem(array, bindparam(None, item))


def days_between(begin: Any, end: Any) -> ColumnElement[float]:
    """Days between two moments, with fraction."""
    return DaysBetween(begin, end)


def now() -> ColumnElement[datetime]:
    """The present moment by the database's clock."""
    return Now()


@compiles(HasItem, "sqlite")
def _has_item_sqlite(element: HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({array}) WHERE value = {item})"  # noqa: S608 - compiled clauses, no text of a client


@compiles(HasItem, "postgresql")
def _has_item_postgresql(element: HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"jsonb_exists({array}, {item})"


@compiles(DaysBetween, "sqlite")
def _days_between_sqlite(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({end}) - julianday({begin}))"


@compiles(DaysBetween, "postgresql")
def _days_between_postgresql(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch FROM {end} - {begin}) / 86400.0)"


@compiles(Now, "sqlite")
def _now_sqlite(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@compiles(Now, "postgresql")
def _now_postgresql(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "now()"

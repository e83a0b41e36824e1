"""SQL the two databases say differently, said once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Float, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


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


def has_item(array: ColumnElement[Any] | Any, item: str) -> ColumnElement[bool]:
    """Whether a JSON array column holds this text."""
    return HasItem(array, bindparam(None, item))


def days_between(begin: Any, end: Any) -> ColumnElement[float]:
    """Days between two moments, with fraction."""
    return DaysBetween(begin, end)


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

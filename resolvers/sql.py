"""SQL the two databases say differently, said once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Boolean, ColumnElement, Date, Float, Text, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from domain.entity import Instant

T = TypeVar("T")


def padded(values: Sequence[T]) -> list[T]:
    """Values for an IN, the last of them repeated until they are as many as a power of two.

    Connections keep the statements they have prepared: one for every number of values would take megabytes.
    """
    missing = (1 << (len(values) - 1).bit_length()) - len(values) if values else 0
    return [*values, *(values[-1] for _ in range(missing))]


class HasItem(FunctionElement[bool]):
    """Whether a JSON array holds a text."""

    name = "has_item"
    type = Boolean()
    inherit_cache = True


class HasAnyItem(FunctionElement[bool]):
    """Whether a JSON array holds one of several texts, in any case."""

    name = "has_any_item"
    type = Boolean()
    inherit_cache = True


class SmallLetters(FunctionElement[str]):
    """A text in small letters, those beyond ASCII too."""

    name = "small_letters"
    type = Text()
    inherit_cache = True


class LikeInAnyCase(FunctionElement[bool]):
    """Whether a text is like one of the spellings of a pattern, in any case; `/` escapes.

    To lower the text first takes twice as long.
    """

    name = "like_in_any_case"
    type = Boolean()
    inherit_cache = True


class DaysBetween(FunctionElement[float]):
    """Days from the first moment to the second, with fraction."""

    name = "days_between"
    type = Float()
    inherit_cache = True


class MonthOf(FunctionElement[str]):
    """The month of a moment in UTC, such as 2024-01."""

    name = "month_of"
    type = Text()
    inherit_cache = True


class Now(FunctionElement[datetime]):
    """The present moment by the database's clock, comparable with a stored one."""

    name = "present_moment"
    type = Instant()
    inherit_cache = True


async def one_at_a_time(session: AsyncSession, what: str) -> None:
    """Wait until no other transaction is at the same thing, until the end of this one; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))


def has_item(array: ColumnElement[Any] | Any, item: str) -> ColumnElement[bool]:
    """Whether a JSON array column holds this text."""
    return HasItem(array, bindparam(None, item))


def days_between(begin: Any, end: Any) -> ColumnElement[float]:
    """Days between two moments, with fraction."""
    return DaysBetween(begin, end)


def month_of(moment: Any) -> ColumnElement[str]:
    """The month of a moment in UTC, such as 2024-01."""
    return MonthOf(moment)


def now() -> ColumnElement[datetime]:
    """The present moment by the database's clock."""
    return Now()


def has_any_item(array: ColumnElement[Any] | Any, items: Sequence[str]) -> ColumnElement[bool]:
    """Whether a JSON array column holds one of these lower-case texts, in any case."""
    return HasAnyItem(array, bindparam(None, list(items), expanding=True))


def contains(words: str, *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns holds a text, in any case."""
    wanted = words.strip().replace("/", "//").replace("%", "/%").replace("_", "/_")
    # SQLite knows the cases of ASCII letters alone: others are found as they are written, or in small letters.
    spellings = [wanted] if wanted.isascii() else [wanted, wanted.lower()]
    patterns: list[Any] = [bindparam(None, f"%{each}%") for each in spellings]
    return or_(*(LikeInAnyCase(column, *patterns) for column in columns))


def small_letters(column: Any) -> ColumnElement[str]:
    """A text in small letters, to compare it in any case; both databases know those beyond ASCII."""
    return SmallLetters(column)


def equals(words: str, column: Any) -> ColumnElement[bool]:
    """Whether a column is a text, in any case."""
    return or_(column == words, small_letters(column) == words.lower())


SQLITE_FUNCTIONS: Final[Mapping[str, Callable[[str], str]]] = {SmallLetters.name: str.lower}
"""What statements ask of SQLite that it cannot do by itself; every connection is given them."""

TODAY: Final = "present_day"
"""The name under which every read is told what day it is (in UTC)."""


def today() -> ColumnElement[date]:
    """The day it is by the process's clock, for what changes by the calendar alone."""
    return bindparam(TODAY, type_=Date())


@compiles(HasItem, "sqlite")
def _has_item_sqlite(element: HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({array}) WHERE value = {item})"  # noqa: S608 - compiled clauses, no text of a client


@compiles(HasItem, "postgresql")
def _has_item_postgresql(element: HasItem, compiler: SQLCompiler, **options: Any) -> str:
    array, item = (compiler.process(clause, **options) for clause in element.clauses)
    return f"jsonb_exists({array}, {item})"


@compiles(HasAnyItem, "sqlite")
def _has_any_item_sqlite(element: HasAnyItem, compiler: SQLCompiler, **options: Any) -> str:
    array, items = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({array}) WHERE {_small('value')} IN {items})"  # noqa: S608 - compiled clauses


@compiles(HasAnyItem, "postgresql")
def _has_any_item_postgresql(element: HasAnyItem, compiler: SQLCompiler, **options: Any) -> str:
    array, items = (compiler.process(clause, **options) for clause in element.clauses)
    return (
        f"EXISTS (SELECT 1 FROM jsonb_array_elements_text({array}) AS item(value) WHERE lower(item.value) IN {items})"  # noqa: S608
    )


@compiles(SmallLetters, "sqlite")
def _small_letters_sqlite(element: SmallLetters, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = (compiler.process(clause, **options) for clause in element.clauses)
    return _small(text)


def _small(text: str) -> str:
    """SQLite's own function knows the cases of ASCII letters alone; ours takes three times as long."""
    beyond = f"length({text}) < length(CAST({text} AS BLOB))"
    return f"CASE WHEN {beyond} THEN {SmallLetters.name}({text}) ELSE lower({text}) END"


@compiles(SmallLetters, "postgresql")
def _small_letters_postgresql(element: SmallLetters, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"lower({text})"


@compiles(LikeInAnyCase, "sqlite")
def _like_sqlite(element: LikeInAnyCase, compiler: SQLCompiler, **options: Any) -> str:
    text, *patterns = (compiler.process(clause, **options) for clause in element.clauses)
    alike = " OR ".join(f"{text} LIKE {pattern} ESCAPE '/'" for pattern in patterns)
    return f"({alike})"


@compiles(LikeInAnyCase, "postgresql")
def _like_postgresql(element: LikeInAnyCase, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern, *_ = element.clauses
    return f"{compiler.process(text, **options)} ILIKE {compiler.process(pattern, **options)} ESCAPE '/'"


@compiles(DaysBetween, "sqlite")
def _days_between_sqlite(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(julianday({end}) - julianday({begin}))"


@compiles(DaysBetween, "postgresql")
def _days_between_postgresql(element: DaysBetween, compiler: SQLCompiler, **options: Any) -> str:
    begin, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch FROM {end} - {begin}) / 86400.0)"


@compiles(MonthOf, "sqlite")
def _month_of_sqlite(element: MonthOf, compiler: SQLCompiler, **options: Any) -> str:
    (moment,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"substr({moment}, 1, 7)"


@compiles(MonthOf, "postgresql")
def _month_of_postgresql(element: MonthOf, compiler: SQLCompiler, **options: Any) -> str:
    (moment,) = (compiler.process(clause, **options) for clause in element.clauses)
    return f"to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM')"


@compiles(Now, "sqlite")
def _now_sqlite(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"


@compiles(Now, "postgresql")
def _now_postgresql(element: Now, compiler: SQLCompiler, **options: Any) -> str:
    return "now()"

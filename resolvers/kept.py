"""Statements made once: their text is kept for each kind of database, and only values are put into it.

Building a statement, and having SQLAlchemy's session run it, takes many times as long as a small statement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol, cast

from sqlalchemy import Column, Dialect, Enum, Executable, Float, Integer, Numeric, Table, bindparam, inspect, select
from sqlalchemy.sql.compiler import SQLCompiler

from domain.entity import Entity, Instant
from domain.viewer import Viewer
from resolvers.reads import visibility

Process = Callable[[Any], Any]
_ORGANIZATION = "viewer_organization"


class Direct(Protocol):
    """A connection inside of a transaction, which is told statements in the database's own words."""

    dialect: Dialect

    async def rows(self, sql: str, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows of a statement, as the driver reads them; of one that returns none, nothing."""
        ...

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement with each of some rows of values."""
        ...


class Kept:
    """A statement whose values are named by `bindparam`; what it yields is read as SQLAlchemy reads it."""

    def __init__(self, statement: Executable) -> None:
        """Nothing is made before the first use."""
        self._statement = statement
        self._made: dict[str, _Made] = {}

    async def rows(self, direct: Direct, **values: Any) -> list[Sequence[Any]]:
        """The rows for these values."""
        made = self._made.get(direct.dialect.name)
        if made is None:
            made = self._made[direct.dialect.name] = _Made(self._statement, direct.dialect)
        found = await direct.rows(made.sql, made.values(values))
        return [made.read(row) for row in found] if found else []


class _Made:
    """A statement in the words of one kind of database."""

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled = cast(Any, statement).compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what is no definition of data is compiled so
        self.sql = compiled.string
        needed = {name: None for name, bind in compiled.binds.items() if bind.required}
        state = compiled.construct_expanded_state(needed)
        self._places: list[tuple[str | None, Any, Process | None]] = []
        for name in state.positiontup or ():
            process = cast("Process | None", state.processors.get(name))
            constant = state.parameters[name]
            known = process(constant) if process and constant is not None else constant
            self._places.append((name, None, process) if name in needed else (None, known, None))
        columns = cast(Any, statement).exported_columns
        self._readers = [_reader(column, dialect) for column in columns]
        self._plain = not any(self._readers)

    def values(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(
            [
                constant if name is None else process(given[name]) if process else given[name]
                for name, constant, process in self._places
            ]
        )

    def read(self, row: Sequence[Any]) -> Sequence[Any]:
        if self._plain:
            return row
        return [read(value) if read else value for read, value in zip(self._readers, row, strict=True)]


class Rows:
    """How the rows of an entity are stored and read in one kind of database."""

    def __init__(self, entity: type[Entity], dialect: Dialect) -> None:
        """The text of the statement that inserts them."""
        mapper = inspect(entity)
        table = cast(Table, mapper.local_table)
        self.keys = [mapper.get_property_by_column(column).key for column in table.columns]
        compiled: Any = table.insert().compile(dialect=dialect, column_keys=[column.key for column in table.columns])
        places = list(compiled.positiontup)
        by_key = dict(zip((column.key for column in table.columns), self.keys, strict=True))
        columns = {column.key: column for column in table.columns}
        self.insert = str(compiled)
        self._given = itemgetter(*(by_key[name] for name in places))
        self._defaults = {by_key[name]: _default(columns[name]) for name in places}
        self._needed = frozenset(self._defaults)
        writers = [_writer(columns[name], dialect) for name in places]
        self._writers = [(place, process) for place, process in enumerate(writers) if process]

    def values(self, held: dict[str, Any]) -> Sequence[Any]:
        """The values of a row by its attributes' names; those that are missing get their defaults, in `held` too."""
        for key in self._needed.difference(held):
            default = self._defaults[key]
            held[key] = default(_Given(held)) if callable(default) else default
        values = list(self._given(held))
        for place, process in self._writers:
            value = values[place]
            if value is not None:
                values[place] = process(value)
        return values


@dataclass(frozen=True, slots=True)
class _Given:
    """What functions that make defaults are told."""

    held: dict[str, Any]

    def get_current_parameters(self) -> dict[str, Any]:
        return self.held


class Finder:
    """Looks up one row of an entity that the viewer may see, by the values of some of its columns."""

    def __init__(self, entity: type[Entity], names: Sequence[str], lock: bool) -> None:
        """Of several rows that fit any may be found; with `lock` nobody else changes it before this one is done."""
        self.keys = [attribute.key for attribute in inspect(entity).column_attrs]
        # What a viewer may see is said in one place, for values that come later too.
        anybody = Viewer.nobody(cast(str, bindparam(_ORGANIZATION)))
        equal = [getattr(entity, name) == bindparam(name) for name in names]
        statement = select(*(getattr(entity, key) for key in self.keys)).where(*visibility(anybody, entity), *equal)
        self._kept = Kept(statement.with_for_update() if lock else statement.limit(1))

    async def find(self, direct: Direct, viewer: Viewer, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """The row's values by its attributes' names, or None."""
        found = await self._kept.rows(direct, **{_ORGANIZATION: viewer.organization_id}, **values)
        return dict(zip(self.keys, found[0], strict=True)) if found else None


_rows: dict[tuple[str, type[Entity]], Rows | None] = {}
_finders: dict[tuple[type[Entity], tuple[str, ...], bool], Finder | None] = {}


def rows_of(entity: type[Entity], dialect: Dialect) -> Rows | None:
    """How an entity's rows are stored; None where only SQLAlchemy knows."""
    key = (dialect.name, entity)
    if key not in _rows:
        _rows[key] = Rows(entity, dialect) if _plain(entity) else None
    return _rows[key]


def finder(entity: type[Entity], names: tuple[str, ...], lock: bool) -> Finder | None:
    """The look-up of an entity by these columns; None where it depends on more of a viewer than the organization."""
    key = (entity, names, lock)
    if key not in _finders:
        known = _plain(entity) and not hasattr(entity, "audience")
        _finders[key] = Finder(entity, names, lock) if known else None
    return _finders[key]


def _plain(entity: type[Entity]) -> bool:
    """Whether all that is stored of a row is told beforehand: nothing is left to the database or to a statement."""
    mapper = inspect(entity)
    if not isinstance(mapper.local_table, Table) or mapper.relationships or mapper.polymorphic_on is not None:
        return False
    return all(_told(column) for column in mapper.local_table.columns)


def _told(column: Column[Any]) -> bool:
    default = column.default
    known = default is None or default.is_scalar or default.is_callable
    made = column.server_default is not None or column.onupdate is not None or column.computed is not None
    # A number the database gives.
    numbered = column.primary_key and isinstance(column.type, Integer) and column.autoincrement is not False
    # Numbers as decimals are read by what the driver says of them.
    decimal = isinstance(column.type, Numeric) and not isinstance(column.type, Float)
    return known and not made and not decimal and not numbered and not column.type.should_evaluate_none


def _default(column: Column[Any]) -> Any:
    return None if column.default is None else cast(Any, column.default).arg


def _writer(column: Column[Any], dialect: Dialect) -> Process | None:
    process: Process | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    if isinstance(column.type, Instant):
        # The rows of a transaction tell of the same moment again and again.
        return lru_cache(maxsize=64)(process)
    if isinstance(column.type, Enum) and column.type.enum_class is not None:
        return _member_writer({member: process(member) for member in column.type.enum_class}, process)
    return process


def _member_writer(known: Mapping[Any, Any], process: Process) -> Process:
    def written(value: Any) -> Any:
        found = known.get(value)
        return process(value) if found is None else found

    return written


def _reader(column: Any, dialect: Dialect) -> Process | None:
    if isinstance(column.type, Float):
        # Which kind of number a driver brings is not known before; of these columns it is what is wanted.
        return None
    return cast("Process | None", column.type.dialect_impl(dialect).result_processor(dialect, None))

"""Relations to one row that are read in the statement of the rows that lead there, where that spares a journey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import JSON, Table, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import visitors

from domain.viewer import Viewer
from resolvers.reads import ToOne
from schema.compiled.levels import Expression, Level
from schema.compiled.lookups import ById
from schema.engine.plan import FieldPlan

_NOBODY = Viewer.nobody("")
_FEW = 3
"""Values that SQLite, which knows no rows as values, looks up one by one: as quick as one more statement."""

Taken = Callable[[Sequence[Any]], Sequence[Any] | None]
"""From a row of a level to the row that it leads to, if there is one."""


def joined(level: Level, plan: FieldPlan, to: ToOne, by_id: ById) -> Taken | None:
    """How the row that a relation leads to is taken from a level's own rows; None where it is not among them.

    It is where statements are sent to a server: what each costs there is more than to look up a row for every row.
    And within the process where one row leads to a small one: then all is one statement, which needs no transaction.
    It is read as its declared read has it, so whoever may not see it finds nothing.
    """
    if level.given or not _is_plain(level, to, by_id):
        return None
    entity: Any = to.read.entity

    def value(viewer: Viewer, *values: Any) -> Any:
        found = to.read.build(viewer).where(entity.id == to.key)
        whole = found.with_only_columns(*values, maintain_column_froms=True)
        return whole.correlate(level.entity).scalar_subquery()

    # The same field may be asked for in several ways.
    name = f"{plan.name}_row_{level.number_of('')}"
    if level.composer.rooms.dialect.name == "postgresql":
        return itemgetter(
            level.place(name, lambda viewer: value(viewer, func.row(*by_id.level.columns(viewer).values())))
        )
    names = list(by_id.level.columns(_NOBODY))
    if not level.alone or len(names) > _FEW:
        return None

    def of(each: str) -> Expression:
        return lambda viewer: value(viewer, by_id.level.columns(viewer)[each])

    places = [level.place(f"{name}_{each}", of(each)) for each in names]
    start, end = places[0], places[-1] + 1
    # The first is its id, without which there is none.
    return lambda row: None if row[start] is None else row[start:end]


def _is_plain(level: Level, to: ToOne, by_id: ById) -> bool:
    """Whether a key of the level's own table leads by id to a table that is another one."""
    own = getattr(level.entity, "__table__", None)
    if to.by is not None or not isinstance(to.key, InstrumentedAttribute) or not isinstance(own, Table):
        return False
    # What is large and made of parts is better read once than for every row.
    if any(isinstance(column.type, JSON) for column in by_id.level.columns(_NOBODY).values()):
        return False
    tables = [each for each in visitors.iterate(to.read.build(_NOBODY)) if isinstance(each, Table)]
    return to.key.property.parent.local_table is own and own not in tables

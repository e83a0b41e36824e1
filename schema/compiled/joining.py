"""Relations to one row that are read in the statement of the rows that lead there, where that spares a journey."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Table, func
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import visitors

from domain.viewer import Viewer
from resolvers.reads import ToOne
from schema.compiled.levels import Level
from schema.compiled.lookups import ById
from schema.engine.plan import FieldPlan

_NOBODY = Viewer.nobody("")


def joined(level: Level, plan: FieldPlan, to: ToOne, by_id: ById) -> int | None:
    """The place in a level's rows of the row that a relation leads to, all of its values in one; None where it is not.

    That is so where statements are sent to a server: what each costs there is more than to look up a row for every
    row. It is read as its declared read has it, so whoever may not see it finds nothing.
    """
    if level.given or level.composer.rooms.dialect.name != "postgresql" or not _is_plain(level, to, by_id):
        return None
    entity: Any = to.read.entity

    def row(viewer: Viewer) -> Any:
        columns = by_id.level.columns(viewer).values()
        found = to.read.build(viewer).where(entity.id == to.key)
        whole = found.with_only_columns(func.row(*columns), maintain_column_froms=True)
        return whole.correlate(level.entity).scalar_subquery()

    # The same field may be asked for in several ways.
    return level.place(f"{plan.name}_row_{level.number_of('')}", row)


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

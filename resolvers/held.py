"""The rows of one transaction: told to the connection directly as long as that serves, else by SQLAlchemy's session.

A session is opened when a use case first asks for one; it knows every row that was written or found before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_state

from domain.entity import Entity
from domain.viewer import Viewer
from resolvers.kept import Direct, finder, rows_of
from resolvers.reads import visible_to

E = TypeVar("E", bound=Entity)


class Held:
    """What one transaction has made, found and changed so far."""

    def __init__(self, direct: Direct, open_session: Callable[[], AsyncSession]) -> None:
        """`open_session` makes a session on the connection, and in the transaction, of `direct`."""
        self.direct = direct
        self._open = open_session
        self._session: AsyncSession | None = None
        self._pending: dict[int, Entity] = {}
        self._known: dict[tuple[type[Entity], Any], _Seen] = {}

    @property
    def session(self) -> AsyncSession:
        """SQLAlchemy's session."""
        return self._session or self._join()

    @property
    def opened(self) -> AsyncSession | None:
        """The session, if anybody has asked for it."""
        return self._session

    def add(self, row: Entity) -> None:
        """Have a new row stored by the next flush, after those that were added before it."""
        if instance_state(row).transient:
            self._pending[id(row)] = row
        else:
            self.session.add(row)

    async def flush(self) -> None:
        """Store what was added and changed."""
        pending, self._pending = list(self._pending.values()), {}
        if self._session is None and any(map(_changed, self._known.values())):
            self._join()
        if self._session is not None and _busy(self._session):
            # In the order that the session gives all that it stores together.
            self._session.add_all(pending)
            await self._session.flush()
            return
        for entity, rows in groupby(pending, type):
            await self._insert(entity, list(rows))

    async def first(self, viewer: Viewer, entity: type[E], *, lock: bool = False, **equal: Any) -> E | None:
        """A row of an entity that a viewer may see and that has these values; None if there is none."""
        looked = finder(entity, tuple(equal), lock) if self._session is None else None
        if looked is None:
            return await self._by_session(viewer, entity, lock, equal)
        values = await looked.find(self.direct, viewer, equal)
        return None if values is None else self._row(entity, values)

    async def store(self, entity: type[Entity], rows: Sequence[dict[str, Any]]) -> None:
        """Store new rows, told by the names of their attributes, that nobody needs any more."""
        how = rows_of(entity, self.direct.dialect)
        if how is None:
            self.session.add_all(entity(**row) for row in rows)
            await self.session.flush()
        else:
            await self.direct.write(how.insert, [how.values(row) for row in rows])

    def _join(self) -> AsyncSession:
        self._session = self._open()
        for seen in self._known.values():
            _handed_over(seen, self._session)
        self._known.clear()
        return self._session

    async def _by_session(self, viewer: Viewer, entity: type[E], lock: bool, equal: dict[str, Any]) -> E | None:
        conditions = (getattr(entity, name) == value for name, value in equal.items())
        statement = visible_to(viewer, entity).where(*conditions)
        found = await self.session.scalar(statement.with_for_update() if lock else statement.limit(1))
        return cast("E | None", found)

    def _row(self, entity: type[E], values: dict[str, Any]) -> E:
        known = self._known.get((entity, values["id"]))
        if known is not None:
            return cast(E, known.row)
        row = cast(E, entity.__mapper__.class_manager.new_instance())
        row.__dict__.update(values)
        self._remember(row)
        return row

    async def _insert(self, entity: type[Entity], rows: list[Entity]) -> None:
        how = rows_of(entity, self.direct.dialect)
        if how is None:
            self.session.add_all(rows)
            await self.session.flush()
            return
        await self.direct.write(how.insert, [how.values(row.__dict__) for row in rows])
        for row in rows:
            self._remember(row)

    def _remember(self, row: Entity) -> None:
        if self._session is None:
            self._known[_key(row)] = _Seen(row, dict(row.__dict__))
        else:
            make_transient_to_detached(row)
            self._session.add(row)


class _Seen(NamedTuple):
    """A row, and what the database has of it."""

    row: Entity
    stored: dict[str, Any]


def _changed(seen: _Seen) -> bool:
    return seen.row.__dict__ != seen.stored


def _handed_over(seen: _Seen, session: AsyncSession) -> None:
    """Have a session follow a row: it takes what it sees first for what is stored."""
    row, stored = seen
    changed = {name: value for name, value in row.__dict__.items() if name not in stored or value != stored[name]}
    row.__dict__.update(stored)
    make_transient_to_detached(row)
    session.add(row)
    for name, value in changed.items():
        setattr(row, name, value)


def _key(row: Entity) -> tuple[type[Entity], Any]:
    values = row.__dict__
    return type(row), values["id"] if "id" in values else tuple(values[name] for name in _primary(type(row)))


@cache
def _primary(entity: type[Entity]) -> tuple[str, ...]:
    mapper = inspect(entity)
    return tuple(mapper.get_property_by_column(column).key for column in mapper.primary_key)


def _busy(session: AsyncSession) -> bool:
    return bool(session.new or session.deleted or session.dirty)

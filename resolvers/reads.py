"""Reads as data: a read names its entity and permission and builds a statement; the schema's forms run it.

Every base select starts from `visible_to(viewer)`, so what a viewer must not see is never in a statement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeAlias

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.entity import Entity
from domain.permissions import Permission
from domain.viewer import Viewer
from domain.visibility import audiences_of

P = ParamSpec("P")

Statement: TypeAlias = Select[*tuple[Any, ...]]
"""A select of any columns."""

Run: TypeAlias = Callable[[Statement], Awaitable[Sequence[Any]]]
"""Runs a statement in the snapshot of the operation that asks."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column rows come, and in which direction; the id breaks ties unless the column has none."""

    column: InstrumentedAttribute[Any]
    descending: bool = True
    unique: bool = False

    @property
    def name(self) -> str:
        """The sorting as cursors name it."""
        return f"{self.column.key}:{'desc' if self.descending else 'asc'}"


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows of a listing in parts, where databases read these quicker than the whole.

    Each part is an alias of the listing's entity that holds some of its rows, `statement` makes the listing's of it. A
    page is made of the first rows of the parts in `paged`, a total of the totals of those in `counted`.
    """

    statement: Callable[[type[Any]], Statement]
    paged: Sequence[type[Entity]]
    counted: Sequence[type[Entity]]


@dataclass(frozen=True, slots=True)
class Ways:
    """The rows of a listing by several statements, no row by two, where no single one is quick for whatever is asked.

    The database finds out which of them holds the rows. A page is made by those in `paged`, a total by those in
    `counted`.
    """

    paged: Sequence[Statement]
    counted: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of one entity with the order they are paged in.

    `told` says that whatever changes the list is told by an event, so that its total holds until the next one
    (decision 0009); a list that changes by the clock alone is counted each time.
    """

    statement: Statement
    order: Order
    told: bool = True
    parts: Parts | None = None
    ways: Ways | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A declared read: the permission it needs and the statement it builds from a viewer and arguments."""

    entity: type[Entity]
    permission: Permission
    build: Callable[..., Any]
    arguments: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """How the read is called in the code, by its feature too: every feature has a `search`.

        By its entity as well, for reads that one function makes of several.
        """
        return f"{self.build.__module__}.{self.build.__qualname__} {self.entity.__name__}"


@dataclass(frozen=True, slots=True)
class ToOne:
    """A relation to one row: the parent's key (a column expression or the name of a value), and the read of targets.

    `by` is the column of the targets that the key is found in, when that is not their id.
    """

    read: Read
    key: Any
    by: InstrumentedAttribute[Any] | None = None


@dataclass(frozen=True, slots=True)
class ToMany:
    """A relation to many rows: the read of children, and which column holds the parent's id.

    `through` joins the table that column is in, when it is not the children's own.
    """

    read: Read
    parent_id: InstrumentedAttribute[Any]
    through: tuple[type[Entity], ColumnElement[bool]] | None = None


@dataclass(frozen=True, slots=True)
class ToMatching:
    """A relation to many rows that share something with the parent instead of naming it.

    `key` is the parent's value (a column, or the name of a value) and `parts` what children are matched by, each part
    by itself: no child may match two parts of one parent. `match` is the condition on children.
    """

    read: Read
    key: Any
    parts: Callable[[Any], Sequence[Hashable]]
    match: Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """Answers computed for many parents at once: `of` makes them from a number of statements that does not grow.

    `key` is what parents are known by: a column, or the name of a value. A parent without an answer gets none.
    """

    permission: Permission
    of: Callable[..., Awaitable[dict[str, Any]]]
    arguments: tuple[str, ...] = field(default=())
    key: Any = "id"


def reads(
    entity: type[Entity], permission: Permission
) -> Callable[[Callable[Concatenate[Viewer, P], Statement | Listing]], Read]:
    """Declare a function from (viewer, arguments) to a statement, or to a listing, as a read."""

    def declare(build: Callable[Concatenate[Viewer, P], Statement | Listing]) -> Read:
        names = build.__code__.co_varnames[1 : build.__code__.co_argcount]
        return Read(entity, permission, build, names)

    return declare


def reckons(
    permission: Permission, key: Any = "id"
) -> Callable[[Callable[Concatenate[Run, Viewer, datetime, Sequence[str], P], Awaitable[dict[str, Any]]]], Reckoning]:
    """Declare a function from (run, viewer, now, keys of parents, arguments) to their answers by key as a reckoning.

    Answers are dataclasses, dicts, lists of them, or plain values.
    """

    def declare(
        of: Callable[Concatenate[Run, Viewer, datetime, Sequence[str], P], Awaitable[dict[str, Any]]],
    ) -> Reckoning:
        names = of.__code__.co_varnames[4 : of.__code__.co_argcount]
        return Reckoning(permission, of, names, key)

    return declare


def visible_to(viewer: Viewer, entity: type[Any]) -> Statement:
    """Every row of an entity this viewer may see: of the own organization, not deleted, meant for the viewer."""
    statement = select(entity)
    for condition in visibility(viewer, entity):
        statement = statement.where(condition)
    return statement


def visibility(viewer: Viewer, entity: type[Any]) -> list[ColumnElement[bool]]:
    """The conditions behind `visible_to`, for statements that count or aggregate."""
    own = entity.id if entity.__tablename__ == "organization" else entity.organization_id
    conditions: list[ColumnElement[bool]] = [own == viewer.organization_id]
    if hasattr(entity, "deleted_at"):
        conditions.append(entity.deleted_at.is_(None))
    if hasattr(entity, "audience"):
        author = entity.actor_id if hasattr(entity, "actor_id") else entity.created_by_id
        may_see = [entity.audience.is_(None), *(entity.audience == group for group in audiences_of(viewer))]
        if viewer.user_id is not None:
            may_see.append(author == viewer.user_id)
        conditions.append(or_(*may_see))
    return conditions


def newest_first(entity: type[Any]) -> Order:
    """The order lists have when nothing else is asked for."""
    return Order(entity.created_at)

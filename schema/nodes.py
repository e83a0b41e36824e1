"""What every node, page and payload of the graph has in common."""

from typing import Any, ClassVar, Generic, TypeVar

import strawberry
from graphql import GraphQLAbstractType

from domain.entity import Entity
from domain.errors import Code
from resolvers.reads import Read
from schema.context import Info
from schema.engine.rows import Row
from schema.engine.scalars import Cursor

T = TypeVar("T")

ErrorCode = strawberry.enum(Code, name="ErrorCode", description="Stable names of problems a caller can be told.")

_NAMES: dict[type[Entity], str] = {}


class Rows:
    """A type whose values are rows of one entity; `read` is what makes a row visible."""

    entity: ClassVar[type[Entity] | None] = None
    read: ClassVar[Read | None] = None

    def __init_subclass__(cls, read: Read | None = None, **options: Any) -> None:
        super().__init_subclass__(**options)
        if read is not None:
            cls.read, cls.entity = read, read.entity
            _NAMES[read.entity] = cls.__name__

    @classmethod
    def is_type_of(cls, value: Any, info: Info) -> bool:
        """Whether a row is one of this type's, by its tag."""
        return isinstance(value, Row) and value.tag is cls.entity


@strawberry.interface(description="Anything with an id that `node` finds again.")
class Node(Rows):
    """Anything with an id that `node` finds again."""

    id: strawberry.ID

    @classmethod
    def resolve_type(cls, value: Row, info: Info, abstract: GraphQLAbstractType) -> str:
        """The type of a row, by its tag."""
        return _NAMES[value.tag or Entity]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: Cursor | None
    end_cursor: Cursor | None


@strawberry.type(description="A row and its place in the list.")
class Edge(Generic[T]):
    """A row and its place in the list."""

    cursor: Cursor
    node: T


@strawberry.type(description="A page of a list; the total is counted only when it is asked for.")
class Connection(Generic[T]):
    """A page of a list; the total is counted only when it is asked for."""

    edges: list[Edge[T]]
    nodes: list[T]
    page_info: PageInfo
    total_count: int


@strawberry.type(description="Something the caller can fix.")
class UserError:
    """Something the caller can fix."""

    code: ErrorCode  # type: ignore[valid-type]
    message: str
    field: str | None = strawberry.field(description="Dotted path inside the input, such as customFields.campaignId.")


@strawberry.type
class Payload:
    """What a mutation answers: what it made or changed, or why it did not."""

    errors: list[UserError]

"""The forms a field of the graph can have; each names a declared read or use case and has no body of its own.

`one`, `connection`, `link` and `collection` are the read forms. `column` and `derived` are values of a row that no
column of its table holds, `any_node` is a link whose target's kind is in its id, `answer` is a computed report,
`reckoned` one of each row, `own` is what the credential says, `service` what a part of the process knows, `change` is
a use case. `promised` is a field of an interface that every type of it yields in its own form.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from domain.permissions import Permission
from domain.viewer import Viewer
from resolvers.desk import Desk
from resolvers.reads import Read, Reckoning, ToMany, ToMatching, ToOne
from resolvers.unit import Keys, Unit
from schema.engine.scalars import Cursor

PAGE_ARGUMENTS: dict[str, Any] = {"first": int, "after": "Cursor", "last": int, "before": "Cursor", "offset": int}


@dataclass(frozen=True, slots=True)
class One:
    """A row by its id; of an interface, a row of whichever kind has it."""

    reads: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Paged:
    """A page of a listing."""

    read: Read


@dataclass(frozen=True, slots=True)
class Link:
    """A relation to one row; of an interface, several that are tried in turn."""

    tos: tuple[ToOne, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A relation to a page of rows."""

    to: ToMany | ToMatching


@dataclass(frozen=True, slots=True)
class AnyNode:
    """A row of any kind by an id: the argument `id` at the root, a value of the row elsewhere."""

    value: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A value the database computes per row."""

    expression: Callable[[Viewer], Any]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column under another name than the field's."""

    name: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A value computed from other columns of the same row; first from where this server is reached, if `located`."""

    function: Callable[..., Any]
    needs: tuple[str, ...]
    located: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A computed answer: a question that knows its permission, its statement, and what the rows mean."""

    question: type[Any]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A computed answer beside a row, made for all rows of a level at once."""

    reckoning: Reckoning


@dataclass(frozen=True, slots=True)
class Promised:
    """What every type of an interface yields, each in a form of its own."""


@dataclass(frozen=True, slots=True)
class Own:
    """What is known about the viewer without looking anything up."""

    function: Callable[[Viewer], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Service:
    """What a part of the process knows about the caller, asked anew by every operation; with leave, if it needs one."""

    function: Callable[..., Awaitable[Any]]
    permission: Permission | None


@dataclass(frozen=True, slots=True)
class Change:
    """A use case; `prepare` turns the argument into what the use case takes when that needs more than copying.

    It runs before the transaction, so that is the place for what takes long. `line` names where whoever asks waits
    until few others are at the same thing.
    """

    use_case: Callable[[Unit, Any], Awaitable[Keys]]
    prepare: Callable[[Desk, Any], Coroutine[Any, Any, Any]] | None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """Events as they are committed; the function says which ones a subscriber wants."""

    arguments: tuple[str, ...]


Form = (
    One
    | Paged
    | Link
    | Collection
    | AnyNode
    | Column
    | Attribute
    | Derived
    | Answer
    | Reckoned
    | Promised
    | Own
    | Service
    | Change
    | Stream
)


class DeclaredField(StrawberryField):
    """A field that is data: its form says what it yields, the engine yields it."""

    form: Form | None = None
    answers_keys: tuple[str, ...] = ()

    @property
    def is_basic_field(self) -> bool:
        """Never: the engine binds its own resolver to every declared field."""
        return False


def one(read: Read | Sequence[Read], description: str | None = None) -> Any:
    """A row by the argument `id`; null when the viewer sees no such row. Several reads are tried in turn."""
    reads = (read,) if isinstance(read, Read) else tuple(read)
    return _field(One(reads), description, id=strawberry.ID)


def connection(read: Read, description: str | None = None, **arguments: Any) -> Any:
    """A page of a listing, with the listing's own arguments before the paging ones."""
    return _field(Paged(read), description, **_optional(arguments), **_optional(PAGE_ARGUMENTS))


def link(to: ToOne | Sequence[ToOne], description: str | None = None) -> Any:
    """A relation to one row, loaded for all parents in one statement; in one of each kind, where there are several."""
    tos = (to,) if isinstance(to, ToOne) else tuple(to)
    return _field(Link(tos), description)


def collection(to: ToMany | ToMatching, description: str | None = None, **arguments: Any) -> Any:
    """A relation to a page of rows, loaded for all parents in one statement."""
    return _field(Collection(to), description, **_optional(arguments), **_optional(PAGE_ARGUMENTS))


def any_node(value: str | None = None, description: str | None = None) -> Any:
    """A row of any kind, by the argument `id` or by an id among the parent's values."""
    arguments = {} if value else {"id": strawberry.ID}
    return _field(AnyNode(value), description, **arguments)


def column(expression: Callable[[Viewer], Any], description: str | None = None) -> Any:
    """A value the database computes per row."""
    return _field(Column(expression), description)


def attribute(name: str, description: str | None = None) -> Any:
    """A column whose name in the code is not the field's."""
    return _field(Attribute(name), description)


def derived(function: Callable[..., Any], *needs: str, description: str | None = None) -> Any:
    """A value computed from the named columns of the same row."""
    return _field(Derived(function, needs), description)


def located(function: Callable[..., str], *needs: str, description: str | None = None) -> Any:
    """An address on this server, computed from where it is reached and the named columns of the row."""
    return _field(Derived(function, needs, located=True), description)


def answer(question: type[Any], description: str | None = None, **arguments: Any) -> Any:
    """A computed answer to a question whose parts are the arguments."""
    return _field(Answer(question), description, **arguments)


def reckoned(reckoning: Reckoning, description: str | None = None, **arguments: Any) -> Any:
    """A computed answer beside a row, made for all parents from a number of statements that does not grow with them."""
    return _field(Reckoned(reckoning), description, **_optional(arguments))


def promised(description: str | None = None, **arguments: Any) -> Any:
    """A field of an interface that its types yield; with `PAGE_ARGUMENTS` where they are pages."""
    return _field(Promised(), description, **_optional(arguments))


def own(function: Callable[[Viewer], dict[str, Any]], description: str | None = None) -> Any:
    """What is known about the viewer."""
    return _field(Own(function), description)


def service(
    function: Callable[..., Awaitable[Any]],
    description: str | None = None,
    permission: Permission | None = None,
    **arguments: Any,
) -> Any:
    """What a part of the process knows about the caller, or tells those who may know it."""
    return _field(Service(function, permission), description, **_optional(arguments))


def change(
    use_case: Callable[[Unit, Any], Awaitable[Keys]],
    prepare: Callable[[Desk, Any], Coroutine[Any, Any, Any]] | None = None,
    description: str | None = None,
    line: str | None = None,
    **argument: Any,
) -> Any:
    """A mutation: one argument, one use case, one unit, one payload."""
    return _field(Change(use_case, prepare, line), description or use_case.__doc__, **argument)


def stream(description: str | None = None, **arguments: Any) -> Any:
    """A subscription to the event log; arguments name what a subscriber wants, `after` a place in the log."""
    field = _field(Stream(tuple(arguments)), description, **_optional({"after": "Cursor"}), **arguments)
    field.is_subscription = True
    return field


class Optional:
    """An argument's type that may be left out or null."""

    def __init__(self, type_: Any) -> None:
        self.type = type_


def _optional(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: Optional(type_) for name, type_ in arguments.items()}


def _field(form: Form, description: str | None, **arguments: Any) -> Any:
    field = DeclaredField(description=_first_line(description))
    field.form = form
    field.arguments = [_argument(name, type_) for name, type_ in arguments.items()]
    return field


def _argument(name: str, type_: Any) -> StrawberryArgument:
    optional = isinstance(type_, Optional)
    bare = type_.type if optional else type_
    annotation = SCALARS.get(bare, bare) if isinstance(bare, str) else bare
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation | None if optional else annotation),
        default=strawberry.UNSET,
    )


def _first_line(text: str | None) -> str | None:
    return text.strip().splitlines()[0] if text else None


SCALARS: dict[str, Any] = {"Cursor": Cursor}
"""Scalars the paging arguments are made of."""

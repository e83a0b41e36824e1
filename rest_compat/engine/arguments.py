"""Declarations of what a route takes: where a value stands in the request and where it goes in the variables.

Names may be dotted, with `[]` after a list: `Body("people[].name", to="input.members[].fullName")`. In a request `{}`
stands after an object whose keys are data, which the graph has as a list: `weeks{}.theme` goes to
`input.weeks[].theme`, and `weeks{}` itself is the key of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from domain.values import ABSENT
from rest_compat.engine.spelling import JsonSchema

Given = Mapping[str, object]
"""Values of a request by the route's own names, defaults filled in."""

LARGEST_OFFSET: Final = 2_147_483_647
"""GraphQL's Int ends here; a page beyond it is empty in any case."""

SAYING: Final[JsonSchema] = {"minLength": 1, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}
"""Bounds of a text that has to say something."""


class Source(StrEnum):
    """Where a value stands in the request."""

    PATH = "path"
    QUERY = "query"
    BODY = "body"
    EITHER = "body or query"
    FILE = "file"
    FILE_NAME = "file name"


IN_BODIES: Final = frozenset({Source.BODY, Source.EITHER, Source.FILE, Source.FILE_NAME})


@dataclass(frozen=True)
class Segment:
    """One step of a dotted name; `many` are the items of a list or, when `keyed`, of an object. `aliases` are what else
    it is called.
    """

    name: str
    many: bool = False
    aliases: tuple[str, ...] = ()
    keyed: bool = False


def segments(name: str, aliases: Sequence[str] = ()) -> tuple[Segment, ...]:
    """`a[].b` as steps; the aliases have as many, and each step is taken by any of its names."""
    steps = tuple(
        Segment(part.removesuffix("[]").removesuffix("{}"), part.endswith(("[]", "{}")), keyed=part.endswith("{}"))
        for part in name.split(".")
    )
    if not aliases:
        return steps
    others = [[each.name for each in segments(alias)] for alias in aliases]
    # Each name once, the steps that are the same everywhere have no other.
    named = zip(steps, *others, strict=True)
    return tuple(
        replace(step, aliases=tuple(dict.fromkeys(n for n in more if n != step.name))) for step, *more in named
    )


@dataclass(frozen=True, eq=False)
class Argument:
    """One value a client may send. Without a place in the variables (`to`) it is a word that is checked and goes no
    further.

    `required`: demanded by the dialect where the graph does not. `default`: used, in the dialect's spelling, when the
    client sent none. `cut`: a larger number is lowered to it instead of refused. `examples`: known values of an open
    list. `read` turns the checked value into the graph's (it also gets what was read before). `accepts`: a JSON
    Schema in place of the derived one, `bounds`: keywords of JSON Schema beside the derived ones, for what the graph
    checks and its types do not say. `numeric`: numbers are taken as text. `aliases`: other names, as long as its own,
    that are taken in requests.
    """

    name: str
    source: Source
    to: str
    required: bool = False
    default: object = ABSENT
    minimum: int | None = None
    cut: int | None = None
    examples: tuple[str, ...] = ()
    read: Callable[[object, Given], object] | None = None
    accepts: JsonSchema | None = None
    bounds: JsonSchema = field(default_factory=dict)
    numeric: bool = False
    note: str = ""
    aliases: tuple[str, ...] = ()


def path(name: str, to: str, note: str = "") -> Argument:
    """A `{name}` in the route's path."""
    return Argument(name, Source.PATH, to, required=True, note=note)


def query(
    name: str,
    to: str,
    *,
    required: bool = False,
    default: object = ABSENT,
    minimum: int | None = None,
    cut: int | None = None,
    examples: tuple[str, ...] = (),
    read: Callable[[object, Given], object] | None = None,
    bounds: JsonSchema | None = None,
    note: str = "",
) -> Argument:
    """A query parameter; an empty value means not given."""
    return Argument(
        name,
        Source.QUERY,
        to,
        required=required,
        default=default,
        minimum=minimum,
        cut=cut,
        examples=examples,
        read=read,
        bounds=bounds or {},
        note=note,
    )


def body(
    name: str,
    to: str,
    *,
    required: bool = False,
    default: object = ABSENT,
    examples: tuple[str, ...] = (),
    read: Callable[[object, Given], object] | None = None,
    accepts: JsonSchema | None = None,
    bounds: JsonSchema | None = None,
    numeric: bool = False,
    note: str = "",
    aliases: tuple[str, ...] = (),
) -> Argument:
    """A property of the JSON body; absent and null are two things."""
    return Argument(
        name,
        Source.BODY,
        to,
        required=required,
        default=default,
        examples=examples,
        read=read,
        accepts=accepts,
        bounds=bounds or {},
        numeric=numeric,
        note=note,
        aliases=aliases,
    )


def either(
    name: str,
    to: str,
    *,
    required: bool = False,
    default: object = ABSENT,
    read: Callable[[object, Given], object] | None = None,
    accepts: JsonSchema | None = None,
    bounds: JsonSchema | None = None,
    numeric: bool = False,
    note: str = "",
    aliases: tuple[str, ...] = (),
) -> Argument:
    """A property of the JSON body, or the parameter of that name where the body gives no value (CB-01).

    In the query `range.start` is `range[start]`, `range.start` or, where no other argument is called so, `start`; a
    list is repeated, with or without `[]`, or separated by commas.
    """
    if "[]" in name:
        raise ValueError(f"a query has no list of objects: {name}")
    return Argument(
        name,
        Source.EITHER,
        to,
        required=required,
        default=default,
        read=read,
        accepts=accepts,
        bounds=bounds or {},
        numeric=numeric,
        note=note,
        aliases=aliases,
    )


def file(name: str, to: str, *, required: bool = False, note: str = "", aliases: tuple[str, ...] = ()) -> Argument:
    """A file, for a variable of the type Upload: a part of a multipart body, or a text in a JSON body (CB-02).

    The text is base64, also as a `data:` address, or what the file says itself.
    """
    return Argument(name, Source.FILE, to, required=required, note=note, aliases=aliases)


def file_name(name: str, to: str, aliases: tuple[str, ...] = ()) -> Argument:
    """What stands in place of a file when only a name was sent, such as `document.pdf`: no path is opened (CB-43)."""
    return Argument(name, Source.FILE_NAME, to, aliases=aliases)


def bodies(under: str, *names: str) -> tuple[Argument, ...]:
    """Body properties that the graph calls by the same names, below the variable `under`."""
    return tuple(body(name, f"{under}.{name}") for name in names)


@dataclass(frozen=True)
class Paging:
    """Page-number paging under a dialect's own names."""

    number: str
    size: str

    def arguments(self, default: int, cut: int, to: tuple[str, str] = ("first", "offset")) -> tuple[Argument, Argument]:
        """Both parameters, feeding a connection's `first` and `offset`."""
        first, offset = to
        many = f"Results per page; more than {cut} are cut to {cut}."
        return (
            query(self.size, first, default=default, minimum=1, cut=cut, note=many),
            query(self.number, offset, default=1, minimum=1, read=self._offset, note="Page number, from 1."),
        )

    def page(self, given: Given) -> tuple[int, int]:
        """Which page was asked for and how many results it holds; 1 stands in for a number that was refused."""
        number, size = given.get(self.number), given.get(self.size)
        return number if isinstance(number, int) else 1, size if isinstance(size, int) else 1

    def _offset(self, _: object, given: Given) -> int:
        number, size = self.page(given)
        return min((number - 1) * size, LARGEST_OFFSET)

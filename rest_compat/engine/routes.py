"""A route as data: method, path, operation, arguments, answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from domain.errors import Kind
from domain.limits import LimitGroup
from rest_compat.engine.answers import Answer
from rest_compat.engine.arguments import Argument
from rest_compat.engine.spelling import JsonSchema


@dataclass(frozen=True, eq=False)
class Route:
    """One documented call. `path` is below the dialect's base, with `{name}` for what a path argument takes.

    `example` is the folder of its printed request and response, `sample` the path and query of that request.
    `limits` are the groups a call is counted in besides that of all calls, `items` the list of the body that says how
    often: every item of a batch counts singly (CB-09).
    `demands` are keywords of JSON Schema for the JSON body as a whole, `also` reasons to refuse that cannot be told
    from what it takes: both are for who reads the OpenAPI document.
    `missing` is what is not there when the route finds nothing, as the dialect's table of errors calls it.
    `name` defaults to the operation's; two routes of one operation need two names.
    """

    method: str
    path: str
    operation: str
    answer: Answer
    arguments: Sequence[Argument] = ()
    status: int = 200
    title: str = ""
    group: str = ""
    example: str = ""
    sample: str = ""
    name: str = ""
    deprecated: bool = False
    limits: Sequence[LimitGroup] = ()
    items: str = ""
    demands: JsonSchema = field(default_factory=dict)
    also: Sequence[Kind] = ()
    missing: str = ""

    @property
    def id(self) -> str:
        """The name that docs, logs and errors know the route by."""
        return self.name or self.operation


@dataclass(frozen=True)
class Removed:
    """A call that the document says is gone: answered as an unknown path, not as a wrong method."""

    method: str
    path: str


def parts(path: str) -> tuple[str, ...]:
    """The segments of a route's path."""
    return tuple(path.strip("/").split("/"))


def capture(pattern: Sequence[str], actual: Sequence[str]) -> Mapping[str, str] | None:
    """What the `{names}` of a pattern stand for in an actual path of the same length; None when it does not fit."""
    captured: dict[str, str] = {}
    for wanted, found in zip(pattern, actual, strict=True):
        if wanted.startswith("{"):
            if not found:
                return None
            captured[wanted[1:-1]] = found
        elif wanted != found:
            return None
    return captured


def decoded(raw_path: bytes) -> tuple[str, ...] | None:
    """The segments of a path, each decoded by itself so that `%2F` stays inside its segment.

    A trailing slash is ignored. None when a segment is not UTF-8 or holds what no id can hold.
    """
    found: list[str] = []
    for part in raw_path.removeprefix(b"/").removesuffix(b"/").split(b"/"):
        try:
            segment = unquote_to_bytes(part).decode("utf-8")
        except UnicodeDecodeError:
            return None
        if "\0" in segment:
            return None
        found.append(segment)
    return tuple(found)

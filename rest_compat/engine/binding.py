"""From a request to GraphQL variables: declared names, then graphql-core's validation, told in the route's names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import GraphQLError, GraphQLInputObjectType, GraphQLList, GraphQLString
from graphql.utilities import validate_input_value

from domain.errors import Code, Kind
from domain.values import ABSENT
from rest_compat.engine.arguments import IN_BODIES, Argument, Segment, Source, segments
from rest_compat.engine.documents import RouteDrift, Variable
from rest_compat.engine.extraction import Found, Name, extract, place
from rest_compat.engine.faults import Fault
from rest_compat.engine.input_types import LARGEST_NUMBER, Place, Wrong, bare, expected, find, parse, read, storable
from rest_compat.engine.spelling import Spelling
from rest_compat.engine.uploads import NameOnly, UploadedFile

WHOLE_BODY = "body"
"""What a problem is filed under when it belongs to no single property."""


def told(name: Name) -> str:
    """A place as the key of an error: dotted, without the position of a plain list's item."""
    while name and isinstance(name[-1], int):
        name = name[:-1]
    return ".".join(map(str, name)) or WHOLE_BODY


Coerce = Callable[[Mapping[str, Any]], dict[str, Any] | None]
"""Coerces the variables of an operation; None where it cannot tell whether they are right."""


@dataclass
class Bound:
    """A request understood: variables for the operation, and the values under the route's names; `coerced` are the
    variables as resolvers take them, where that was found out.
    """

    variables: dict[str, Any] = field(default_factory=dict)
    given: dict[str, object] = field(default_factory=dict)
    origins: dict[Name, Name] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    lacks: bool = False
    coerced: dict[str, Any] | None = None

    def refuse(self, name: Name, why: str) -> None:
        """Note a problem; the first one of a field stays."""
        self.wrong.setdefault(told(name), why)

    def miss(self, name: Name) -> None:
        """Note that something is not there; that outweighs what is wrong."""
        self.lacks = True
        self.refuse(name, "is required")

    def origin(self, place_: Name) -> Name | None:
        """The request's name of a place in the variables: its own, that of the nearest value around it, or of a list
        that of what its items' values are inside of.
        """
        for end in range(len(place_), 0, -1):
            if place_[:end] in self.origins:
                return (*self.origins[place_[:end]], *place_[end:])
        for known, name in self.origins.items():
            inside = known[len(place_) :]
            if known[: len(place_)] == place_ and inside[:1] == (0,) and len(name) > len(inside):
                return name[: -len(inside)]
        return None


class Binder:
    """The arguments of one route, held against its operation's variables."""

    def __init__(
        self, route: str, arguments: Sequence[Argument], variables: Mapping[str, Variable], spelling: Spelling
    ) -> None:
        self.arguments = tuple(arguments)
        self.variables = dict(variables)
        self.spelling = spelling
        self.steps = {each: segments(each.to) for each in self.arguments if each.to}
        self.names = {each: segments(each.name, each.aliases) for each in self.arguments}
        self.places = {each: self._place(route, each) for each in self.arguments}
        self._demand_all(route)
        of_body = [each for each in self.arguments if each.source in IN_BODIES]
        self.reads_body = bool(of_body)
        """Whether the route looks at a body at all."""
        self.files = frozenset(name for each in of_body if each.source is Source.FILE for name in self._firsts(each))
        """The files a body may have; with any, it may be multipart/form-data."""
        self.fields = frozenset(name for each in of_body for name in self._firsts(each)) - self.files
        """The other properties of a body, by the first steps of their names."""
        self.structured = frozenset(name for each in of_body if self._has_parts(each) for name in self._firsts(each))
        """Those that hold others."""
        self.lists = {each: self._demanded(each) for each in of_body}
        """The names on the way to a list that the graph demands and an argument is inside of; else none."""
        self._nameable = frozenset(each.name for each in of_body if each.source is Source.FILE_NAME)
        self.parameters = {
            each: parameters_of(each, self.arguments) for each in of_body if each.source is Source.EITHER
        }
        """What those are called in the query that may stand there as well, the first as it is told."""

    def required(self, argument: Argument) -> bool:
        """Whether a request without it is refused."""
        lacks_default = argument.default is ABSENT
        return lacks_default and (argument.required or self.places[argument].always)

    def bind(
        self,
        path: Mapping[str, str],
        query: Mapping[str, Sequence[str]],
        body: Mapping[str, object],
        textual: bool = False,
        coerce: Coerce | None = None,
    ) -> Bound:
        """Read a request; in a `textual` body numbers are texts, as in a URL.

        `coerce` knows plain variables faster than they are validated.

        Raises:
            Fault: INVALID with every field that is wrong.
        """
        bound = Bound()
        for argument in self.arguments:
            for found in self._find(argument, path, query, body):
                self._take(argument, found, bound, textual)
            if argument.source is Source.EITHER:
                self._look_over(argument, query, bound)
        if coerce and not bound.wrong:
            bound.coerced = coerce(bound.variables)
        if bound.coerced is None:
            for name, variable in self.variables.items():
                self._validate(name, variable, bound)
        if bound.wrong:
            raise Fault(Kind.INVALID, code=Code.REQUIRED if bound.lacks else None, fields=bound.wrong)
        return bound

    def _place(self, route: str, argument: Argument) -> Place:
        if not argument.to:
            return Place(GraphQLString, argument.required, argument.required, "")
        found = find(self.variables, self.steps[argument])
        if found is None:
            raise RouteDrift(route, f"the operation takes no {argument.to!r} (fed by {argument.name!r})")
        return found

    def _demanded(self, argument: Argument) -> Name:
        steps, names = self.steps[argument], [each.name for each in self.names[argument]]
        outer = next((index for index, step in enumerate(steps) if step.many), None)
        into = next((index for index, step in enumerate(self.names[argument]) if step.many), None)
        if outer is None or into is None:
            return ()
        found = find(self.variables, (*steps[:outer], Segment(steps[outer].name)))
        return tuple(names[: into + 1]) if found and found.always else ()

    def _demand_all(self, route: str) -> None:
        fed = {steps[0].name for steps in self.steps.values()}
        for name, variable in self.variables.items():
            optional = variable.has_default or bare(variable.type) is variable.type
            if name not in fed and not optional:
                raise RouteDrift(route, f"nothing feeds the variable ${name}")

    def _find(
        self,
        argument: Argument,
        path: Mapping[str, str],
        query: Mapping[str, Sequence[str]],
        body: Mapping[str, object],
    ) -> Iterator[Found]:
        if argument.source in IN_BODIES:
            for found in extract(body, self.names[argument]):
                if argument.source is Source.EITHER and not found.misfit and found.value in (ABSENT, None):
                    yield self._of_query(argument, found, query)
                else:
                    yield self._of_file(argument, found) if argument.name in self.files else found
            return
        sent = [path[argument.name]] if argument.source is Source.PATH else query.get(argument.name, ())
        yield _said(Found((argument.name,), (), textual=True), sent)

    def _of_query(self, argument: Argument, found: Found, query: Mapping[str, Sequence[str]]) -> Found:
        """What a query says of an argument the body has no value for; without any, what was found there."""
        sent = [text for name in self.parameters[argument] for text in query.get(name, ()) if text != ""]
        if not sent:
            return found
        if isinstance(bare(self.places[argument].type), GraphQLList):
            sent = [",".join(sent)]
        return _said(replace(found, textual=True), sent)

    def _look_over(self, argument: Argument, query: Mapping[str, Sequence[str]], bound: Bound) -> None:
        """Refuse what a query says of an argument if it is no value, though the body's wins over it."""
        name = tuple(step.name for step in self.names[argument])
        said, kind = self._of_query(argument, Found(name, ()), query), self.places[argument].type
        try:
            if said.misfit:
                raise Wrong(said.misfit)
            if said.value is not ABSENT:
                value = self._understood(argument, said.value, dict(bound.given), True)
                validate_input_value(value, kind, lambda *_: bound.refuse(name, expected(kind, self.spelling)))
        except Wrong as error:
            bound.refuse(name, error.expected)

    def _firsts(self, argument: Argument) -> tuple[str, ...]:
        """What the property of a body is called that holds an argument."""
        first = self.names[argument][0]
        return (first.name, *first.aliases)

    def _of_file(self, argument: Argument, found: Found) -> Found:
        """What was sent of a file, for the argument that takes its content or the one that takes a mere name."""
        if argument.source is Source.FILE_NAME:
            return replace(found, value=found.value.name if isinstance(found.value, NameOnly) else ABSENT)
        if isinstance(found.value, NameOnly):
            # Where a name alone will do, it takes the place of the content.
            return replace(found, value=ABSENT if argument.name in self._nameable else found.value)
        return found

    def _has_parts(self, argument: Argument) -> bool:
        kind = bare(self.places[argument].type)
        return len(self.names[argument]) > 1 or isinstance(kind, GraphQLInputObjectType) or str(kind) == "JSON"

    def _take(self, argument: Argument, found: Found, bound: Bound, textual: bool) -> None:
        if found.misfit:
            bound.refuse(found.name, found.misfit)
            return
        if found.value is ABSENT and argument.default is not ABSENT and not found.lists:
            found = replace(found, value=argument.default)
        if found.value is ABSENT:
            spot = self.places[argument]
            if found.alone and not found.lists and self.lists.get(argument):
                bound.miss(self.lists[argument])
            elif argument.required or (spot.always if found.alone else spot.within):
                bound.miss(found.name)
            return
        try:
            texts = textual or found.textual
            value = found.value if found.hole else self._understood(argument, found.value, bound.given, texts)
        except Wrong as error:
            bound.refuse((*found.name, *error.where), error.expected)
            return
        if not argument.to:
            return
        placed = place(bound.variables, self.steps[argument], Found(found.name, found.lists, value, found.hole))
        bound.origins[placed] = found.name

    def _understood(self, argument: Argument, value: object, given: dict[str, object], textual: bool) -> object:
        kind = self.places[argument].type
        if argument.source is Source.FILE and not isinstance(value, UploadedFile | None):
            raise Wrong("must be a file: as a part of multipart/form-data, or its content as base64 or text in JSON")
        if not storable(value):
            raise Wrong("holds a character or number that cannot be stored")
        if textual and isinstance(value, str):
            value = parse(value, kind, self.spelling)
        if argument.accepts is None or argument.read is None:
            value = read(value, kind, self.spelling, argument.numeric)
        value = _ranged(argument, value)
        given[argument.name] = value
        return argument.read(value, given) if argument.read else value

    def _validate(self, name: str, variable: Variable, bound: Bound) -> None:
        if name not in bound.variables:
            return

        def on_error(error: GraphQLError, path: list[str | int]) -> None:
            where = (name, *path)
            origin = bound.origin(where)
            if origin is not None:
                bound.refuse(origin, self._expected(variable, path) or error.message)
            elif not bound.wrong:
                bound.refuse((), "is incomplete")

        validate_input_value(bound.variables[name], variable.type, on_error, hide_suggestions=True)

    def _expected(self, variable: Variable, path: list[str | int]) -> str:
        steps: list[Segment] = [Segment("")]
        for part in path:
            if isinstance(part, int):
                steps[-1] = Segment(steps[-1].name, many=True)
            else:
                steps.append(Segment(part))
        found = find({"": variable}, tuple(steps))
        if found is None:
            return ""
        kind = bare(found.type)
        item = getattr(kind, "of_type", kind) if steps[-1].many else kind
        return expected(item, self.spelling)


def parameters_of(argument: Argument, arguments: Sequence[Argument]) -> tuple[str, ...]:
    """What an argument is called in a query: `range[start]`, `range.start`, `start`, with `[]` after each as well."""
    names: list[str] = []
    others = [each.name.rpartition(".")[2] for each in arguments if each is not argument]
    for name in (argument.name, *argument.aliases):
        first, *rest = name.split(".")
        names += [first + "".join(f"[{step}]" for step in rest), name]
        if name.rpartition(".")[2] not in others:
            names.append(name.rpartition(".")[2])
    known = dict.fromkeys(names)
    return (*known, *(f"{name}[]" for name in known))


def _said(found: Found, texts: Sequence[str]) -> Found:
    """A place with what a URL says of it; empty texts say nothing, and equal ones the same."""
    different = {text for text in texts if text != ""}
    if len(different) > 1:
        return replace(found, misfit="was given more than once with different values")
    return replace(found, value=different.pop() if different else ABSENT)


def _ranged(argument: Argument, value: object) -> object:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    if argument.minimum is not None and value < argument.minimum:
        raise Wrong(f"must be at least {argument.minimum}")
    if argument.cut is not None:
        return min(value, argument.cut)
    if argument.source not in IN_BODIES and value > LARGEST_NUMBER:
        raise Wrong(f"must be at most {LARGEST_NUMBER}")
    return value

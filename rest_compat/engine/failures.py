"""What an execution reports as errors, as faults under the route's own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLError

from domain.errors import Code, DomainError, Kind, Problem
from rest_compat.engine.binding import WHOLE_BODY, Bound, told
from rest_compat.engine.documents import Operation, places_of
from rest_compat.engine.faults import Fault
from rest_compat.engine.shapes import PROBLEMS


class UnexpectedErrors(Exception):
    """An execution failed for reasons no client can mend; logged with all of them, answered as a masked failure."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__("; ".join(str(error) for error in errors))
        self.__cause__ = next((error.original_error for error in errors if error.original_error), None)


class Fields:
    """Where a problem's `field` (a dotted path inside a mutation's input) stands in the request."""

    def __init__(self, operation: Operation) -> None:
        self._variables: dict[tuple[str, ...], tuple[str, ...]] = {}
        for argument in operation.arguments():
            # The domain names fields inside the input object; a lone argument is named by itself.
            start = () if argument.name.value == "input" else (argument.name.value,)
            for inside, variable in places_of(argument.value).items():
                self._variables[(*start, *inside)] = (variable,)

    def told(self, field: str, bound: Bound) -> str:
        """The field under the route's name, or as the domain calls it when the route has none."""
        parts = tuple(field.split("."))
        for end in range(len(parts), -1, -1):
            variable = self._variables.get(parts[:end])
            if variable:
                rest = [int(part) if part.isdecimal() else part for part in parts[end:]]
                origin = bound.origin((*variable, *rest))
                if origin:
                    return told(origin)
        return field


def faultless(result: ExecutionResult, fields: Fields, bound: Bound) -> dict[str, Any]:
    """The data of an execution without errors.

    Raises:
        Fault: a domain error.
        UnexpectedErrors: anything else.
    """
    if result.errors:
        domain = [each.original_error for each in result.errors if isinstance(each.original_error, DomainError)]
        if len(domain) < len(result.errors):
            raise UnexpectedErrors(result.errors)
        raise Fault.of(domain[0], _by_field(domain[0].problems, fields, bound))
    return result.data or {}


def refuse_problems(data: Mapping[str, Any], fields: Fields, bound: Bound) -> None:
    """Take the problems out of the payloads of mutations.

    Raises:
        Fault: there are any.
    """
    for payload in data.values():
        problems = payload.pop(PROBLEMS, None) if isinstance(payload, dict) else None
        if problems:
            raise _told_in_payload(problems, fields, bound)


def _told_in_payload(problems: Sequence[Mapping[str, Any]], fields: Fields, bound: Bound) -> Fault:
    told_ = [Problem(Code[each["code"]], each["message"], each["field"]) for each in problems]
    # A missing row or a conflict outweighs fields that are merely wrong.
    first = next((each for each in told_ if each.code.kind is not Kind.INVALID), told_[0])
    return Fault(first.code.kind, first.message, code=first.code, fields=_by_field(told_, fields, bound))


def _by_field(problems: Iterable[Problem], fields: Fields, bound: Bound) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        # What is missing at the moment may be a part of what was sent, too: then it is named.
        named = problem.code.kind is Kind.UNAVAILABLE and problem.field
        if problem.code.kind is Kind.INVALID or named:
            name = fields.told(problem.field, bound) if problem.field else WHOLE_BODY
            found.setdefault(name, _reworded(problem, name))
    return found


def _reworded(problem: Problem, name: str) -> str:
    """A message that begins with the graph's name of its field, beginning with the route's."""
    field = problem.field or ""
    for known, told_ in ((field, name), (field.rpartition(".")[2], name.rpartition(".")[2])):
        rest = problem.message.removeprefix(known)
        if known and rest != problem.message and rest[:1] in (" ", ".", ":"):
            return told_ + rest
    return problem.message

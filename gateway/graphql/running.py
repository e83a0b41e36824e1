"""What stands around an operation while it runs: what goes wrong becomes a refusal, and who traces is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from graphql import GraphQLError

from domain.errors import DomainError
from gateway.calls import CallRecord
from gateway.graphql.document import Operation
from gateway.graphql.errors import Code, Refused, internal, refused_by_domain
from gateway.spans import span, traced

NOTHING: AbstractContextManager[None] = nullcontext()
"""Stands around what nobody looks at."""


class Calling(Protocol):
    """Whoever an operation runs for."""

    @property
    def call(self) -> CallRecord:
        """The record of its call."""
        ...


def refusal_of(error: Exception, request_id: str, seconds: float) -> Refused:
    """What is told of whatever went wrong outside of fields; `seconds` is how long an operation may take."""
    if isinstance(error, Refused):
        return error
    if isinstance(error, DomainError):
        return refused_by_domain(error)
    if isinstance(error, TimeoutError):
        return too_slow(seconds)
    return internal(error, request_id)


def too_slow(seconds: float) -> Refused:
    """The refusal of an operation that took longer."""
    message = f"The operation took longer than {seconds:g} seconds."
    error = GraphQLError(message, extensions={"code": Code.TIMEOUT.value})
    return Refused([error], Code.TIMEOUT, status=504, in_document=False)


def spanning(operation: Operation, caller: Calling) -> AbstractContextManager[None]:
    """Trace an operation by its kind and fields, never by its variables."""
    return _spanned(operation, caller) if traced() else NOTHING


@contextmanager
def _spanned(operation: Operation, caller: Calling) -> Iterator[None]:
    kind = operation.definition.operation.value
    with span(kind, graphql__operation__type=kind, trigraph__operation=operation.label) as noted:
        yield
        noted.note(trigraph__cost=caller.call.cost)
        if caller.call.code:
            noted.failed(caller.call.code)

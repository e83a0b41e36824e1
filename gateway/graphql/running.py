"""What stands around an operation while it runs: what goes wrong becomes a refusal, and who traces is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
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


class Refusing:
    """Turns whatever goes wrong outside of fields into a refusal; `seconds` is how long it may take."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self._request_id = request_id
        self._seconds = seconds

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, Refused) or not isinstance(error, Exception):
            return
        if isinstance(error, DomainError):
            raise refused_by_domain(error) from error
        if isinstance(error, TimeoutError):
            raise too_slow(self._seconds) from None
        raise internal(error, self._request_id) from error


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

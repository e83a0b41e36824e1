"""Webhooks whose payload the subscriber chose: a GraphQL subscription, executed for each event."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import GraphQLError
from graphql.execution import ExecutionResult, Executor, execute_subscription_event
from graphql.execution.values import get_argument_values

from domain.errors import Code, DomainError, Kind, Problem, invalid
from domain.event_log import Event
from domain.events import EventType
from domain.viewer import Viewer
from gateway.graphql.callers import MakeContext
from gateway.graphql.document import Documents, Operation
from gateway.graphql.errors import Code as GraphQLCode
from gateway.graphql.errors import Refused, rendered
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.shape import outlines
from schema.engine.plan import Plans

_FIELD = "query"
_ROOTS = ("events", "leadEvents")


@dataclass(frozen=True, slots=True)
class _Selection:
    """A subscription that may be told by, and which events its own arguments let through."""

    operation: Operation
    cost: int
    types: frozenset[str]
    lead_id: str | None

    def means(self, event: Event) -> bool:
        return (not self.types or event.type in self.types) and self.lead_id in (None, event.lead_id)


class Selections:
    """Checks and runs the subscriptions that webhooks were given, within the limits of the GraphQL door."""

    def __init__(self, plans: Plans, make_context: MakeContext, limits: GraphQLLimits) -> None:
        self._schema = plans.schema
        self._fields = plans.types["Subscription"].fields
        self._plans = plans
        self._make_context = make_context
        self._limits = limits
        self._documents = Documents(plans.schema, limits)
        self._selection = lru_cache(maxsize=limits.cached_documents)(self._read)

    def check(self, query: str) -> None:
        """Let a document pass that can be run for each event.

        Raises:
            DomainError: INVALID naming `query`, with every message of the GraphQL door.
        """
        self._selection(query)

    def price(self, query: str) -> int:
        """What running the document for one event costs, in points.

        Raises:
            DomainError: as `check`.
        """
        return self._selection(query).cost

    def asks_for(self, query: str, type: EventType) -> bool:
        """Whether the document's own arguments let a kind of event through.

        Raises:
            DomainError: as `check`.
        """
        types = self._selection(query).types
        return not types or type in types

    async def told(self, query: str, event: Event, viewer: Viewer) -> dict[str, Any] | None:
        """`{"data": …}`, with `errors` beside it if there were any; None when its own arguments leave the event out.

        Whether the viewer may hear of the event at all is for the caller to know.

        Raises:
            DomainError: INVALID when the document fits the schema no more; UNAVAILABLE when the database is away, so
                that the event can be told later.
        """
        selection = self._selection(query)
        if not selection.means(event):
            return None
        mark = f"event_{event.sequence}"
        context = self._make_context(viewer, mark, None, "")
        executor = Executor.build(
            self._schema,
            selection.operation.document,
            root_value=event,
            context_value=context,
            operation_name=selection.operation.name,
            hide_suggestions=not self._limits.suggestions,
        )
        if isinstance(executor, list):
            raise _refusal(Refused(executor, GraphQLCode.BAD_USER_INPUT))
        return _answer(await self._in_time(executor), mark)

    async def _in_time(self, executor: Executor[Any]) -> ExecutionResult:
        seconds = self._limits.operation_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                result = execute_subscription_event(executor)
                return await result if isinstance(result, Awaitable) else result
        except TimeoutError:
            message, code = f"The operation took longer than {seconds:g} seconds.", GraphQLCode.TIMEOUT.value
            return ExecutionResult(None, errors=[GraphQLError(message, extensions={"code": code})])

    def _read(self, query: str) -> _Selection:
        try:
            operation = self._documents.operation(query, None)
            if not operation.is_subscription:
                raise invalid(_FIELD, "query must be a subscription such as subscription { events { type data } }.")
            if operation.definition.variable_definitions:
                raise invalid(_FIELD, "query must not have variables: write their values into it.")
            cost = operation.plan.price({}).requested
            types, lead_id = self._arguments(operation)
        except Refused as refused:
            raise _refusal(refused) from None
        return _Selection(operation, cost, types, lead_id)

    def _arguments(self, operation: Operation) -> tuple[frozenset[str], str | None]:
        """The kinds of events and the lead that the subscription itself asks for."""
        index = operation.document.definitions.index(operation.definition)
        # Validation lets a subscription have one root field only.
        root = outlines(operation.document, self._limits)[index][0]
        if root.name not in _ROOTS:
            raise invalid(_FIELD, f"query must ask for one of {' and '.join(_ROOTS)}.")
        plan = self._fields[root.name]
        given = self._plans.converted(plan.declared, get_argument_values(plan.graphql, root.node))
        if given.get("after"):
            raise invalid(_FIELD, "query must not say `after`: a webhook is told what happens from now on.")
        return frozenset(given.get("types", ())), given.get("lead_id")


def _answer(result: ExecutionResult, mark: str) -> dict[str, Any]:
    for error in result.errors or ():
        cause = error.original_error
        if isinstance(cause, DomainError) and cause.kind is Kind.UNAVAILABLE:
            raise cause
    told: dict[str, Any] = {"data": result.data}
    if result.errors:
        told["errors"] = rendered(result.errors, mark)
    return told


def _refusal(refused: Refused) -> DomainError:
    """What the GraphQL door says of a document, as problems of the field it came in."""
    return DomainError([Problem(Code.INVALID, error.message, _FIELD) for error in refused.errors])

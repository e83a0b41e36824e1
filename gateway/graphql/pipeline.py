"""From a GraphQL request to its answer: document, limits, variables, cost, execution, within a time."""

from __future__ import annotations

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Mapping,
)
from contextlib import AbstractContextManager, aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, cast

from graphql import GraphQLError, GraphQLSchema
from graphql.execution import (
    ExecutionResult,
    Executor,
    create_source_event_stream,
    execute_root_selection_set,
    execute_subscription_event,
    map_source_to_response_event,
)

from domain.errors import DomainError
from domain.event_log import Event
from domain.limits import Standing
from domain.values import iso
from domain.viewer import Viewer
from gateway import json
from gateway.calls import CallRecord
from gateway.graphql.answers import Answer, Events, PlainAnswer, answer_of, cursor_of, shows_once
from gateway.graphql.callers import Caller, MakeContext, OperationContext
from gateway.graphql.compiling import Compiling
from gateway.graphql.cost import Cost
from gateway.graphql.document import Documents, Operation
from gateway.graphql.errors import Code, Refused
from gateway.graphql.explained import Explanation, explaining, note_reason
from gateway.graphql.identity import new_request_id
from gateway.graphql.limits import GraphQLLimits
from gateway.graphql.points import Points
from gateway.graphql.repeated import Repeated, Understood
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.running import NOTHING, refusal_of, spanning, too_slow
from gateway.graphql.shadow import Asker, Shadow
from gateway.graphql.sharing import key_of
from gateway.graphql.streams import Bounds, EventMessage, Make, Streams, Subscription
from gateway.patience import in_time
from gateway.spans import traced
from schema.compiled.arguments import Kept
from schema.compiled.operations import Compiled, FallBack
from schema.compiled.steps import LATER
from schema.context import Context
from schema.engine.following import Following

_COERCION_ERRORS = 20


@dataclass(slots=True)
class _Ran:
    """An operation that was paid for and has run; `data` is what a compiled one has answered, as JSON."""

    result: ExecutionResult
    context: OperationContext
    cost: Cost
    standing: Standing
    data: bytes | None = None

    def answer(self, request_id: str, cost: bytes, explanation: Explanation | None) -> Answer:
        """The response; `cost` is what it tells of that, as JSON."""
        if self.data is not None and explanation is None:
            return Answer(PlainAnswer(self.data, cost).body)
        told = {"cost": json.loads(cost)}
        extensions = told if explanation is None else told | {"plan": explanation.told()}
        if self.data is None:
            return answer_of(self.result, request_id, extensions)
        return Answer(b'{"data":%b,"extensions":%b}' % (self.data, json.dumps(extensions)))


class Pipeline:
    """Executes requests on one schema; holds the cache of validated documents."""

    def __init__(
        self,
        schema: GraphQLSchema,
        make_context: MakeContext,
        points: Points,
        limits: GraphQLLimits,
        compiling: Compiling | None = None,
    ) -> None:
        self.limits = limits
        self._points = points
        self._schema = schema
        self._make_context = make_context
        self._compiling = compiling
        self._at_once = compiling is not None and compiling.compiler.driver.at_once is not None
        self._explains = compiling is not None and compiling.explain
        self._documents = Documents(schema, limits, compiling.compiler if compiling else None)
        self.repeated = Repeated(self._documents)
        self.shadow = Shadow(compiling.shadow_share, self._again, compiling.outcomes) if compiling else None
        self.streams = Streams(Bounds(limits.waiting_messages, limits.waiting_bytes))

    def operation(self, request: GraphQLRequest, call: CallRecord) -> Operation:
        """The validated operation of a request; nothing has run yet.

        Raises:
            Refused: with what is wrong with the document.
        """
        operation = self._documents.operation(request.query, request.operation_name)
        call.operation = operation.label
        return operation

    async def execute(self, operation: Operation, request: GraphQLRequest, caller: Caller) -> Answer:
        """Run a query or a mutation to its end.

        Raises:
            Refused: when variables, cost or limits do not allow it, when it takes too long, or on a bug outside of any
                field.
        """
        try:
            if not self._explains and not traced():
                return await self._executed(operation, request, caller, None)
            with spanning(operation, caller), self._explaining() as explanation:
                return await self._executed(operation, request, caller, explanation)
        except Refused:
            raise
        except Exception as error:
            raise self._refusal(error, caller) from error

    def at_once(self, understood: Understood, caller: Caller) -> PlainAnswer | None:
        """The answer to a query that is answered as compiled without waiting; None for all that `execute` has to run.

        What was charged by then is known by the caller, who is not charged again.
        """
        plain = self._plain(understood)
        if plain is None or not self._at_once:
            return None
        compiled, variables, cost = plain
        standing = self._points.spend_at_once(caller.viewer, caller.call.address, cost.requested)
        if standing is None:
            return None
        caller.paid = standing
        try:
            data = compiled.at_once(cast(Context, self._context(caller)), variables)
            return None if data is LATER else self._answer(understood, caller, cost, standing, json.dumps(data))
        except Exception:
            return None

    async def soon(self, understood: Understood, caller: Caller) -> PlainAnswer | None:
        """As `at_once`, of a query whose database has to be waited for.

        Raises:
            Refused: when the client has no points left, or the database is away or takes too long.
        """
        plain = self._plain(understood)
        if plain is None:
            return None
        compiled, variables, cost = plain
        try:
            caller.paid = standing = await self._spent(caller, cost)
            running = compiled.data(cast(Context, self._context(caller)), variables)
            body = json.dumps(await in_time(running, self.limits.operation_timeout_seconds))
        except (FallBack, TypeError):
            return None
        except Exception as error:
            raise self._refusal(error, caller) from error
        return self._answer(understood, caller, cost, standing, body)

    def _plain(self, understood: Understood) -> tuple[Compiled, Kept, Cost] | None:
        """What of a query can be run as compiled, where nobody looks on."""
        compiled, variables, cost = understood.operation.compiled, understood.variables, understood.cost
        if compiled is None or variables is None or cost is None or self._explains or compiled.reason:
            return None
        return compiled, variables, cost

    def _answer(
        self, understood: Understood, caller: Caller, cost: Cost, standing: Standing, data: bytes
    ) -> PlainAnswer:
        if self._compiling:
            self._compiling.outcomes.note()
        caller.call.cost = cost.requested
        answer = PlainAnswer(data, self._told(cost, standing))
        if self.shadow:
            self.shadow.look(understood.operation, understood.request, caller, answer.body)
        return answer

    async def _executed(
        self, operation: Operation, request: GraphQLRequest, caller: Caller, explanation: Explanation | None
    ) -> Answer:
        ran = await self._compiled(operation, request, caller) or await self._ordinary(operation, request, caller)
        answer = ran.answer(caller.request_id, self._told(ran.cost, ran.standing), explanation)
        caller.call.answered_with([*answer.codes, *ran.context.refused])
        if ran.data is not None and self.shadow and not operation.is_mutation:
            self.shadow.look(operation, request, caller, answer.body)
        # Only what could be kept needs the look.
        return replace(answer, once=shows_once(ran.result.data)) if caller.idempotency_key else answer

    async def _ordinary(self, operation: Operation, request: GraphQLRequest, caller: Caller) -> _Ran:
        """Run an operation by graphql-core."""
        context = self._context(caller)
        executor = self._executor(operation, request, context)
        cost = operation.plan.price(executor.variable_values.coerced)
        standing = await self._spent(caller, cost)
        async with asyncio.timeout(self.limits.operation_timeout_seconds) as context.limit:
            result = await _settled(execute_root_selection_set(executor))
        return _Ran(result, context, cost, standing)

    async def _compiled(self, operation: Operation, request: GraphQLRequest, caller: Caller) -> _Ran | None:
        """Run an operation as compiled, or by graphql-core from where that gave up; None when it cannot even begin."""
        compiling, compiled = self._compiling, operation.compiled
        if compiling is None or compiled is None:
            return None
        variables = compiled.variables(request.variables)
        if compiled.reason or variables is None:
            self._left_to_core("variables" if variables is None else "unsupported", compiled.reason)
            return None
        cost = operation.plan.price(variables)
        standing = await self._spent(caller, cost)
        context = self._context(caller)
        try:
            data = await self._in_plan(compiled.data(cast(Context, context), variables), operation, context)
            body = json.dumps(data)
        except (FallBack, TypeError) as error:
            reason = error.reason if isinstance(error, FallBack) else "anomaly"
            self._left_to_core(reason, str(error))
            executor = self._executor(operation, request, context)
            begun = context.limit.when() if context.limit else None
            seconds = self.limits.operation_timeout_seconds
            async with asyncio.timeout_at(begun) if begun else asyncio.timeout(seconds) as context.limit:
                return _Ran(await _settled(execute_root_selection_set(executor)), context, cost, standing)
        compiling.outcomes.note()
        return _Ran(ExecutionResult(data), context, cost, standing, body)

    async def _in_plan(
        self, running: Awaitable[dict[str, Any]], operation: Operation, context: OperationContext
    ) -> dict[str, Any]:
        seconds = self.limits.operation_timeout_seconds
        if not operation.is_mutation:
            return await in_time(running, seconds)
        # What a mutation has done outside has limits of its own, and stops this one meanwhile.
        async with asyncio.timeout(seconds) as context.limit:
            return await running

    def _left_to_core(self, reason: str, detail: str) -> None:
        """Note why an operation is not run as compiled."""
        if self._compiling:
            self._compiling.outcomes.note(reason)
            note_reason(f"{reason}: {detail}" if detail and detail != reason else reason)

    def _refusal(self, error: Exception, caller: Caller) -> Refused:
        return refusal_of(error, caller.request_id, self.limits.operation_timeout_seconds)

    def _explaining(self) -> AbstractContextManager[Explanation | None]:
        return explaining() if self._explains else NOTHING

    async def _again(self, operation: Operation, request: GraphQLRequest, asker: Asker, /, *, compiled: bool) -> bytes:
        """The response of a query once more, as compiled or by graphql-core; it costs nothing and is in no log."""
        context = self._context(Caller(CallRecord(asker.request_id, viewer=asker.viewer)))
        variables = operation.compiled.variables(request.variables) if compiled and operation.compiled else None
        async with asyncio.timeout(self.limits.operation_timeout_seconds) as context.limit:
            if operation.compiled and variables is not None:
                with suppress(FallBack, TypeError):
                    return json.dumps({"data": await operation.compiled.data(cast(Context, context), variables)})
            result = await _settled(execute_root_selection_set(self._executor(operation, request, context)))
        return answer_of(result, asker.request_id).body

    async def subscribe(self, operation: Operation, request: GraphQLRequest, caller: Caller) -> Events | Subscription:
        """Open the event stream of a subscription; what follows the log is shared with whoever asks the same.

        Raises:
            Refused: when the stream cannot be opened. One that breaks later raises it while it is read.
        """
        try:
            with spanning(operation, caller):
                executor = self._executor(operation, request, self._context(caller))
                await self._spent(caller, operation.plan.price(executor.variable_values.coerced))
                async with asyncio.timeout(self.limits.operation_timeout_seconds):
                    source = await _settled(create_source_event_stream(executor))
        except Refused:
            raise
        except Exception as error:
            raise self._refusal(error, caller) from error
        if isinstance(source, ExecutionResult):
            raise Refused(source.errors or [], "")
        if isinstance(source, Following) and caller.viewer is not None:
            key = key_of(operation, request, caller.viewer)
            if key is not None:
                making = partial(self._making, operation, request, caller.viewer)
                return self.streams.subscribe(key, source, making)
        return Events(self._answers(executor, source, caller.request_id), source)

    def _making(self, operation: Operation, request: GraphQLRequest, viewer: Viewer) -> Make:
        """Makes the messages of a stream, in a context of its own: it outlives whoever asked first."""
        request_id = new_request_id()
        context = self._context(Caller(CallRecord(request_id, viewer=viewer)))
        executor = self._executor(operation, request, context)

        async def make(event: Event) -> EventMessage:
            answer = await self._compiled_event(operation, context, executor.variable_values.coerced, event)
            if answer is None:
                answer = answer_of(await self._event(executor.build_per_event_executor(event)), request_id)
            return EventMessage(event.sequence, answer.body, answer.event_id)

        return make

    async def _compiled_event(
        self, operation: Operation, context: OperationContext, variables: Mapping[str, Any], event: Event
    ) -> Answer | None:
        """What is told of an event, written as compiled; None where graphql-core has to write it."""
        if self._compiling is None or operation.compiled is None:
            return None
        try:
            async with asyncio.timeout(self.limits.operation_timeout_seconds):
                data = await operation.compiled.event(cast(Context, context), variables, event)
                answer = Answer(json.dumps({"data": data}), event_id=cursor_of(data))
        except (FallBack, DomainError, TimeoutError, TypeError) as error:
            self._compiling.outcomes.note(error.reason if isinstance(error, FallBack) else "anomaly")
            return None
        self._compiling.outcomes.note()
        return answer

    async def _answers(
        self, executor: Executor[Any], source: AsyncIterable[Any], request_id: str
    ) -> AsyncGenerator[Answer, None]:
        stream = map_source_to_response_event(executor, source, self._event)
        async with aclosing(stream):
            try:
                async for result in stream:
                    yield answer_of(result, request_id)
            except Exception as error:
                # The source broke: the domain's own word for it, or a bug.
                raise Refused([GraphQLError(str(error), original_error=error)], "") from error

    def _event(self, executor: Executor[Any]) -> Awaitable[ExecutionResult]:
        return self._in_time(execute_subscription_event(executor))

    async def _in_time(self, running: Awaitable[ExecutionResult] | ExecutionResult) -> ExecutionResult:
        try:
            async with asyncio.timeout(self.limits.operation_timeout_seconds):
                result: ExecutionResult = await _settled(running)
                return result
        except TimeoutError:
            return ExecutionResult(None, errors=list(too_slow(self.limits.operation_timeout_seconds).errors))

    def _context(self, caller: Caller) -> OperationContext:
        context = self._make_context(
            caller.viewer,
            caller.request_id,
            caller.idempotency_key,
            caller.fingerprint,
            resume_after=caller.resume_after,
        )
        context.left = caller.left
        return context

    def _executor(self, operation: Operation, request: GraphQLRequest, context: OperationContext) -> Executor[Any]:
        executor = Executor.build(
            self._schema,
            operation.document,
            context_value=context,
            raw_variable_values=request.variables,
            operation_name=operation.name,
            max_coercion_errors=_COERCION_ERRORS,
            hide_suggestions=not self.limits.suggestions,
        )
        if isinstance(executor, list):
            raise Refused(executor, Code.BAD_USER_INPUT)
        return executor

    async def _spent(self, caller: Caller, cost: Cost) -> Standing:
        paid = caller.paid
        standing = paid or await self._points.spend(caller.viewer, caller.call.address, cost.requested)
        caller.call.cost = cost.requested
        return standing

    def _told(self, cost: Cost, standing: Standing) -> bytes:
        """What an answer says of its cost, and of what its client has left, as JSON."""
        limit, resets_at = standing.allowance.limit, _written(standing.resets_at)
        return _COST % (cost.requested, self.limits.cost, cost.nodes, limit, standing.remaining, resets_at)


_COST = b'{"requested":%d,"maximum":%d,"nodes":%d,"limit":%d,"remaining":%d,"resetAt":"%b"}'


@lru_cache(maxsize=64)
def _written(moment: datetime) -> bytes:
    """A moment as JSON has it; many answers tell of the same minute."""
    return iso(moment).encode()


async def _settled(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value

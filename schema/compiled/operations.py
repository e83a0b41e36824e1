"""Operations as programs: composed once for a text and the truth of its conditions, run as often as it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from graphql import DocumentNode, OperationDefinitionNode, OperationType, VariableNode
from graphql.language import DirectiveNode, FragmentDefinitionNode, Visitor, visit

from domain.errors import DomainError, Kind
from domain.event_log import Event
from schema.compiled.arguments import Unusual
from schema.compiled.changes import Changed, Heard, Mutation
from schema.compiled.composing import Composer, Rooms, Run, Unsupported
from schema.compiled.programs import Program
from schema.compiled.respelling import Respelling
from schema.compiled.statements import Statements
from schema.compiled.steps import LATER, Begin, Driver
from schema.compiled.variables import Coercion
from schema.context import Context
from schema.engine.plan import Plans

_CONDITIONS = ("skip", "include")
_MOST_PROGRAMS = 16
"""Of one operation: more combinations of conditions than that are left to ordinary execution."""


class FallBack(Exception):
    """Ordinary execution has to run the operation; `reason` is one of few, `detail` says more of it."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Compiler:
    """Composes operations for one database."""

    def __init__(self, plans: Plans, driver: Driver, public_url: str, kept: int) -> None:
        """A compiler whose programs `driver` runs, and that keeps so many statements."""
        self.driver = driver
        self.statements = Statements(driver.dialect, kept)
        self.rooms = Rooms(plans, self.statements, public_url, driver.processor)

    def operation(
        self, document: DocumentNode, definition: OperationDefinitionNode, shape: Respelling | None = None
    ) -> Compiled:
        """An operation of a validated document; with a shape, written as that says."""
        return Compiled(self, document, definition, shape)


class Compiled:
    """One operation; `reason` says why it can never be run so, and is empty if it can."""

    def __init__(
        self,
        compiler: Compiler,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        shape: Respelling | None,
    ) -> None:
        self._compiler = compiler
        self._document = document
        self._definition = definition
        self._shape = shape
        self._conditions = _conditions(document)
        self._programs: dict[tuple[bool, ...], Program | Mutation | Heard] = {}
        self._coercion = Coercion(compiler.rooms.plans.schema, definition)
        self._reason: str | None = None

    @property
    def reason(self) -> str:
        """Why it can never be run so; composed where that is not known yet."""
        if self._reason is None:
            self._reason = ""
            if not self._conditions:
                try:
                    self._programs[()] = self._composed({})
                except Unsupported as error:
                    self._reason = str(error)
        return self._reason

    def variables(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """Coerced variables; None where only graphql-core can tell what they are, or what is wrong with them."""
        return self._coercion.coerced(raw)

    async def data(self, context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The value of `data` of a query or a mutation, for coerced variables.

        Raises:
            FallBack: when ordinary execution has to run it; what a mutation has done is settled in the context.
            DomainError: UNAVAILABLE when the database cannot be asked now.
        """
        program, run = self._begun(context, variables)
        if isinstance(program, Mutation):
            return {field.key: await self._changed(field, context, run) for field in program.fields}
        if not isinstance(program, Program):
            raise FallBack("unsupported", "subscription")
        found: dict[str, Any] = await self._run(lambda: program.steps(run))
        return found

    def at_once(self, context: Context, variables: Mapping[str, Any]) -> Any:
        """As `data`, of a query that nothing has to be waited for; `LATER` for any other, of which nothing was done.

        Raises:
            FallBack: when ordinary execution has to run it.
            DomainError: UNAVAILABLE when the database cannot be asked now.
        """
        run_at_once = self._compiler.driver.at_once
        if run_at_once is None or self._definition.operation is not OperationType.QUERY:
            return LATER
        program, run = self._begun(context, variables)
        assert isinstance(program, Program)  # noqa: S101 - queries are
        try:
            return run_at_once(lambda: program.steps(run))
        except Exception as error:
            _give_up(error)

    async def event(self, context: Context, variables: Mapping[str, Any], event: Event) -> dict[str, Any]:
        """The value of `data` of one event of a subscription.

        Raises:
            FallBack: when ordinary execution has to write it.
            DomainError: UNAVAILABLE when the database cannot be asked now.
        """
        program, run = self._begun(context, variables)
        if not isinstance(program, Heard):
            raise FallBack("unsupported", "query")
        found: dict[str, Any] = await self._run(lambda: program.steps(event, run))
        return found

    def _begun(self, context: Context, variables: Mapping[str, Any]) -> tuple[Program | Mutation | Heard, Run]:
        if self.reason:
            raise FallBack("unsupported", self.reason)
        program = self._program(variables)
        viewer = context.viewer
        if viewer is None or not program.permissions <= viewer.permissions:
            raise FallBack("permission")
        return program, Run(self._compiler.statements, context, variables)

    async def _changed(self, field: Changed, context: Context, run: Run) -> Any:
        try:
            payload = await field.change(context, run.variables)
        except Exception as error:
            raise FallBack("refused", type(error).__name__) from error
        return await self._run(lambda: field.steps(payload, run))

    async def _run(self, begin: Begin) -> Any:
        try:
            return await self._compiler.driver.run(begin)
        except Exception as error:
            _give_up(error)

    def _program(self, variables: Mapping[str, Any]) -> Program | Mutation | Heard:
        truths = tuple([bool(variables.get(name)) for name in self._conditions]) if self._conditions else ()
        program = self._programs.get(truths)
        if program is None:
            told = all(type(variables.get(name)) is bool for name in self._conditions)
            if len(self._programs) >= _MOST_PROGRAMS or not told:
                raise FallBack("conditions")
            try:
                program = self._programs[truths] = self._composed(dict(zip(self._conditions, truths, strict=True)))
            except Unsupported as error:
                self._reason = str(error)
                raise FallBack("unsupported", self._reason) from error
        return program

    def _composed(self, conditions: Mapping[str, bool]) -> Program | Mutation | Heard:
        composer = Composer(self._compiler.rooms, self._document, self._definition, conditions)
        if self._definition.operation is OperationType.MUTATION:
            return Mutation(composer, self._shape)
        if self._definition.operation is OperationType.SUBSCRIPTION:
            return Heard(composer)
        return Program(composer, self._shape)


def _give_up(error: Exception) -> NoReturn:
    if isinstance(error, DomainError):
        if error.kind in (Kind.UNAVAILABLE, Kind.TIMEOUT):
            raise error
        raise FallBack("refused", error.code) from error
    if isinstance(error, Unusual):
        raise FallBack("unusual", str(error)) from error
    if isinstance(error, Unsupported):
        raise FallBack("unsupported", str(error)) from error
    # Stored values that are not as the schema says, above all. What else it may be, ordinary execution tells.
    raise FallBack("anomaly", type(error).__name__) from error


def _conditions(document: DocumentNode) -> tuple[str, ...]:
    """The variables that decide what is selected, those of its other operations among them."""
    found: dict[str, None] = {}

    class Find(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
            if node.name.value in _CONDITIONS:
                for argument in node.arguments or ():
                    if isinstance(argument.value, VariableNode):
                        found[argument.value.name.value] = None

    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            visit(definition, Find())
    return tuple(found)

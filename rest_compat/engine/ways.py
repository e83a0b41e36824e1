"""How the calls of one process are understood and run: as compiled where that can be, and remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rest_compat.engine.binding import Bound
from rest_compat.engine.plain import PlainRead
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.requests import REMEMBERED, parameters
from rest_compat.engine.services import Services
from schema.compiled.arguments import Kept
from schema.compiled.operations import Compiled, Compiler, FallBack
from schema.context import Context

KEPT = 2048
"""How many addresses and requests are remembered; with `REMEMBERED` bytes each, a few megabytes at most."""

Captured = tuple[tuple[str, str], ...]


class Note(Protocol):
    """Counts operations."""

    def __call__(self, reason: str = ..., /) -> None:
        """One more was left to graphql-core for this reason; without one, it was run as compiled."""


@dataclass(frozen=True, slots=True)
class CompiledRoutes:
    """Who compiles the operations of routes, and who counts what became of them."""

    compiler: Compiler
    note: Note


class Ways:
    """Understands and runs routes; without a compiler, graphql-core runs all of them."""

    def __init__(self, compiling: CompiledRoutes | None) -> None:
        self._compiling = compiling
        self._compiled: dict[PreparedRoute, Compiled] = {}
        self._known = lru_cache(maxsize=KEPT)(self._read)

    def read(self, route: PreparedRoute, captured: Mapping[str, str], raw_query: bytes) -> Bound:
        """What a request without a body says; the same for equal requests, so that nobody may alter it.

        Raises:
            Fault: UNREADABLE, or INVALID with every field that is wrong.
        """
        pairs = tuple(captured.items())
        long = len(raw_query) + sum([len(value) for _, value in pairs]) > REMEMBERED
        return (self._read if long else self._known)(route, pairs, raw_query)

    def bind(
        self,
        route: PreparedRoute,
        path: Mapping[str, str],
        query: Mapping[str, Sequence[str]],
        body: Mapping[str, object],
        textual: bool = False,
    ) -> Bound:
        """What a request says.

        Raises:
            Fault: INVALID with every field that is wrong.
        """
        compiled = self._of(route)
        return route.binder.bind(path, query, body, textual, compiled.variables if compiled else None)

    def plain(
        self, route: PreparedRoute, captured: Mapping[str, str], raw_query: bytes, services: Services
    ) -> PlainRead | None:
        """What a request without a body reads, where that can be had without waiting.

        Raises:
            Fault: as `read`.
        """
        compiling, compiled = self._compiling, self._of(route)
        if compiling is None or compiled is None or compiled.reason or compiling.compiler.driver.at_once is None:
            return None
        bound = self.read(route, captured, raw_query)
        if bound.coerced is None:
            return None
        return PlainRead(services, route, bound, bound.coerced, compiled, compiling.note)

    async def run(self, route: PreparedRoute, bound: Bound, context: object) -> object:
        """The body of the answer.

        Raises:
            Fault: the graph refused, or there is nothing there.
            DomainError: UNAVAILABLE when the database cannot be asked now.
            UnexpectedErrors: the graph failed.
        """
        compiling, compiled = self._compiling, self._compiled.get(route)
        if compiling and compiled:
            try:
                if bound.coerced is None:
                    raise FallBack("variables")
                assert isinstance(context, Context)  # noqa: S101 - compiled operations run in no other
                data = await compiled.data(context, bound.coerced)
            except FallBack as left:
                compiling.note(left.reason)
            else:
                compiling.note()
                return route.written(data, bound)
        return await route.run(bound, context)

    def _read(self, route: PreparedRoute, captured: Captured, raw_query: bytes) -> Bound:
        bound = self.bind(route, dict(captured), parameters(raw_query), {})
        if bound.coerced is not None:
            bound.coerced = Kept(bound.coerced)
        return bound

    def _of(self, route: PreparedRoute) -> Compiled | None:
        """A route's operation, compiled when it is first called: most processes are never asked for most routes."""
        if self._compiling and route not in self._compiled:
            document, definition = route.operation.document, route.operation.plain_definition
            compiler = self._compiling.compiler
            self._compiled[route] = compiler.operation(document, definition, route.result.respelling)
        return self._compiled.get(route)

"""Asking the graph in process, the way every door does, and counting what that costs in SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import graphql
import pytest
from sqlalchemy import event

from domain.errors import Code, DomainError
from domain.viewer import Viewer
from gateway.connections import Connections
from gateway.database import Database
from gateway.operations import Operations
from gateway.sqlite import Connection
from resolvers.unit import Claim
from schema.context import Context, PageLimits
from schema.graph import graphql_schema
from tests.factories.limits import limits_of


@dataclass(frozen=True)
class Refusal:
    """A top-level error: what was refused, and at which field."""

    code: Code
    path: str
    message: str
    field: str | None = None


@dataclass(frozen=True)
class Answer:
    """What an operation answered; bugs are raised, refusals are listed."""

    data: Any
    errors: list[Refusal] = field(default_factory=list)

    @property
    def codes(self) -> list[Code]:
        """The codes of the refusals."""
        return [error.code for error in self.errors]


@lru_cache(maxsize=256)
def _parsed(text: str) -> graphql.DocumentNode:
    document = graphql.parse(text)
    problems = graphql.validate(graphql_schema, document)
    assert not problems, problems
    return document


class Graph:
    """The graph over one database, asked as one viewer unless another is named."""

    def __init__(self, database: Database, viewer: Viewer) -> None:
        self.database = database
        self.viewer = viewer
        self.limits = limits_of(database)
        self.connections = Connections(database.clock)

    async def __call__(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        *,
        viewer: Viewer | None = None,
        anonymous: bool = False,
        trusted: bool = False,
        claim: Claim | None = None,
        pages: PageLimits | None = None,
    ) -> Answer:
        """Run a query or mutation; data and refusals."""
        context = self._context(viewer, anonymous, trusted, claim, pages)
        ran = graphql.execute(
            graphql_schema, _parsed(query), context_value=context, variable_values=dict(variables or {})
        )
        result = ran if isinstance(ran, graphql.ExecutionResult) else await ran
        return Answer(result.data, [_refusal(error) for error in result.errors or []])

    async def data(self, query: str, viewer: Viewer | None = None, **variables: Any) -> Any:
        """Run an operation that has to succeed; its data."""
        answer = await self(query, variables, viewer=viewer)
        assert answer.errors == [], answer.errors
        return answer.data

    @asynccontextmanager
    async def subscription(
        self, query: str, viewer: Viewer | None = None, resume_after: str | None = None, **variables: Any
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """An open subscription as an iterator of data; closed at the end.

        Raises:
            DomainError: when the subscription was refused.
        """
        context = replace(self._context(viewer), resume_after=resume_after)
        opened = await graphql.subscribe(
            graphql_schema, _parsed(query), context_value=context, variable_values=variables
        )
        if isinstance(opened, graphql.ExecutionResult):
            raise (opened.errors or [AssertionError(opened)])[0].original_error or opened.errors[0]  # type: ignore[index]
        results = _data_of(opened)
        try:
            yield results
        finally:
            await results.aclose()
            await opened.aclose()  # type: ignore[attr-defined]

    def _context(
        self,
        viewer: Viewer | None,
        anonymous: bool = False,
        trusted: bool = False,
        claim: Claim | None = None,
        pages: PageLimits | None = None,
    ) -> Context:
        asking = None if anonymous else viewer or self.viewer
        return Context(
            asking,
            "req_test",
            self.database,
            self.limits,
            Operations(self.database, self.connections),
            trusted,
            claim,
            pages or PageLimits(),
        )


async def _data_of(results: Any) -> Any:
    async for result in results:
        assert not result.errors, result.errors
        yield result.data


def _refusal(error: graphql.GraphQLError) -> Refusal:
    original = error.original_error
    if not isinstance(original, DomainError):
        raise original or error
    return Refusal(original.code, ".".join(map(str, error.path or [])), original.message, original.field)


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are run meanwhile, without what begins and ends transactions."""
    ran: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SELECT pg_notify")):
            ran.append(statement)

    engines = {database.engines.reading.sync_engine, database.engines.writing.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        with _told_directly(ran):
            yield ran
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


@contextmanager
def _told_directly(ran: list[str]) -> Iterator[None]:
    """Note the statements that SQLite is told without SQLAlchemy."""

    def noting(method: Any) -> Any:
        async def noted(self: Connection, sql: str, values: Any) -> Any:
            ran.append(sql)
            return await method(self, sql, values)

        return noted

    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "write"):
            patch.setattr(Connection, name, noting(getattr(Connection, name)))
        yield

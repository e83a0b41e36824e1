"""What an operation runs in: the viewer, the database boundary, the page limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

from graphql import GraphQLResolveInfo

from domain.errors import unauthenticated, unavailable
from domain.event_log import Event
from domain.outside import Outside
from domain.ports import Budgets, Clock, WebhookTerms
from domain.viewer import Viewer
from resolvers.desk import Desk
from resolvers.operations import EndpointCounts, LiveConnection, QueueDepth
from resolvers.reads import Statement
from resolvers.unit import Claim, Keys, Unit
from resolvers.writing import Budget
from schema.engine.rows import Row
from schema.engine.totals import Totals

_GREATEST_INT = 2**31 - 1

T = TypeVar("T")
Work = Callable[[Unit], Awaitable[Keys]]


class Reader(Protocol):
    """One connection inside one read snapshot."""

    async def rows(self, statement: Statement) -> Sequence[Any]:
        """Every row of a statement."""
        ...


class Boundary(Protocol):
    """Where reads get their snapshot and writes are committed."""

    totals: Totals
    webhooks: WebhookTerms
    outside: Outside
    clock: Clock
    bulk: int
    public_url: str

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """A read snapshot, given back at the end."""
        ...

    async def transact(self, viewer: Viewer, work: Work, claim: Claim | None = None, path: str = "") -> Keys:
        """Run a use case in one transaction, rows and events together; what it answered.

        With a claim the answer is stored in the same transaction, and given again instead of running twice.
        """
        ...

    def pages(self, organization_id: str, after: int) -> AsyncGenerator[Sequence[Event], None]:
        """What follows a place in the log, as many events at once as there are; waits for more without end.

        Raises:
            DomainError: CURSOR_EXPIRED when the log does not go back to the place any more.
        """
        ...

    async def certain(self) -> None:
        """Wait until it is known who may still hear what: events are given out only after that."""
        ...


class Operations(Protocol):
    """What is known of the running process, told for the viewer's organization."""

    def connections(self, viewer: Viewer) -> Sequence[LiveConnection]:
        """The streams of this process that are open, the oldest first."""
        ...

    async def queues(self, viewer: Viewer) -> Sequence[QueueDepth]:
        """What waits to be worked on."""
        ...

    async def endpoints(self, viewer: Viewer) -> EndpointCounts:
        """How many endpoints of webhooks are in which state."""
        ...

    async def writing(self, viewer: Viewer) -> Budget:
        """What language models have cost the organization this month, and may cost."""
        ...


@dataclass(frozen=True, slots=True)
class PageLimits:
    """How many rows one page may have."""

    default: int = 50
    most: int = 100
    deepest_offset: int = 1_000_000
    trusted_most: int = 10_000


@dataclass
class Context:
    """The context value of one operation.

    `trusted` marks documents of our own that run in process: the page maximum gives way to a high cap.
    `resume_after` is the cursor of the last event that a subscriber who comes back has seen. `refused` gathers the
    codes of what payloads say was not done, `settled` what mutations have answered already, by their response keys, so
    that none runs twice. `limit` is the time an operation may take, where it has one. `left` ends
    when the client has gone away, where that can be known.
    """

    viewer: Viewer | None
    request_id: str
    boundary: Boundary
    budgets: Budgets
    operations: Operations
    trusted: bool = False
    claim: Claim | None = None
    pages: PageLimits = field(default_factory=PageLimits)
    resume_after: str | None = None
    refused: list[str] = field(default_factory=list)
    settled: dict[str, Row | Exception] = field(default_factory=dict)
    limit: asyncio.Timeout | None = None
    left: Callable[[], Awaitable[None]] | None = None
    _reader: Reader | None = None
    _readers: int = 0
    _turn: asyncio.Lock | None = None
    _leave: AbstractAsyncContextManager[Reader] | None = None

    def known_viewer(self) -> Viewer:
        """The viewer of an operation that needs one.

        Raises:
            DomainError: UNAUTHENTICATED when the request carried no credential.
        """
        if self.viewer is None:
            raise unauthenticated()
        return self.viewer

    def desk(self) -> Desk:
        """Where a use case of this operation is prepared."""
        return Desk(
            self.known_viewer(), self.boundary.clock.now(), self.boundary.outside, self._aside, self.boundary.bulk
        )

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """What is done meanwhile has limits of its own, and does not count in the time of the operation."""
        limit, loop = self.limit, asyncio.get_running_loop()
        end = limit.when() if limit else None
        if limit is None or end is None:
            yield
            return
        began = loop.time()
        limit.reschedule(None)
        try:
            yield
        finally:
            limit.reschedule(end + loop.time() - began)

    @asynccontextmanager
    async def in_line(self, name: str) -> AsyncIterator[None]:
        """Keep a place in a line, where there is one; the operation's time does not run while it waits for it."""
        line = self.boundary.outside.lines.get(name)
        async with AsyncExitStack() as held:
            if line is not None:
                async with self.aside():
                    await held.enter_async_context(line.place())
            yield

    async def unless_left(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of work that nothing was stored for yet; given up once the client has left.

        Raises:
            DomainError: UNAVAILABLE when it has.
        """
        if self.left is None:
            return await work
        working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(self.left())
        try:
            await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise unavailable("The client has left.")
        finally:
            working.cancel()
            leaving.cancel()
            # What was under way puts its own things in order first.
            await asyncio.gather(working, leaving, return_exceptions=True)

    async def _aside(self, statement: Statement) -> Sequence[Any]:
        async with self.boundary.snapshot() as reader:
            return await reader.rows(statement)

    @property
    def usual_rows(self) -> int:
        """The size of a page nobody gave one; a documented list without pages gets all there may be."""
        return self.most_rows if self.trusted else min(self.pages.default, self.most_rows)

    @property
    def deepest_offset(self) -> int:
        """The furthest offset; a documented page number past the end is an empty page, not a mistake (CU-22)."""
        return _GREATEST_INT if self.trusted else self.pages.deepest_offset

    @property
    def most_rows(self) -> int:
        """The largest page this operation may ask for."""
        return self.pages.trusted_most if self.trusted else self.pages.most

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Callable[[Statement], Awaitable[Sequence[Any]]]]:
        """Run statements one after another on one connection in one snapshot.

        Fields that are resolved at the same time share both: the first one opens, the last one closes.
        """
        self._readers += 1
        try:
            yield self._rows
        finally:
            self._readers -= 1
            if self._readers == 0 and self._leave is not None:
                leave, self._leave, self._reader = self._leave, None, None
                await leave.__aexit__(None, None, None)

    async def _rows(self, statement: Statement) -> Sequence[Any]:
        # Made by the first that needs it: an operation that runs as compiled reads nothing here.
        self._turn = turn = self._turn or asyncio.Lock()
        async with turn:
            if self._reader is None:
                self._leave = self.boundary.snapshot()
                self._reader = await self._leave.__aenter__()
            return await self._reader.rows(statement)


Info: TypeAlias = "GraphQLResolveInfo[Context]"
"""What graphql-core tells a resolver, with this context in it."""

"""The boundary: snapshots to read in, and the one place where anything is committed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from typing import Any, TypeVar, cast

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from domain.errors import Code, DomainError, conflict
from domain.event_log import Event
from domain.idempotency import IdempotencyClaim
from domain.lifetimes import ATTRIBUTION_DAYS, DAYS_BEFORE, READER_DAYS
from domain.outside import Outside
from domain.ports import Clock, Letter, Vault, WebhookTerms
from domain.viewer import Viewer
from domain.writing import WriterTerms
from gateway.calls import origin
from gateway.engines import Engines
from gateway.event_feed import Feeds
from gateway.failures import lost_race, refusal, told
from gateway.transactions import transactions
from resolvers.held import Held
from resolvers.kept import Direct, Kept
from resolvers.reads import Statement
from resolvers.sql import TODAY
from resolvers.unit import Beginning, Claim, Keys, Unit, remembered
from schema.context import Reader, Work
from schema.engine.totals import Totals

_ATTEMPTS = 4
"""How often a transaction that lost a race is run again."""
CHANNEL = "trigraph_events"
"""The PostgreSQL channel that wakes the other processes."""

_NOTIFY = Kept(select(func.pg_notify(bindparam("channel", type_=Text), bindparam("said", type_=Text))))
_CLAIMED = Kept(
    select(IdempotencyClaim.fingerprint, IdempotencyClaim.result).where(
        IdempotencyClaim.client_id == bindparam("client"),
        IdempotencyClaim.key == bindparam("key"),
        IdempotencyClaim.path == bindparam("path"),
    )
)

T = TypeVar("T")
ACCESS = "access"
"""What is said on that channel when access changed."""
DUE = "due"
"""What is said there when something fell due by a commit."""
Deliver = Callable[[Viewer, str], Awaitable[None]]
Post = Callable[[Letter], Awaitable[None]]
Begin = Callable[[Viewer, Sequence[Beginning]], Awaitable[None]]
Rejoin = Callable[[Keys], Awaitable[None]]


class _ConnectionReader:
    """Rows from one connection inside one snapshot."""

    def __init__(self, connection: AsyncConnection, today: date) -> None:
        self._connection = connection
        self._known = {TODAY: today}

    async def rows(self, statement: Statement) -> Sequence[Any]:
        with told():
            found: Sequence[Any] = (await self._connection.execute(statement, self._known)).all()
            return found


class Database:
    """Snapshots, transactions and the event feed over one pair of engines."""

    def __init__(
        self,
        engines: Engines,
        clock: Clock,
        vault: Vault,
        *,
        bulk: int,
        poll_seconds: float,
        public_url: str = "http://127.0.0.1:8000",
    ) -> None:
        self.engines = engines
        self.clock = clock
        self.vault = vault
        self.public_url = public_url
        self.deliver: Deliver | None = None
        self.post: Post | None = None
        self.begin: Begin | None = None
        self.rejoin: Rejoin | None = None
        """Waits, for a request that has come again, for what the first one began."""
        self.access_changed: Callable[[Set[str]], None] | None = None
        self.committed: Callable[[str], None] | None = None
        """Told the organization of every commit; `made_due` is told when something fell due by one."""
        self.made_due: Callable[[], None] | None = None
        self.writing: WriterTerms | None = None
        """What a language model may cost; None where there is none."""
        self.outside = Outside()
        """What use cases have done for them before their transaction."""
        self.webhooks = WebhookTerms()
        """What webhooks may be; payloads of one's own only once somebody can check them."""
        self.alert_days: Sequence[int] = DAYS_BEFORE
        """How many days before a deadline it is told."""
        self.attribution_days = ATTRIBUTION_DAYS
        """How many days after its mail a campaign has won a lead."""
        self.reader_days = READER_DAYS
        """How many days it is kept by what a reader reads."""
        self.totals = Totals()
        self.feeds = Feeds(self.rows, poll_seconds)
        self.bulk = bulk
        self._transactions = transactions(engines)

    @asynccontextmanager
    async def snapshot(self, *, aside: bool = False) -> AsyncIterator[Reader]:
        """One connection in one read snapshot: what is committed meanwhile is not seen."""
        engine = self.engines.aside if aside else self.engines.reading
        # Left by its own exit, it has given its connection back when this ends, also where the caller was cancelled.
        async with AsyncExitStack() as stack:
            with told():
                connection = await stack.enter_async_context(engine.connect())
            if not self.engines.embedded:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield _ConnectionReader(connection, self.clock.now().date())

    async def rows(self, statement: Statement, *, aside: bool = False) -> Sequence[Any]:
        """The rows of a single statement in a snapshot of its own; `aside` waits for no busy connection."""
        async with self.snapshot(aside=aside) as reader:
            return await reader.rows(statement)

    async def transact(self, viewer: Viewer, work: Work, claim: Claim | None = None, path: str = "") -> Keys:
        """Run a use case in one transaction; a race lost to another writer is run again, a refusal leaves nothing.

        Raises:
            DomainError: the use case's own, CONFLICT for a reused idempotency key, UNAVAILABLE when the database is
                locked, full or gone.
        """

        async def run(held: Held) -> tuple[Unit | None, Keys]:
            unit = self._unit(held, viewer)
            known = await _claimed(unit, claim, path) if claim else None
            if known is not None:
                return None, known
            return unit, await self._run(unit, work, claim, path)

        try:
            unit, keys = await self._committed(run)
        except DomainError:
            # Of two at once under one key the second may be refused for what the first has made of it meanwhile.
            known = await self._claimed_meanwhile(viewer, claim, path) if claim else None
            if known is None:
                raise
            unit, keys = None, known
        if unit:
            await self._follow_up(unit)
        elif self.rejoin:
            await self.rejoin(keys)
        return keys

    async def store(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run and commit something that is no use case and tells nothing; races are run again as in `transact`.

        Raises:
            DomainError: UNAVAILABLE or CONFLICT when the database cannot take it now.
        """
        return await self._committed(lambda held: work(held.session))

    async def store_directly(self, work: Callable[[Direct], Awaitable[T]]) -> T:
        """The same for what is told to the connection in the database's own words."""
        return await self._committed(lambda held: work(held.direct))

    async def _committed(self, work: Callable[[Held], Awaitable[T]]) -> T:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._transactions.run(work)
            except (DBAPIError, PoolTimeout, OSError) as error:
                if attempt == _ATTEMPTS or not lost_race(error):
                    raise refusal(error) from error
        raise AssertionError("a last attempt either returns or raises")

    def _unit(self, held: Held, viewer: Viewer) -> Unit:
        return Unit(
            held,
            viewer,
            self.clock,
            self.bulk,
            origin(),
            self.vault,
            self.public_url,
            self.webhooks,
            self.alert_days,
            self.attribution_days,
            self.reader_days,
        )

    def pages(self, organization_id: str, after: int) -> AsyncGenerator[Sequence[Event], None]:
        """The events of an organization after a place in the log, as many at once as there are."""
        return self.feeds.pages(organization_id, after)

    async def certain(self) -> None:
        """Wait until it is known who may still hear what."""
        await self.feeds.certain()

    async def _run(self, unit: Unit, work: Work, claim: Claim | None, path: str) -> Keys:
        keys = await work(unit)
        if claim:
            unit.add(_claim_row(unit, claim, path, keys))
        sealed = await unit.seal()
        if not self.engines.embedded:
            # Told with the commit, not before: PostgreSQL holds notifications back until then.
            news = {unit.viewer.organization_id: sealed, ACCESS: unit.changed_access, DUE: unit.made_due}
            for said in (each for each, holds in news.items() if holds):
                await unit.run(_NOTIFY, channel=CHANNEL, said=said)
        return keys

    async def _claimed_meanwhile(self, viewer: Viewer, claim: Claim, path: str) -> Keys | None:
        own = (IdempotencyClaim.client_id == viewer.counted_as, IdempotencyClaim.key == claim.key)
        same = (IdempotencyClaim.path == path, IdempotencyClaim.fingerprint == claim.fingerprint)
        rows = await self.rows(select(IdempotencyClaim.result).where(*own, *same))
        return rows[0][0] if rows else None

    async def _follow_up(self, unit: Unit) -> None:
        self.feeds.wake(unit.viewer.organization_id)
        if self.committed:
            self.committed(unit.viewer.organization_id)
        if self.made_due and unit.made_due:
            self.made_due()
        if self.access_changed and unit.changed_access:
            self.access_changed(unit.changed_access)
        if self.deliver:
            for email_id in unit.deliveries:
                await self.deliver(unit.viewer, email_id)
        if self.post:
            for letter in unit.letters:
                await self.post(letter)
        if self.begin and unit.beginnings:
            await self.begin(unit.viewer, unit.beginnings)


async def _claimed(unit: Unit, claim: Claim, path: str) -> Keys | None:
    found = await unit.run(_CLAIMED, client=unit.viewer.counted_as, key=claim.key, path=path)
    if not found:
        return None
    ((fingerprint, result),) = found
    if fingerprint != claim.fingerprint:
        raise conflict(
            "This Idempotency-Key was used for another request.", "Idempotency-Key", Code.IDEMPOTENCY_CONFLICT
        )
    return cast(Keys, result)


def _claim_row(unit: Unit, claim: Claim, path: str, keys: Keys) -> IdempotencyClaim:
    return IdempotencyClaim(
        client_id=unit.viewer.counted_as,
        key=claim.key,
        path=path,
        fingerprint=claim.fingerprint,
        result=remembered(keys),
        created_at=unit.now,
    )

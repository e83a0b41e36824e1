"""What the process hands to its doors: who calls, what they run in, what was answered before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from domain.errors import DomainError, unauthenticated
from domain.limits import LimitGroup, Standing
from domain.ports import Budgets
from domain.viewer import Dialect, Viewer
from gateway import json
from gateway.credential_rules import Door
from gateway.credentials import Credentials, Recognised
from gateway.database import Database
from gateway.graphql.replay import StoredAnswer as GraphQLAnswer
from gateway.limits.limits import Limits
from gateway.replays import Replays
from resolvers.unit import Claim
from rest_compat.engine.charges import A_REQUEST
from rest_compat.engine.services import RateState, StoredAnswer
from schema.context import Context, Operations, PageLimits


class Contexts:
    """Makes the context an operation runs in."""

    def __init__(self, database: Database, budgets: Budgets, operations: Operations, pages: PageLimits) -> None:
        self._database = database
        self._budgets = budgets
        self._operations = operations
        self._pages = pages

    def make(
        self,
        viewer: Viewer | None,
        request_id: str,
        idempotency_key: str | None = None,
        fingerprint: str | None = None,
        *,
        trusted: bool = False,
        resume_after: str | None = None,
    ) -> Context:
        """The context of one operation; an idempotency key becomes the claim its writes are stored with."""
        claim = Claim(idempotency_key, fingerprint or "") if idempotency_key else None
        return Context(
            viewer,
            request_id,
            self._database,
            self._budgets,
            self._operations,
            trusted,
            claim,
            self._pages,
            resume_after,
        )


class GraphQLIdentity:
    """Credentials as the GraphQL door asks for them: of every dialect, in every documented style."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def __call__(self, headers: Mapping[str, str], address: str | None) -> Viewer | None:
        """Who calls; None without a credential."""
        return await self._credentials.viewer(headers, Door(None, address))


class GraphQLReplay:
    """Replays as the GraphQL door asks for them."""

    def __init__(self, replays: Replays) -> None:
        self._replays = replays

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> GraphQLAnswer | None:
        """The first answer to this key, when there was one."""
        found = await self._replays.before(viewer, key, fingerprint)
        return GraphQLAnswer(found.status, found.body) if found else None

    async def after(self, viewer: Viewer, key: str, fingerprint: str, status: int, body: bytes) -> None:
        """Keep the first answer to this key."""
        await self._replays.after(viewer, key, fingerprint, StoredAnswer(status, (), body))


class RestServices:
    """The process around a REST dialect."""

    def __init__(
        self, credentials: Credentials, limits: Limits, contexts: Contexts, replays: Replays, database: Database
    ) -> None:
        self._credentials = credentials
        self._limits = limits
        self._contexts = contexts
        self._replays = replays
        self._database = database

    async def authenticate(
        self, dialect: str, headers: Mapping[str, str], address: str | None, sandbox: bool | None
    ) -> Viewer:
        """Who calls."""
        viewer = await self._credentials.viewer(headers, _door(dialect, address, sandbox))
        if viewer is None:
            raise unauthenticated("An API key is required.")
        return viewer

    def recognise(
        self, dialect: str, headers: Mapping[str, str], address: str | None, sandbox: bool | None
    ) -> Recognised | None:
        """The credential of a call, for those that present it again."""
        try:
            return self._credentials.recognised(headers, _door(dialect, address, sandbox))
        except DomainError:
            return None

    async def product_of(self, headers: Mapping[str, str], address: str | None) -> str | None:
        """The dialect of the client behind these credentials, as GraphQL's door reads them: it takes every style."""
        try:
            viewer = await self._credentials.viewer(headers, Door(None, address))
        except DomainError:
            return None
        return viewer.dialect.value if viewer and viewer.dialect else None

    def rate_at_once(self, viewer: Viewer) -> RateState | None:
        """Charge a request that costs nothing else."""
        standings = self._limits.charge_all_at_once(viewer, LimitGroup.API_REQUESTS, 1)
        return None if standings is None else _state(_shown(standings), 0)

    async def rate(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> RateState:
        """Charge this request."""
        if charges == A_REQUEST:
            state = self.rate_at_once(viewer)
            if state is not None:
                return state
        taken = await self._limits.charge(viewer, charges)
        refusing = taken.exhausted
        if refusing is None and 0 in charges.values():
            full = [each for each in taken.standings if not charges[each.allowance.group] and not each.remaining]
            refusing = max(full, key=lambda each: each.resets_at, default=None)
        if refusing is None:
            return _state(_shown(taken.standings), 0)
        left = refusing.resets_at - self._database.clock.now()
        return _state(refusing, max(1, int(left.total_seconds())))

    def make_context(
        self,
        viewer: Viewer,
        request_id: str,
        idempotency_key: str | None,
        fingerprint: str | None,
        left: Callable[[], Awaitable[None]] | None,
    ) -> object:
        """The GraphQL context of one call: trusted, because its document is one of ours."""
        context = self._contexts.make(viewer, request_id, idempotency_key, fingerprint, trusted=True)
        context.left = left
        return context

    async def before(self, viewer: Viewer, key: str, fingerprint: str) -> StoredAnswer | None:
        """The first answer to this key, when there was one."""
        return await self._replays.before(viewer, key, fingerprint)

    async def after(self, viewer: Viewer, key: str, fingerprint: str, answer: StoredAnswer) -> None:
        """Keep the first answer to this key."""
        await self._replays.after(viewer, key, fingerprint, answer)

    def dumps(self, value: object) -> bytes:
        """JSON as UTF-8."""
        return json.dumps(value)

    def loads(self, data: bytes) -> object:
        """JSON from UTF-8."""
        return json.loads(data)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._database.clock.now()


@lru_cache(maxsize=1024)
def _door(dialect: str, address: str | None, sandbox: bool | None) -> Door:
    return Door(Dialect(dialect), address, sandbox)


def _shown(standings: Sequence[Standing]) -> Standing:
    """The window a client has to know of: the one without room that resets last, else the one documented first."""
    if len(standings) == 1:
        return standings[0]
    empty = [each for each in standings if each.used >= each.allowance.limit]
    return max(empty, key=lambda each: each.resets_at) if empty else standings[0]


def _state(told: Standing, wait: int) -> RateState:
    allowance = told.allowance
    return RateState(allowance.limit, told.remaining, told.resets_at, wait, allowance.window)

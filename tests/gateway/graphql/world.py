"""A small schema with everything the door has to cope with, and the door in front of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import httpx
from graphql import GraphQLError, GraphQLSchema, build_schema

from domain.errors import Code, DomainError, Problem, forbidden, refuse, unauthenticated
from domain.limits import Allowance, LimitGroup, LimitWindow, Standing, Taken
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.calls import CallRecord
from gateway.connections import Connections
from gateway.graphql.door import Door as Shared
from gateway.graphql.http import GraphQLEndpoint
from gateway.graphql.limits import DocumentTerms, GraphQLLimits
from gateway.graphql.persisted import Persisted
from gateway.graphql.pipeline import Pipeline
from gateway.graphql.points import Points
from gateway.graphql.websocket import GraphQLWebSocket
from gateway.guard import Guard
from gateway.heads import Left
from tests.clocks import PRINTED, SetClock

SDL = """
scalar JSON
scalar Upload
enum Colour { RED GREEN }
interface Node { id: ID! }
type PageInfo { hasNextPage: Boolean! }
type LeadEdge { cursor: String! node: Lead! }
type LeadConnection { edges: [LeadEdge!]! nodes: [Lead!]! pageInfo: PageInfo! totalCount: Int! }
type Reason { points: Int! }
type Lead implements Node {
  id: ID! name: String! owner: User reasons: [Reason!]!
  notes(first: Int, last: Int, offset: Int): NoteConnection!
}
type Note { id: ID! lead: Lead }
type NoteConnection { nodes: [Note!]! }
type User implements Node { id: ID! name: String! best: Lead }
input Point { x: Int! y: Int }
input NewLead { name: String tags: [String!] extra: JSON }
input NewLeads { leads: [NewLead!]! }
type NewResult { lead: Lead }
type NewPayload { made: Int results: [NewResult!] }
type Query {
  hello(name: String = "world"): String!
  echo(value: JSON): JSON
  add(point: Point!): Int
  colour(colour: Colour): Colour
  number: Int
  who: String
  bug: String
  fault(say: String): String
  strict: String!
  denied: String
  refused: String
  tooMany: [Reason]
  deliberate: String
  slow: String
  node(id: ID!): Node
  lead: Lead
  leads(first: Int, last: Int, after: String, before: String, offset: Int): LeadConnection!
  some(first: Int = 7): [Lead!]!
}
type Mutation {
  touch(by: Int = 1): Int! fails: Int
  make(input: NewLeads, one: NewLead): NewPayload
  upload(file: Upload!): String! uploads(files: [Upload!]!): [String!]!
}
type Tick { cursor: String! number: Int! bug: String slow: String }
type Subscription {
  count(to: Int!, after: String): Tick! forever: Tick! plain: Int!
  denied: Tick! bug: Tick! breaks: Tick! expires: Tick! slow: Tick! held: Tick!
}
"""

VIEWER = Viewer(
    organization_id="org_1",
    client_id="client_1",
    user_id="user_1",
    team_id=None,
    permissions=frozenset({Permission.READ_LEADS}),
    scopes=("read",),
    dialect=None,
    tier="free",
    name="Ann",
)


class WorldContext(dict[str, object]):
    """What resolvers find; `refused` are the codes that payloads told."""

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.refused: list[str] = []
        self.limit: asyncio.Timeout | None = None
        self.left: Left | None = None


@dataclass
class Purse:
    """Limits of one window: what everybody has used, and the most a client may use."""

    clock: SetClock
    most: int = 100_000
    used: dict[str, int] = field(default_factory=dict)

    async def charge(self, viewer: Viewer, charges: Mapping[LimitGroup, int]) -> Taken:
        return self._take(viewer.client_id, charges[LimitGroup.POINTS], self.most)

    def charge_at_once(self, viewer: Viewer, group: LimitGroup, amount: int) -> Standing | None:
        return None

    async def attempt(self, subject: str, allowance: Allowance, amount: int = 1) -> Taken:
        return self._take(subject, amount, allowance.limit)

    def attempt_at_once(self, subject: str, allowance: Allowance, amount: int = 1) -> Standing | None:
        return None

    def _take(self, payer: str, amount: int, limit: int) -> Taken:
        fits = self.used.get(payer, 0) + amount <= limit
        self.used[payer] = self.used.get(payer, 0) + (amount if fits else 0)
        allowance = Allowance(LimitGroup.POINTS, LimitWindow.MINUTE, limit)
        standing = Standing(allowance, self.used[payer], LimitWindow.MINUTE.end(self.clock.now()))
        return Taken((standing,), None if fits else standing)


@dataclass
class World:
    """The state behind the schema; tests look at it."""

    touched: int = 0
    opened: int = 0
    closed: int = 0
    contexts: list[dict[str, Any]] = field(default_factory=list)
    calls: list[CallRecord] = field(default_factory=list)
    viewers: dict[str, Viewer] = field(default_factory=lambda: {"Bearer good": VIEWER, "good": VIEWER})
    clock: SetClock = field(default_factory=lambda: SetClock(PRINTED))
    seen: list[Mapping[str, str]] = field(default_factory=list)
    trusted: dict[str, str] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def authenticate(self, headers: Mapping[str, str], address: str | None) -> Viewer | None:
        self.seen.append(dict(headers))
        credential = headers.get("authorization") or headers.get("x-api-key")
        if credential is None:
            return None
        if credential == "Bearer busy":
            raise refuse(Code.RATE_LIMITED, "Too many requests.", retry_after=7)
        if credential == "Bearer bug":
            raise RuntimeError("secret detail")
        if credential not in self.viewers:
            raise unauthenticated("The API key is not valid.")
        return self.viewers[credential]

    def make_context(
        self,
        viewer: Viewer | None,
        request_id: str,
        key: str | None,
        fingerprint: str,
        *,
        resume_after: str | None = None,
    ) -> WorldContext:
        if key == "busy":
            raise refuse(Code.UNAVAILABLE, "The store does not answer.")
        made = WorldContext(viewer=viewer, request_id=request_id, key=key, fingerprint=fingerprint)
        made["resume_after"] = resume_after
        self.contexts.append(made)
        return made

    async def find(self, id: str) -> str | None:
        self.asked_for.append(id)
        if id == "busy":
            raise refuse(Code.UNAVAILABLE, "The store does not answer.")
        return self.trusted.get(id)

    async def ticks(self, to: int | None, after: int = 0) -> AsyncIterator[dict[str, Any]]:
        self.opened += 1
        try:
            number = after
            while to is None or number < to:
                number += 1
                yield {"cursor": f"c{number}", "number": number}
                if to is None:
                    self.started.set()
                    await self.gate.wait()
        finally:
            self.closed += 1
            self.ended.set()


class Source:
    """Events of a source that is no generator: open from the moment it is made."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.opened += 1

    def __aiter__(self) -> Source:
        return self

    async def __anext__(self) -> dict[str, Any]:
        self.world.started.set()
        await self.world.gate.wait()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.world.closed += 1


def schema_of(world: World) -> GraphQLSchema:
    schema = build_schema(SDL)
    query, mutation, subscription = schema.query_type, schema.mutation_type, schema.subscription_type
    assert query
    assert mutation
    assert subscription

    def resolves(name: str, function: Any) -> None:
        query.fields[name].resolve = function

    async def slow(_root: Any, _info: Any) -> str:
        world.started.set()
        try:
            await world.gate.wait()
        finally:
            world.ended.set()
        return "done"

    def raises(error: Exception) -> Any:
        def resolve(*_args: Any, **_named: Any) -> Any:
            raise error

        return resolve

    def touch(_root: Any, _info: Any, by: int) -> int:
        world.touched += by
        return world.touched

    async def upload(_root: Any, _info: Any, file: Any) -> str:
        return f"{file.filename}:{(await file.read()).decode()}"

    async def uploads(_root: Any, _info: Any, files: list[Any]) -> list[str]:
        return [f"{file.filename}:{(await file.read()).decode()}" for file in files]

    resolves("hello", lambda _r, _i, name: f"hello {name}")
    resolves("echo", lambda _r, _i, value=None: value)
    resolves("add", lambda _r, _i, point: point["x"] + point.get("y", 0))
    resolves("colour", lambda _r, _i, colour="BLUE": colour)
    resolves("number", lambda _r, _i: 2**40)
    resolves("who", lambda _r, info: info.context["viewer"].name if info.context["viewer"] else None)
    resolves("bug", raises(RuntimeError("SELECT secret FROM users")))
    resolves("fault", lambda _r, _i, say: raises(RuntimeError(say))())
    resolves("strict", raises(ValueError("hidden")))
    resolves("denied", raises(forbidden("read:leads")))
    problems = (
        Problem(Code.INVALID, "email is not an address.", "email"),
        Problem(Code.REQUIRED, "source is required."),
    )
    resolves("refused", raises(DomainError(problems, {"limit": 5})))
    resolves("tooMany", lambda _r, _i: [{}] * 20)
    resolves("deliberate", raises(GraphQLError("Said on purpose.", extensions={"code": "CUSTOM"})))
    resolves("slow", slow)
    mutation.fields["touch"].resolve = touch
    mutation.fields["upload"].resolve = upload
    mutation.fields["uploads"].resolve = uploads
    mutation.fields["fails"].resolve = raises(RuntimeError("mutation bug"))

    async def breaks(*_args: Any) -> AsyncIterator[Any]:
        yield {"cursor": "c1", "number": 1}
        raise RuntimeError("connection to 10.0.0.1 lost")

    async def expires(*_args: Any) -> AsyncIterator[Any]:
        yield {"cursor": "c1", "number": 1}
        raise refuse(Code.CONFLICT, "The cursor is too old; fetch again.")

    async def denied(_root: Any, info: Any) -> Any:
        raise unauthenticated()

    def from_cursor(_root: Any, info: Any, to: int, after: str | None = None) -> Any:
        after = info.context["resume_after"] or after
        return world.ticks(to, int(after.removeprefix("c")) if after else 0)

    async def plain(*_args: Any) -> AsyncIterator[int]:
        yield 1

    sources = {
        "count": from_cursor,
        "forever": lambda _r, _i: world.ticks(None),
        "plain": plain,
        "denied": denied,
        "bug": raises(RuntimeError("opening failed")),
        "breaks": breaks,
        "expires": expires,
        "slow": slow,
        "held": lambda _r, _i: Source(world),
    }
    for name, source in sources.items():
        subscription.fields[name].subscribe = source
        subscription.fields[name].resolve = lambda event, _info, **_args: event
    tick: Any = schema.get_type("Tick")
    tick.fields["bug"].resolve = raises(RuntimeError("event bug"))
    tick.fields["slow"].resolve = slow
    return schema


@dataclass
class Door:
    """The door in front of a world, with a client for its HTTP side."""

    world: World
    purse: Purse
    guard: Guard
    connections: Connections
    http: GraphQLEndpoint
    websocket: GraphQLWebSocket
    client: httpx.AsyncClient
    persisted: Persisted

    async def post(self, query: str, accept: str = "application/json", **more: Any) -> httpx.Response:
        headers = {"Accept": accept, **more.pop("headers", {})}
        return await self.client.post("/graphql", json={"query": query, **more}, headers=headers)


def nothing_trusted() -> Persisted:
    """Documents of an installation that has registered none."""

    async def find(_: str) -> None:
        return None

    return Persisted(find, DocumentTerms())


def door_of(world: World, **options: Any) -> Door:
    named = {name: options.pop(name) for name in ("html", "replay") if name in options}
    terms = {each.name: options.pop(each.name) for each in fields(DocumentTerms) if each.name in options}
    persisted = Persisted(world.find, DocumentTerms(**terms))
    limits = GraphQLLimits(**options)
    purse, guard, connections = Purse(world.clock), Guard(world.clock), Connections(world.clock)
    points = Points(purse, world.clock, limits.anonymous_points)
    pipeline = Pipeline(schema_of(world), world.make_context, points, limits)
    shared = Shared(pipeline, world.authenticate, guard, connections, limits, persisted)
    endpoint = GraphQLEndpoint(shared, **named)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(endpoint), base_url="http://door")
    return Door(
        world, purse, guard, connections, endpoint, GraphQLWebSocket(shared, world.calls.append), client, persisted
    )

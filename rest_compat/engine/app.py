"""A dialect as an ASGI application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial

from graphql import GraphQLSchema

from domain.errors import Code, DomainError, Kind
from domain.limits import LimitGroup
from domain.viewer import Viewer
from rest_compat.engine.bodies import ClientGone, Receive, Waiting, read, understand
from rest_compat.engine.charges import Charge, count
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.faults import Fault, Refusal, challenge
from rest_compat.engine.matching import Match, Router
from rest_compat.engine.own_pages import Pages
from rest_compat.engine.plain import PlainRead
from rest_compat.engine.prepared import PreparedRoute, prepare
from rest_compat.engine.requests import REMEMBERED, Call, Scope
from rest_compat.engine.responses import JSON, Response, Send, encoded, standing_headers
from rest_compat.engine.routes import decoded
from rest_compat.engine.sent import Sent, WithFiles
from rest_compat.engine.served import Handler, ServedRoute, Visit, bearing, denying
from rest_compat.engine.services import DoorSettings, Services, StoredAnswer
from rest_compat.engine.ways import KEPT, CompiledRoutes, Ways

LONGEST_KEY = 255
"""Characters of an Idempotency-Key; the field's usual limit."""

_LONGEST_METHOD = 20

_log = logging.getLogger(__name__)


class DialectApp:
    """Serves one dialect; the scope's path is that of the product's own host.

    Raises:
        RouteDrift: at construction, when a route does not fit the schema.
    """

    def __init__(
        self,
        dialect: Dialect,
        schema: GraphQLSchema,
        services: Services,
        settings: DoorSettings,
        handlers: Mapping[str, Handler] | None = None,
        compiling: CompiledRoutes | None = None,
    ) -> None:
        """A door; `handlers` answer the calls that the process serves itself, by their ids."""
        routes = prepare(dialect, schema)
        served = [ServedRoute(each, handlers[each.id]) for each in dialect.served] if handlers is not None else []
        self.dialect = dialect
        self.services = services
        self.settings = settings
        self._router = Router(dialect.bases, [*routes, *served], dialect.removed)
        self._with_files = WithFiles(services, settings)
        self.standing = encoded(standing_headers(settings))
        self._known = lru_cache(maxsize=KEPT)(self._found)
        self.ways = Ways(compiling)
        self._pages = Pages(dialect, routes, settings, services.dumps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or the handshake of a websocket that `opens` has promised."""
        await self.serve(Call.of(scope), receive, send)

    async def serve(self, call: Call, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if call.websocket:
            await receive()
            send = denying(send, call.extensions)
        response = await self.respond(call, receive)
        if response:
            await response.send(send, with_body=call.method != "HEAD")

    async def respond(self, call: Call, receive: Receive, match: Match | None = None) -> Response | None:
        """The answer to a call, with all its headers; None when nobody waits for it. `match` is its route, if known."""
        waiting = Waiting(receive)
        try:
            response = await self._answer(call, receive, waiting, match)
        except ClientGone:
            return None
        except (DomainError, Fault) as error:
            if waiting.gone:
                return None
            response = self._refuse(Fault.of(error) if isinstance(error, DomainError) else error, call)
        except Exception:
            about = (call.method, call.raw_path.decode("latin-1"), call.request_id)
            _log.exception("%s %s failed, request %s", *about, extra={"request_id": call.request_id})
            response = self._refuse(Fault(Refusal.INTERNAL), call)
        response.headers.append(("X-Request-Id", call.request_id))
        if call.rate:
            response.headers += self.dialect.rate_headers.told(call.rate, response.status)
        response.encoded = self.standing
        return response

    def match(self, method: str, raw_path: bytes) -> Match | None:
        """The route of a call that an operation of the graph answers; None for every other call."""
        try:
            found = self._found(method, raw_path)
        except Fault:
            return None
        return found if isinstance(found, Match) and isinstance(found.route, PreparedRoute) else None

    def plain(self, match: Match, raw_query: bytes) -> PlainRead | None:
        """What calls of a route that only reads ask for, where that can be had without waiting.

        Raises:
            Fault: the query cannot be read, or is wrong.
        """
        assert isinstance(match.route, PreparedRoute)  # noqa: S101 - the others do not only read
        return self.ways.plain(match.route, match.captured, raw_query, self.services)

    def operation(self, match: Match) -> str:
        """A call as the audit log names it: by its route, never by what was in its path."""
        return self._named(match.route.route.method, match.route.route.path)

    async def _answer(self, call: Call, receive: Receive, waiting: Waiting, known: Match | None) -> Response:
        if call.method == "OPTIONS":
            return self._options(call)
        match = known or self._match(call)
        if isinstance(match, Response):
            return self._page(match, call)
        found = match.route if isinstance(match, Match) else None
        if isinstance(match, Match) and isinstance(found, ServedRoute):
            return await self._serve(found, match.captured, call, receive)
        groups = found.route.limits if isinstance(found, PreparedRoute) else ()
        viewer = await self._admit(call, self._operation(match, call), needed=found is not None, groups=groups)
        if isinstance(match, Fault):
            raise match
        assert viewer is not None  # noqa: S101 - it was needed
        assert isinstance(found, PreparedRoute)  # noqa: S101 - the others were served
        if found.only_reads:
            return await self._read(found, match.captured, viewer, call, waiting)
        charge = Charge(self.services, viewer, call, groups)
        async with charge.settled(), self._sent(found, call, receive) as sent:
            run = partial(self._run, found, match.captured, viewer, call, sent, charge, waiting)
            key = call.headers.get("idempotency-key") if found.writes else None
            return await run() if key is None else await self._run_once(run, viewer, call, sent.content, key)

    @asynccontextmanager
    async def _sent(self, found: PreparedRoute, call: Call, receive: Receive) -> AsyncIterator[Sent]:
        """The body of a call, as far as its route looks at one; files are closed afterwards."""
        if found.binder.files:
            async with self._with_files.sent(receive, call.headers, found.binder) as sent:
                yield sent
        elif found.binder.reads_body or found.writes:
            yield Sent(await read(receive, call.headers, self.settings))
        else:
            yield Sent(b"")

    async def _serve(self, served: ServedRoute, captured: Mapping[str, str], call: Call, receive: Receive) -> Response:
        """Hand a call to whoever in the process answers it."""
        route, viewer = served.route, None
        if not route.public:
            viewer = await self._admit(call, self._named(route.method, route.path), needed=True, token=route.token)
        if route.websocket and not call.websocket:
            raise Fault(Refusal.UNREADABLE, "this address is for websockets", headers=(("Upgrade", "websocket"),))
        again = partial(self.services.authenticate, self.dialect.name, call.headers, call.address, call.sandbox)
        return await served.handler(Visit(call, captured, viewer, again, receive))

    async def _admit(
        self, call: Call, operation: str, *, needed: bool, groups: Sequence[LimitGroup] = (), token: str = ""
    ) -> Viewer | None:
        """Let a call in: who it is, and whether there is room for it; `token` is a parameter that may say who.

        A call with groups of its own is counted when it is understood.
        """
        if call.record:
            call.record.enter(self.dialect.name, operation)
        if token:
            call.headers = bearing(call.headers, call.query().get(token, ()))
        viewer = call.viewer
        if viewer is None and needed:
            viewer = await self.services.authenticate(self.dialect.name, call.headers, call.address, call.sandbox)
        elif viewer is None:
            viewer = await self._perhaps(call)
        if viewer:
            if call.record:
                call.record.viewer = viewer
            if groups:
                await Charge(self.services, viewer, call, groups).look()
            elif call.rate is None:
                await count(self.services, viewer, call)
        return viewer

    def _operation(self, match: Match | Fault, call: Call) -> str:
        if isinstance(match, Fault):
            return f"{call.method[:_LONGEST_METHOD]} unknown route"
        return self.operation(match)

    def _named(self, method: str, path: str) -> str:
        return f"{method} {self.dialect.bases[0]}{path}"

    def opens(self, raw_path: bytes) -> bool:
        """Whether there is a websocket at a path."""
        with suppress(Fault):
            route = self._router.match("GET", decoded(raw_path)).route
            return isinstance(route, ServedRoute) and route.route.websocket
        return False

    def _match(self, call: Call) -> Match | Response | Fault:
        try:
            if len(call.raw_path) > REMEMBERED:
                return self._found(call.method, call.raw_path)
            return self._known(call.method, call.raw_path)
        except Fault as fault:
            return fault

    def _found(self, method: str, raw_path: bytes) -> Match | Response:
        """What is at a path: a route, or one of the dialect's own pages.

        Raises:
            Fault: UNKNOWN_PATH, or METHOD with the `Allow` header.
        """
        path = decoded(raw_path)
        return self._pages.find(path or ()) or self._router.match(method, path)

    async def _perhaps(self, call: Call) -> Viewer | None:
        """Who calls for what nobody has to be known for; None where that cannot be told."""
        try:
            return await self.services.authenticate(self.dialect.name, call.headers, call.address, call.sandbox)
        except DomainError as error:
            # An unknown path is unknown to everybody; a credential only adds the state of its limits to the answer.
            if error.kind is not Kind.UNAUTHENTICATED:
                raise
            return None

    async def _run_once(
        self, run: Callable[..., Awaitable[Response]], viewer: Viewer, call: Call, body: bytes, key: str
    ) -> Response:
        if not 0 < len(key) <= LONGEST_KEY:
            raise Fault(Kind.INVALID, fields={"Idempotency-Key": f"must have 1 to {LONGEST_KEY} characters"})
        fingerprint = call.fingerprint(body)
        stored = await self.services.before(viewer, key, fingerprint)
        if stored:
            return Response(stored.status, [*stored.headers, ("Idempotency-Replayed", "true")], stored.body)
        response = await run(key, fingerprint)
        answer = StoredAnswer(response.status, tuple(response.headers), response.body)
        await self.services.after(viewer, key, fingerprint, answer)
        return response

    async def _read(
        self, route: PreparedRoute, captured: Mapping[str, str], viewer: Viewer, call: Call, waiting: Waiting
    ) -> Response:
        """Run a call that has neither a body nor anything to count but itself: nothing is to be read or given back."""
        bound = self.ways.read(route, captured, call.raw_query)
        acting = _acting(viewer)
        context = self.services.make_context(acting, call.request_id, None, None, waiting.left)
        answer = await self.ways.run(route, bound, context)
        return Response(route.route.status, [("Content-Type", JSON)], self.services.dumps(answer))

    async def _run(
        self,
        route: PreparedRoute,
        captured: Mapping[str, str],
        viewer: Viewer,
        call: Call,
        sent: Sent,
        charge: Charge,
        waiting: Waiting,
        key: str | None = None,
        fingerprint: str | None = None,
    ) -> Response:
        services = self.services
        values = sent.values or {}
        if sent.values is None and route.binder.reads_body:
            # What is read with a body has no label in the documents (CB-01).
            json_anyway = call.method in self.dialect.json_anyway or not route.writes
            label = call.headers.get("content-type", "")
            values = understand(sent.content, label, json_anyway, services.loads, self.settings)
        bound = self.ways.bind(route, captured, call.query(), values, sent.textual)
        await charge.items(route.amount(bound))
        acting = viewer.to_be_answered(writing=route.writes)
        context = services.make_context(acting, call.request_id, key, fingerprint, waiting.left)
        answer = await self.ways.run(route, bound, context)
        return Response(route.route.status, [("Content-Type", JSON)], services.dumps(answer))

    def _refuse(self, fault: Fault, call: Call) -> Response:
        site = self.dialect.site(self.settings.public_url)
        if fault.code is Code.FORBIDDEN and "authorization" in call.headers:
            # Another token might do (RFC 6750, section 3.1); keys have no such word.
            fault.headers += challenge(self.dialect.mount.strip("/"), "insufficient_scope")
        refused = self.dialect.errors.tell(fault, call.request_id, self.services.now(), site)
        if call.record:
            call.record.code = refused.code
        headers = [("Content-Type", JSON), *refused.headers]
        return Response(refused.status, headers, self.services.dumps(refused.body))

    def _options(self, call: Call) -> Response:
        if self._pages.find(call.path or ()):
            return Response(204, [("Allow", "GET, HEAD, OPTIONS")], b"")
        allow = self._router.allowed(call.path)
        if allow is None:
            raise Fault(Refusal.UNKNOWN_PATH)
        return Response(204, [("Allow", allow)], b"")

    def _page(self, page: Response, call: Call) -> Response:
        if call.method not in ("GET", "HEAD"):
            raise Fault(Refusal.METHOD, headers=(("Allow", "GET, HEAD, OPTIONS"),))
        return Response(page.status, list(page.headers), page.body)


@lru_cache(maxsize=KEPT)
def _acting(viewer: Viewer) -> Viewer:
    return viewer.to_be_answered(writing=False)

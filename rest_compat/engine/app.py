"""A dialect as an ASGI application, and the door that finds the dialect of a request."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from graphql import GraphQLSchema

from domain.errors import Code, DomainError, Kind
from domain.limits import LimitGroup
from domain.viewer import Viewer
from rest_compat.engine.bodies import ClientGone, Receive, read, understand
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.docs import docs_page
from rest_compat.engine.error_pages import error_pages
from rest_compat.engine.faults import Fault, Refusal, challenge
from rest_compat.engine.matching import Match, Router
from rest_compat.engine.openapi import openapi
from rest_compat.engine.prepared import prepare
from rest_compat.engine.requests import Call, Scope
from rest_compat.engine.resolution import resolve, sandbox_host
from rest_compat.engine.responses import JSON, Response, Send, standing_headers
from rest_compat.engine.services import DoorSettings, Services, StoredAnswer

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
LONGEST_KEY = 255
"""Characters of an Idempotency-Key; the field's usual limit."""

_LONGEST_METHOD = 20

_log = logging.getLogger(__name__)


class DialectApp:
    """Serves one dialect; the scope's path is that of the product's own host.

    Raises:
        RouteDrift: at construction, when a route does not fit the schema.
    """

    def __init__(self, dialect: Dialect, schema: GraphQLSchema, services: Services, settings: DoorSettings) -> None:
        routes = prepare(dialect, schema)
        self.dialect = dialect
        self._services = services
        self._settings = settings
        self._router = Router(dialect.bases, routes, dialect.removed)
        self._standing = standing_headers(settings)
        described = services.dumps(openapi(dialect, routes, settings))
        self._pages: dict[tuple[str, ...], Response] = {
            ("openapi.json",): Response(200, [("Content-Type", JSON)], described),
            ("docs",): docs_page(dialect, routes, settings),
            **error_pages(dialect, settings),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        call = Call.of(scope)
        try:
            response = await self._answer(call, receive)
        except ClientGone:
            return
        except DomainError as error:
            response = self._refuse(Fault.of(error), call)
        except Fault as fault:
            response = self._refuse(fault, call)
        except Exception:
            about = (call.method, call.raw_path.decode("latin-1"), call.request_id)
            _log.exception("%s %s failed, request %s", *about, extra={"request_id": call.request_id})
            response = self._refuse(Fault(Refusal.INTERNAL), call)
        response.headers += [*self._standing, ("X-Request-Id", call.request_id)]
        if call.rate:
            response.headers += self.dialect.rate_headers(call.rate, response.status)
        await response.send(send, with_body=call.method != "HEAD")

    async def _answer(self, call: Call, receive: Receive) -> Response:
        page = self._pages.get(call.path or ())
        if page:
            return self._page(page, call)
        if call.method == "OPTIONS":
            return self._options(call)
        match = self._match(call)
        if call.record:
            call.record.enter(self.dialect.name, self._operation(match, call))
        viewer = await self._authenticate(call, needed=isinstance(match, Match))
        if viewer:
            if call.record:
                call.record.viewer = viewer
            await self._count(viewer, call, match.route.route.limits if isinstance(match, Match) else ())
        if isinstance(match, Fault):
            raise match
        assert viewer is not None  # noqa: S101 - it was needed
        body = b""
        if match.route.binder.reads_body or match.route.writes:
            body = await read(receive, call.headers, self._settings)
        key = call.headers.get("idempotency-key") if match.route.writes else None
        if key is None:
            return await self._run(match, viewer, call, body)
        return await self._run_once(match, viewer, call, body, key)

    def _operation(self, match: Match | Fault, call: Call) -> str:
        """The call as the audit log names it: by its route, never by what was in its path."""
        if isinstance(match, Fault):
            return f"{call.method[:_LONGEST_METHOD]} unknown route"
        return f"{match.route.route.method} {self.dialect.bases[0]}{match.route.route.path}"

    def _match(self, call: Call) -> Match | Fault:
        try:
            return self._router.match(call.method, call.path)
        except Fault as fault:
            return fault

    async def _authenticate(self, call: Call, needed: bool) -> Viewer | None:
        try:
            return await self._services.authenticate(self.dialect.name, call.headers, call.address, call.sandbox)
        except DomainError as error:
            # An unknown path is unknown to everybody; a credential only adds the state of its limits to the answer.
            if needed or error.kind is not Kind.UNAUTHENTICATED:
                raise
            return None

    async def _count(self, viewer: Viewer, call: Call, groups: Sequence[LimitGroup]) -> None:
        call.rate = await self._services.rate(viewer, dict.fromkeys((LimitGroup.API_REQUESTS, *groups), 1))
        if call.rate.retry_after > 0:
            raise Fault(Kind.RATE_LIMITED, retry_after=call.rate.retry_after, data=call.rate.facts)

    async def _run_once(self, match: Match, viewer: Viewer, call: Call, body: bytes, key: str) -> Response:
        if not 0 < len(key) <= LONGEST_KEY:
            raise Fault(Kind.INVALID, fields={"Idempotency-Key": f"must have 1 to {LONGEST_KEY} characters"})
        fingerprint = call.fingerprint(body)
        stored = await self._services.before(viewer, key, fingerprint)
        if stored:
            return Response(stored.status, [*stored.headers, ("Idempotency-Replayed", "true")], stored.body)
        response = await self._run(match, viewer, call, body, key, fingerprint)
        answer = StoredAnswer(response.status, tuple(response.headers), response.body)
        await self._services.after(viewer, key, fingerprint, answer)
        return response

    async def _run(
        self,
        match: Match,
        viewer: Viewer,
        call: Call,
        body: bytes,
        key: str | None = None,
        fingerprint: str | None = None,
    ) -> Response:
        route, services = match.route, self._services
        values: dict[str, object] = {}
        if route.binder.reads_body:
            json_anyway = call.method in self.dialect.json_anyway
            label = call.headers.get("content-type", "")
            values = understand(body, label, json_anyway, services.loads, self._settings)
        bound = route.binder.bind(match.captured, call.query(), values)
        context = services.make_context(viewer, call.request_id, key, fingerprint)
        answer = await route.run(bound, context)
        return Response(route.route.status, [("Content-Type", JSON)], services.dumps(answer))

    def _refuse(self, fault: Fault, call: Call) -> Response:
        site = self.dialect.site(self._settings.public_url)
        if fault.code is Code.FORBIDDEN and "authorization" in call.headers:
            # Another token might do (RFC 6750, section 3.1); keys have no such word.
            fault.headers += challenge(self.dialect.mount.strip("/"), "insufficient_scope")
        refused = self.dialect.errors.tell(fault, call.request_id, self._services.now(), site)
        if call.record:
            call.record.code = refused.code
        headers = [("Content-Type", JSON), *refused.headers]
        return Response(refused.status, headers, self._services.dumps(refused.body))

    def _options(self, call: Call) -> Response:
        allow = self._router.allowed(call.path)
        if allow is None:
            raise Fault(Refusal.UNKNOWN_PATH)
        return Response(204, [("Allow", allow)], b"")

    def _page(self, page: Response, call: Call) -> Response:
        if call.method == "OPTIONS":
            return Response(204, [("Allow", "GET, HEAD, OPTIONS")], b"")
        if call.method not in ("GET", "HEAD"):
            raise Fault(Refusal.METHOD, headers=(("Allow", "GET, HEAD, OPTIONS"),))
        return Response(page.status, list(page.headers), page.body)


class DialectDoor:
    """Middleware: hands a request to the dialect it belongs to (X-01), and everything else on."""

    def __init__(self, apps: Sequence[DialectApp], otherwise: ASGIApp) -> None:
        self._dialects = [app.dialect for app in apps]
        self._apps = {app.dialect.name: app for app in apps}
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one ASGI connection."""
        found, host = None, ""
        if scope["type"] == "http":
            host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
            found = resolve(self._dialects, host, scope["path"])
        if found is None:
            await self._otherwise(scope, receive, send)
            return
        dialect, rest = found
        below = dict(scope)
        mounted = dialect.mount.count("/") if rest != scope["path"] else 0
        below["path"] = rest
        below["state"] = {**scope.get("state", {}), "sandbox": sandbox_host(dialect, host)}
        below["raw_path"] = _without(scope.get("raw_path"), mounted)
        await self._apps[dialect.name](below, receive, send)


def _without(raw_path: bytes | None, leading: int) -> bytes | None:
    """A raw path without that many leading segments."""
    if raw_path is None or not leading:
        return raw_path
    return b"/" + b"/".join(raw_path.split(b"/")[leading + 1 :])

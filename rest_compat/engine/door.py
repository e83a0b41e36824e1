"""The door of all dialects: it finds out whose a request is, and hands everything else on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from rest_compat.engine.app import DialectApp
from rest_compat.engine.bodies import Receive
from rest_compat.engine.contested import claimants, settle
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.matching import Match
from rest_compat.engine.requests import REMEMBERED, Call, Scope
from rest_compat.engine.resolution import resolve, sandbox_host
from rest_compat.engine.responses import Send
from rest_compat.engine.ways import KEPT

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose an address is, and what is left of its path there.

    `mounted` are the segments before the rest, `sandbox` whose credentials the host takes; `others` have the path too.
    """

    app: DialectApp
    rest: str
    mounted: int
    sandbox: bool | None
    others: tuple[Dialect, ...]


@dataclass(frozen=True, slots=True)
class Addressed:
    """A call's way: the application, the route there, the path as sent below the mount, whose credentials are taken."""

    app: DialectApp
    match: Match
    raw_path: bytes
    sandbox: bool | None


class DialectDoor:
    """Middleware: hands a request to the dialect it belongs to (X-01), and everything else on."""

    def __init__(self, apps: Sequence[DialectApp], otherwise: ASGIApp) -> None:
        self._dialects = [app.dialect for app in apps]
        self._apps = {app.dialect.name: app for app in apps}
        self._otherwise = otherwise
        self._known = lru_cache(maxsize=KEPT)(self._placed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Route one ASGI connection."""
        place = self._place(scope) if scope["type"] in ("http", "websocket") else None
        if place is None:
            await self._otherwise(scope, receive, send)
            return
        app, call = place.app, Call.of(scope, _raw_rest(scope.get("raw_path"), place), place.sandbox)
        # Other sockets are nobody's but the process's own, on every host.
        if call.websocket and not app.opens(call.raw_path):
            await self._otherwise(scope, receive, send)
            return
        if place.others and not call.websocket:
            candidates = [app.dialect, *place.others]
            dialect, receive = await settle(candidates, call, receive, app.services, app.settings)
            app = self._apps[dialect.name]
        await app.serve(call, receive, send)

    def route(self, method: str, host: str, path: str, raw_path: bytes) -> Addressed | None:
        """Where a call goes whose address says all of it; None where more has to be looked at, or nothing is found."""
        place = self._placed(host, path)
        if place is None or place.others:
            return None
        rest = _raw_rest(raw_path, place)
        match = place.app.match(method, rest)
        return Addressed(place.app, match, rest, place.sandbox) if match else None

    def _place(self, scope: Scope) -> _Place | None:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        path = scope["path"]
        return self._known(host, path) if len(host) + len(path) <= REMEMBERED else self._placed(host, path)

    def _placed(self, host: str, path: str) -> _Place | None:
        found = resolve(self._dialects, host, path)
        if found is None:
            return None
        dialect, rest = found
        mounted = dialect.mount.count("/") if rest != path else 0
        others = () if mounted else tuple(claimants(self._dialects, dialect, host, path))
        return _Place(self._apps[dialect.name], rest, mounted, sandbox_host(dialect, host), others)


def _raw_rest(raw_path: bytes | None, place: _Place) -> bytes:
    """A path as it was sent, without the mount it began with."""
    if raw_path is None:
        return quote(place.rest).encode()
    return b"/" + b"/".join(raw_path.split(b"/")[place.mounted + 1 :]) if place.mounted else raw_path

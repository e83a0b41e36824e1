"""The shortest way through the process for calls of the REST products: see `gateway.express` for what it leaves out.

A call is plain if its address alone says that an operation of the graph answers it: whose host or mount it came by,
which route, and that no other door would have it. All the rest — who calls, limits, bodies, errors — is the same
code as in the chain (`DialectApp.respond`); only what the chain puts around it is done here in one go. Addresses are
remembered, so that a call which comes again is not looked up again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from domain.values import new_id
from gateway.calls import CallRecord, Note, Recording
from gateway.express import Terms
from gateway.security_headers import strict_transport
from rest_compat.engine.app import DialectApp
from rest_compat.engine.door import Addressed, DialectDoor
from rest_compat.engine.requests import REMEMBERED, Call
from rest_compat.engine.ways import KEPT


class RestExpress:
    """An ASGI application in front of the chain: answers plain calls of the dialects, and hands on everything else.

    `beginnings` and `endings` are those of paths that other doors look at before the dialects'.
    """

    def __init__(
        self,
        chain: ASGIApp,
        apps: Sequence[DialectApp],
        terms: Terms,
        note: Note,
        beginnings: Sequence[str],
        endings: Sequence[str],
    ) -> None:
        self._chain = chain
        self._door = DialectDoor(apps, chain)
        self._https_required = terms.https_required
        self._cross_origin = terms.cross_origin
        self._note = note
        self._beginnings, self._endings = tuple(beginnings), tuple(endings)
        self._known = lru_cache(maxsize=KEPT)(self._addressed)
        # Where origins are let in, answers to whoever sends none depend on that (starlette's CORSMiddleware).
        vary = [(b"vary", b"Origin")] if terms.cross_origin else []
        always = [*vary, (b"x-content-type-options", b"nosniff")]
        hsts = strict_transport(terms.hsts_seconds)
        https = [(b"strict-transport-security", hsts.encode())] if hsts else []
        self._last = {"http": always, "https": [*always, *https]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or hand it on."""
        began = time.perf_counter()
        way = self._way(scope)
        if way is None:
            await self._chain(scope, receive, send)
            return
        record = CallRecord(new_id("req"), scope["client"][0], began=began)
        with Recording(record, self._note):
            call = Call.of(scope, way.raw_path, way.sandbox, record, record.request_id)
            response = await way.app.respond(call, receive, way.match)
            if response:
                record.status = response.status
                await response.send(send, call.method != "HEAD", self._last[scope["scheme"]])

    def _way(self, scope: Scope) -> Addressed | None:
        """Where a call goes, if that can be told from its head and is nothing out of the ordinary."""
        path, raw_path, scheme = scope["path"], scope.get("raw_path"), scope["scheme"]
        if scheme not in self._last or not raw_path or scope.get("root_path") or not scope.get("client"):
            return None
        if self._https_required and scheme == "http":
            return None
        host = b""
        for name, value in scope["headers"]:
            if name == b"host" and not host:
                host = value
            elif name == b"origin" and self._cross_origin:
                return None
        if len(host) + len(raw_path) > REMEMBERED:
            return None
        return self._known(scope["method"], host, path, raw_path)

    def _addressed(self, method: str, host: bytes, path: str, raw_path: bytes) -> Addressed | None:
        if path.startswith(self._beginnings) or path.endswith(self._endings):
            return None
        return self._door.route(method, host.decode("latin-1"), path, raw_path)

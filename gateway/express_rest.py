"""The shortest way through the process for calls of the REST products: see `gateway.express` for what it leaves out.

A call is plain if its address alone says that an operation of the graph answers it: whose host or mount it came by,
which route, and that no other door would have it. All the rest — who calls, limits, bodies, errors — is the same
code as in the chain (`DialectApp.respond`); only what the chain puts around it is done here in one go. Addresses are
remembered, so that a call which comes again is not looked up again.

A read that was answered is told to whoever remembers heads (`gateway.heads`): the next call with the same head needs
no scope and no messages, and where it can be answered without waiting no task (`_Plain`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.audit import Door
from domain.values import new_id
from domain.viewer import Viewer
from gateway.calls import CallRecord, Note, Recording
from gateway.express import Terms
from gateway.heads import LEARN, Known, Later, Left
from gateway.security_headers import strict_transport
from rest_compat.engine.app import DialectApp
from rest_compat.engine.door import Addressed, DialectDoor
from rest_compat.engine.prepared import PreparedRoute
from rest_compat.engine.requests import REMEMBERED, Call
from rest_compat.engine.responses import JSON, Encoded, encoded, lines
from rest_compat.engine.services import RateState, Recognised
from rest_compat.engine.ways import KEPT

_NONE: Mapping[str, Any] = {}
_LOOKED_AT = frozenset({"authorization"})
"""Headers of which it counts whether a read came with them; what they say is for who lets it in."""


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
        extensions, last = scope.get("extensions") or _NONE, self._last[scope["scheme"]]
        with Recording(record, self._note):
            call = Call.of(scope, way.raw_path, way.sandbox, record, record.request_id)
            response = await way.app.respond(call, receive, way.match)
            if response:
                record.status = response.status
                await response.send(send, call.method != "HEAD", last)
        if LEARN in extensions and record.status == 200:
            self._teach(extensions[LEARN], way, call, last)

    def _teach(self, learn: Callable[[Known], None], way: Addressed, call: Call, last: Encoded) -> None:
        """Have calls with the head of one that was answered take the straight line from now on, if they only read."""
        route, app = way.match.route, way.app
        if call.method == "GET" and isinstance(route, PreparedRoute) and route.only_reads:
            who = app.services.recognise(app.dialect.name, call.headers, call.address, call.sandbox)
            if who:
                learn(_Plain(way, call, app.operation(way.match), who, self._note, last))

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


class _Plain:
    """Reads with one head."""

    __slots__ = ("_begins", "_call", "_door", "_ends", "_note", "_operation", "_read", "_way", "_who")

    def __init__(self, way: Addressed, first: Call, operation: str, who: Recognised, note: Note, last: Encoded) -> None:
        """What `first` has in common with all of them is kept, but for its credential."""
        app = way.app
        self._way = way
        self._who = who
        self._note = note
        self._door, self._operation = Door(app.dialect.name), operation
        headers = dict.fromkeys(_LOOKED_AT & first.headers.keys(), "")
        self._call = Call(first.method, first.raw_path, first.raw_query, headers, "", first.address, first.sandbox)
        self._read = app.plain(way.match, first.raw_query)
        # As `Response.head` has them: the id of the request comes after the type, the limits after the id.
        self._begins = lines(encoded([("Content-Type", JSON), ("X-Request-Id", "")])).removesuffix(b"\r\n")
        self._ends = lines(app.standing), lines(last)

    def answer(self, body: bytes, before: bytes) -> bytes | Later | None:
        """The response to one of them, whose bodies nobody looks at: see `gateway.heads.Known`."""
        began = time.perf_counter()
        viewer, app = self._who.viewer(), self._way.app
        if viewer is None:
            return None
        record = CallRecord(new_id("req"), self._call.address, self._door, self._operation, viewer, began=began)
        rate = app.services.rate_at_once(viewer)
        told = self._read.body(viewer) if rate and self._read else None
        if rate is None or told is None:
            return Later(partial(self._waited, record, viewer, rate))
        record.status = 200
        self._note(record)
        marked, limits = record.request_id.encode(), app.dialect.rate_headers.lines(rate, 200)
        standing, last = self._ends
        parts = (before, self._begins, marked, limits, standing, len(told), last, told)
        return b"%b%b%b\r\n%b%bcontent-length: %d\r\n%b\r\n%b" % parts

    async def _waited(
        self, record: CallRecord, viewer: Viewer, rate: RateState | None, left: Left
    ) -> tuple[int, bytes] | None:
        async def receive() -> Message:
            await left()
            return {"type": "http.disconnect"}

        with Recording(record, self._note):
            call = replace(self._call, request_id=record.request_id, record=record, rate=rate, viewer=viewer)
            response = await self._way.app.respond(call, receive, self._way.match)
            if response is None:
                return None
            record.status = response.status
        return response.status, response.written(self._ends[1])

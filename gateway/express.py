"""The shortest way through the process: a plain GraphQL request by HTTP, answered in one straight line.

Every other request goes through the ordinary chain (`gateway.app`): middleware that marks, records and guards, doors
that look whether a path is theirs, a router, and the exchange that negotiates. That costs several times as much as
what it does for a plain request, of which it is known beforehand what each of its parts will say:

    SecurityHeaders   adds one header, by HTTPS a second
    CORS              says one thing to all who send no `Origin`
    RequestIds        makes an id, and tells it in a header and in the lines of the log
    Recorded          gathers what is known of the call, and notes it when the answer is out
    HttpsOnly         lets pass what came by HTTPS
    doors, router     find that `/graphql` on a host of nobody's is for the GraphQL endpoint
    exchange          finds JSON in and JSON out, one credential that is remembered, and runs the operation

So a request is plain if all of this can be told from its head, without waiting and without leaving a trace
(`Express._asked`), its body comes soon and whole (`_gathered`), and its operation is one that is answered once. What is
not plain is handed to the chain as it came, with whatever was read of it put back: nothing was charged, noted or
answered by then. What is plain is answered by the same parts as in the chain — the same pipeline with all its limits,
the same refusals, the same record — so that nobody can tell which way it took; `tests/gateway/test_express.py` asks
both ways and compares. Whoever gives the chain a new duty gives it here too, or lets such requests pass by.

What is plain is plain for all requests with the same head, and is told to whoever remembers heads (`gateway.heads`):
the next of them needs no scope and no messages, and where it can be answered without waiting no task (`_Plain`).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain import audit
from domain.errors import DomainError
from domain.values import new_id
from domain.viewer import Viewer
from gateway.calls import CallRecord, Note, Recording
from gateway.credential_rules import Door as Opened
from gateway.credentials import Credentials, Recognised
from gateway.graphql import negotiation, request
from gateway.graphql.answers import Answer
from gateway.graphql.callers import Caller
from gateway.graphql.door import Door
from gateway.graphql.errors import Refused, internal, refused_by_domain
from gateway.graphql.exchange import Presence, answer_headers, refused_answer
from gateway.graphql.identity import CREDENTIAL_HEADERS
from gateway.graphql.negotiation import Body, Media
from gateway.graphql.repeated import Understood
from gateway.graphql.sse import left
from gateway.heads import LEARN, Known, Later, Left
from gateway.patience import in_time
from gateway.security_headers import strict_transport
from rest_compat.engine.dialect import Dialect
from rest_compat.engine.resolution import resolve
from rest_compat.engine.responses import lines

PATH = "/graphql"
_CREDENTIALS = tuple((name.encode(), name) for name in sorted(CREDENTIAL_HEADERS))
_NEVER_PLAIN = frozenset({b"idempotency-key", b"content-encoding"})
_NONE: Mapping[str, Any] = {}
_PATIENCE_SECONDS = 1.0
"""How long a body is waited for here; the chain gives it its own time from then on."""
_LONGEST_NUMBER = 9
"""Digits of an announced length: beyond, it is above every limit, or no number."""


@dataclass(frozen=True)
class Terms:
    """What of the settings decides which requests are plain, and what their answers say."""

    dialects: Sequence[Dialect]
    https_required: bool
    hsts_seconds: int
    cross_origin: bool


@dataclass(slots=True)
class _Asked:
    """A request that is plain as far as its head tells."""

    viewer: Viewer
    media: Media
    posted: bool


@dataclass(slots=True)
class _Reply:
    status: int
    body: bytes
    headers: Mapping[str, str]


class Express:
    """An ASGI application in front of the chain: answers what is plain, and hands on everything else."""

    def __init__(self, chain: ASGIApp, door: Door, credentials: Credentials, terms: Terms, note: Note) -> None:
        self._chain = chain
        self._door = door
        self._credentials = credentials
        self._https_required = terms.https_required
        self._note = note
        self._never_plain = _NEVER_PLAIN | ({b"origin"} if terms.cross_origin else set())
        self._hosts = lru_cache(maxsize=256)(lambda host: resolve(terms.dialects, host.decode("latin-1"), PATH) is None)
        # Where origins are let in, answers to whoever sends none depend on that (starlette's CORSMiddleware).
        vary = {"Vary": "Accept, Origin"} if terms.cross_origin else {}
        self._before = {media: _encoded(answer_headers(media) | vary) for media in (Media.JSON, Media.GRAPHQL)}
        always = [(b"x-content-type-options", b"nosniff")]
        hsts = strict_transport(terms.hsts_seconds)
        https = [(b"strict-transport-security", hsts.encode())] if hsts else []
        self._after = {"http": always, "https": [*always, *https]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        began = time.perf_counter()
        asked = self._asked(scope)
        if asked is None:
            await self._chain(scope, receive, send)
            return
        extensions = scope.get("extensions") or _NONE
        if LEARN in extensions:
            self._teach(extensions[LEARN], asked, scope)
        read: list[Message] = []
        if asked.posted:
            try:
                whole = await in_time(self._gathered(receive, read), _PATIENCE_SECONDS)
            except TimeoutError:
                whole = False
            if not whole:
                await self._chain(scope, _again(read, receive), send)
                return
        call = CallRecord(new_id("req"), scope["client"][0], audit.Door.GRAPHQL, began=began)
        # The call as it is known before its document is.
        call.operation, call.viewer = ("POST /graphql" if asked.posted else "GET /graphql"), asked.viewer
        with Recording(call, self._note) as recording:
            try:
                reply = await self._reply(asked, scope, read, receive, call)
            except ClientDisconnect:
                return
            if reply is None:
                recording.leave()
            else:
                await self._tell(reply, asked, scope, send, call)
                return
        await self._chain(scope, _again(read, receive), send)

    def _asked(self, scope: Scope) -> _Asked | None:
        """Who asks for what, if that can be told from the head and is nothing out of the ordinary."""
        if scope["type"] != "http" or scope["path"] != PATH or scope.get("root_path") or not scope.get("client"):
            return None
        method, scheme = scope["method"], scope["scheme"]
        posted = method == "POST"
        if not (posted or method == "GET") or scheme not in self._after or (self._https_required and scheme == "http"):
            return None
        headers: dict[bytes, bytes] = dict(scope["headers"])
        # What is said twice has no plain meaning.
        if len(headers) != len(scope["headers"]) or not self._never_plain.isdisjoint(headers):
            return None
        if not self._hosts(headers.get(b"host", b"")):
            return None
        if posted and not (_is_json(headers.get(b"content-type", b"")) and self._fits(headers.get(b"content-length"))):
            return None
        media = _media(headers.get(b"accept"), posted)
        viewer = self._viewer(headers, scope["client"][0]) if media else None
        return _Asked(viewer, media, posted) if viewer and media else None

    def _fits(self, announced: bytes | None) -> bool:
        if announced is None:
            return True
        number = len(announced) <= _LONGEST_NUMBER and announced.isdigit()
        return number and int(announced) <= self._door.limits.body_bytes

    def _teach(self, learn: Callable[[Known], None], asked: _Asked, scope: Scope) -> None:
        """Have requests with this head answered at once from now on, where that can be."""
        address: str = scope["client"][0]
        who = self._credentials.recognised(_given(dict(scope["headers"])), _opened(address))
        try:
            fixed = None if asked.posted else request.from_query_string(scope.get("query_string", b""))
        except Refused:
            return
        if who is not None:
            begins = lines([*self._before[asked.media], (b"x-request-id", b"")]).removesuffix(b"\r\n")
            ends = b"\r\n" + lines(self._after[scope["scheme"]]) + b"\r\n"
            learn(_Plain(self._door, who, self._note, address, asked.media, fixed, begins, ends))

    def _viewer(self, headers: Mapping[bytes, bytes], address: str) -> Viewer | None:
        given = _given(headers)
        return self._credentials.remembered_viewer(given, _opened(address)) if given else None

    async def _gathered(self, receive: Receive, read: list[Message]) -> bool:
        """Read the body into `read`; whether it came to its end within its bounds."""
        size = 0
        while True:
            message = await receive()
            read.append(message)
            if message["type"] != "http.request":
                return False
            size += len(message.get("body", b""))
            if size > self._door.limits.body_bytes:
                return False
            if not message.get("more_body"):
                return True

    async def _reply(
        self, asked: _Asked, scope: Scope, read: Sequence[Message], receive: Receive, call: CallRecord
    ) -> _Reply | None:
        """The answer to a request; None when it is none of those that are answered once.

        Raises:
            ClientDisconnect: when nobody is left to answer.
        """
        door, presence = self._door, Presence(partial(left, receive))

        async def answer() -> Answer | None:
            if asked.posted:
                asks = request.from_body(b"".join([each.get("body", b"") for each in read]))
            else:
                asks = request.from_query_string(scope.get("query_string", b""))
            asks, operation = await door.understood(asks, call)
            if operation.is_subscription or (operation.is_mutation and not asked.posted):
                return None
            return await door.pipeline.execute(operation, asks, Caller(call, left=presence.left))

        return await _replied(answer, asked.media, call, presence)

    async def _tell(self, reply: _Reply, asked: _Asked, scope: Scope, send: Send, call: CallRecord) -> None:
        headers = [
            *self._before[asked.media],
            (b"x-request-id", call.request_id.encode()),
            *_encoded(reply.headers),
            (b"content-length", b"%d" % len(reply.body)),
            *self._after[scope["scheme"]],
        ]
        call.status = reply.status
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


class _Plain:
    """Requests with one head, all of which are plain; `fixed` is what they ask where their head says all of it."""

    __slots__ = ("_address", "_begins", "_door", "_ends", "_fixed", "_media", "_note", "_who")

    def __init__(
        self,
        door: Door,
        who: Recognised,
        note: Note,
        address: str,
        media: Media,
        fixed: request.GraphQLRequest | None,
        begins: bytes,
        ends: bytes,
    ) -> None:
        """`begins` are the headers of answers up to the value of their id, `ends` those after their length."""
        self._door = door
        self._who = who
        self._note = note
        self._address = address
        self._media = media
        self._fixed = fixed
        self._begins, self._ends = begins, ends

    def answer(self, body: bytes, before: bytes) -> bytes | Later | None:
        """The response to one of them: see `gateway.heads.Known`."""
        began = time.perf_counter()
        viewer, door = self._who.viewer(), self._door
        if viewer is None:
            return None
        repeated = door.pipeline.repeated
        try:
            found = (
                repeated.understood(body, door.persisted)
                if not self._fixed
                else repeated.of(self._fixed, door.persisted)
            )
        except Refused:
            return None
        # What is answered more than once, or may not be asked so, is the chain's.
        if found is None or found.operation.is_subscription or (found.operation.is_mutation and self._fixed):
            return None
        operation = found.operation
        call = CallRecord(new_id("req"), self._address, audit.Door.GRAPHQL, operation.label, viewer, began=began)
        caller = Caller(call)
        answer = door.pipeline.at_once(found, caller)
        if answer is None:
            return Later(partial(self._waited, found, caller))
        call.status = 200
        self._note(call)
        return self._written(before, call, (), answer.parts)

    async def _waited(self, found: Understood, caller: Caller, leaving: Left) -> tuple[int, bytes] | None:
        call, door = caller.call, self._door
        presence = Presence(leaving)
        caller.left = presence.left

        async def answer() -> Answer:
            # What was charged was tried already.
            quick = None if caller.paid else await door.pipeline.soon(found, caller)
            return Answer(quick.body) if quick else await door.pipeline.execute(found.operation, found.request, caller)

        with Recording(call, self._note):
            try:
                reply = await _replied(answer, self._media, call, presence)
            except ClientDisconnect:
                return None
            assert reply is not None  # noqa: S101 - it is nobody else's
            call.status = reply.status
        return reply.status, self._written(b"", call, _encoded(reply.headers), (reply.body,))

    def _written(
        self, before: bytes, call: CallRecord, own: Sequence[tuple[bytes, bytes]], body: tuple[bytes, ...]
    ) -> bytes:
        """A response, whose body comes in parts."""
        head = b"%b%b%b\r\n%bcontent-length: %d%b" % (
            before,
            self._begins,
            call.request_id.encode(),
            lines(own) if own else b"",
            sum(map(len, body)),
            self._ends,
        )
        return b"".join((head, *body))


async def _replied(
    answer: Callable[[], Awaitable[Answer | None]], media: Media, call: CallRecord, presence: Presence
) -> _Reply | None:
    """The answer to a request, or what is said where there is none; None where it is for somebody else.

    Raises:
        ClientDisconnect: when nobody is left to answer.
    """
    try:
        found = await answer()
        return None if found is None else _Reply(200, presence.wanted(found, call).body, {})
    except Refused as refused:
        return _Reply(*refused_answer(refused, call, media))
    except DomainError as error:
        return _Reply(*refused_answer(refused_by_domain(error), call, media))
    except ClientDisconnect:
        raise
    except Exception as error:
        return _Reply(*refused_answer(internal(error, call.request_id), call, media))


def _given(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """The headers that are credentials."""
    return {name: headers[raw].decode("latin-1") for raw, name in _CREDENTIALS if raw in headers}


def _again(read: Sequence[Message], receive: Receive) -> Receive:
    """What was read, and then what is still to come."""
    put_back = iter(read)

    async def received() -> Message:
        message = next(put_back, None)
        return await receive() if message is None else message

    return received


@lru_cache(maxsize=64)
def _is_json(content_type: bytes) -> bool:
    try:
        return negotiation.body_type({"content-type": content_type.decode("latin-1")}) is Body.JSON
    except Refused:
        return False


@lru_cache(maxsize=256)
def _media(accept: bytes | None, posted: bool) -> Media | None:
    """The type of the answer; None where it is no JSON, or may be the page for browsers."""
    try:
        accepted = negotiation.accepted(None if accept is None else accept.decode("latin-1"))
    except Refused:
        return None
    if accepted.media not in (Media.JSON, Media.GRAPHQL) or (accepted.html and not posted):
        return None
    return accepted.media


@lru_cache(maxsize=256)
def _opened(address: str) -> Opened:
    """GraphQL's door, to whoever comes from an address."""
    return Opened(None, address)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

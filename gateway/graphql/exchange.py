"""One HTTP request on its way to its response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from domain import audit
from domain.errors import Code as DomainCode
from domain.errors import DomainError
from domain.viewer import Viewer
from gateway import json
from gateway.calls import CallRecord, current_call
from gateway.connections import Connection, ConnectionKind
from gateway.graphql import body, negotiation, replay, request, uploads
from gateway.graphql.answers import Answer, Events, refusal
from gateway.graphql.callers import Caller
from gateway.graphql.document import Operation
from gateway.graphql.door import Door
from gateway.graphql.errors import Code, Refused, internal, malformed, refused_by_domain
from gateway.graphql.identity import address, credentials
from gateway.graphql.negotiation import Accepted, Media
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.sse import EventStream, Hold, left, told
from gateway.graphql.streams import Subscription
from gateway.guard import Ending, Lease
from gateway.heads import Left

Html = Callable[[Request], Awaitable[Response]]
"""Serves a page to a browser that opens the endpoint."""

_ALLOWED = "GET, HEAD, OPTIONS, POST"


@dataclass(frozen=True)
class HttpDoor(Door):
    """What every exchange on one endpoint shares."""

    html: Html | None
    replay: replay.Replay | None
    streams: set[EventStream]


class Presence:
    """Whether a client still waits for its answer, as far as somebody has asked."""

    def __init__(self, leaving: Left) -> None:
        """Of a client that `leaving` tells of, once its body was read."""
        self._leaving = leaving
        self._gone = False

    async def left(self) -> None:
        """Ends when the client has gone away."""
        await self._leaving()
        self._gone = True

    def wanted(self, answer: Answer, call: CallRecord) -> Answer:
        """An answer somebody waits for.

        Raises:
            ClientDisconnect: when it was given up because the client left.
        """
        if self._gone and answer.codes:
            call.code = None
            raise ClientDisconnect
        return answer


class Exchange:
    """Negotiates, authenticates, reads, executes and answers, in that order."""

    def __init__(self, door: HttpDoor, incoming: Request, marked: str, files: AsyncExitStack) -> None:
        self._door = door
        self._incoming = incoming
        self._marked = marked
        self._files = files
        self._call = current_call() or CallRecord(marked, address(incoming.scope))
        self._credentials = credentials(incoming.headers.items())
        self._changes = door.guard.changes
        self._presence = Presence(partial(left, incoming.receive))
        self._accepted = Accepted(Media.JSON, events=False, html=False)

    async def response(self) -> ASGIApp:
        """The response to this request, whatever happens.

        Raises:
            ClientDisconnect: when nobody is left to answer.
        """
        try:
            return await self._answered()
        except Refused as refused:
            return self._refusal(refused)
        except DomainError as error:
            return self._refusal(refused_by_domain(error))
        except ClientDisconnect:
            raise
        except Exception as error:
            return self._refusal(internal(error, self._marked))

    async def _answered(self) -> ASGIApp:
        incoming = self._incoming
        if incoming.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _ALLOWED, "X-Request-Id": self._marked})
        if incoming.method not in ("GET", "HEAD", "POST"):
            message = f"The method {incoming.method[:20]} is not allowed; send GET or POST."
            raise malformed(message, 405, Code.METHOD_NOT_ALLOWED, Allow=_ALLOWED)
        self._accepted = negotiation.accepted(incoming.headers.get("accept"))
        if page := await self._page():
            return page
        if self._accepted.media is Media.HTML:
            raise negotiation.not_acceptable()
        self._call.enter(audit.Door.GRAPHQL, self._unread())
        # The credential first: what follows costs more than refusing it.
        self._call.viewer = await self._authenticated()
        return await self._run(await self._read(), Caller(self._call, left=self._presence.left))

    async def _authenticated(self) -> Viewer | None:
        return await self._door.authenticate(self._credentials, address(self._incoming.scope))

    def _unread(self) -> str:
        """The call as it is known before its document is: by method and path, not by what a client may write."""
        return f"{self._incoming.method if self._incoming.method in _ALLOWED.split(', ') else 'OTHER'} /graphql"

    async def _read(self) -> GraphQLRequest:
        incoming, limits = self._incoming, self._door.limits
        if incoming.method != "POST":
            return request.from_query_string(incoming.scope.get("query_string", b""))
        if negotiation.body_type(incoming.headers) is negotiation.Body.JSON:
            return request.from_body(await body.read(incoming, limits.body_bytes, limits.body_timeout_seconds))
        form, read = await uploads.read(incoming, limits)
        self._files.push_async_callback(form.close)
        return read

    async def _page(self) -> Response | None:
        incoming = self._incoming
        if self._door.html is None or not self._accepted.html or incoming.method == "POST":
            return None
        if not incoming.query_params.keys().isdisjoint(request.DOCUMENT):
            return None
        page = await self._door.html(incoming)
        page.headers["X-Request-Id"] = self._marked
        page.headers.add_vary_header("Accept")
        return page

    async def _run(self, read: GraphQLRequest, caller: Caller) -> ASGIApp:
        try:
            read, operation = await self._door.understood(read, self._call)
            if operation.is_subscription:
                return await self._subscribed(operation, read, caller)
            caller = await self._keyed(operation, read, caller)
            status, answer, replayed = await self._executed(operation, read, caller)
        except Refused as refused:
            # An event stream tells errors of the request inside the stream, where an EventSource can read them.
            if not ((refused.in_document or refused.code == DomainCode.RATE_LIMITED) and self._streams_events()):
                raise
            return self._once(told(refusal(refused, self._call)))
        if self._streams_events():
            return self._once(Answer(answer))
        extra = {"Idempotency-Replayed": "true"} if replayed else {}
        return self._json(status, answer, extra)

    async def _executed(self, operation: Operation, read: GraphQLRequest, caller: Caller) -> tuple[int, bytes, bool]:
        """Status and body, and whether they are those of an earlier request."""
        door = self._door
        if door.replay is None or caller.viewer is None or caller.idempotency_key is None:
            answer = await door.pipeline.execute(operation, read, caller)
            return 200, self._presence.wanted(answer, self._call).body, False
        stored = await door.replay.before(caller.viewer, caller.idempotency_key, caller.fingerprint)
        if stored is not None:
            return stored.status, stored.body, True
        answer = await door.pipeline.execute(operation, read, caller)
        await replay.keep(door.replay, caller, answer)
        return 200, self._presence.wanted(answer, self._call).body, False

    async def _keyed(self, operation: Operation, read: GraphQLRequest, caller: Caller) -> Caller:
        if not operation.is_mutation:
            return caller
        if self._incoming.method != "POST":
            message = "Mutations are not allowed by GET; send POST."
            raise malformed(message, 405, Code.METHOD_NOT_ALLOWED, Allow="POST")
        key = replay.checked_key(self._incoming.headers.get("idempotency-key"))
        if key is None:
            return caller
        # What is in files takes a while to be summed up.
        has_files = negotiation.body_type(self._incoming.headers) is not negotiation.Body.JSON
        summed = await asyncio.to_thread(replay.fingerprint, read) if has_files else replay.fingerprint(read)
        return replace(caller, idempotency_key=key, fingerprint=summed)

    async def _subscribed(self, operation: Operation, read: GraphQLRequest, caller: Caller) -> ASGIApp:
        if not self._accepted.events:
            raise malformed(
                "A subscription needs a stream: send the header Accept: text/event-stream,"
                " or open a websocket with the protocol graphql-transport-ws.",
                400,
                Code.SUBSCRIPTION_NEEDS_STREAM,
            )
        self._accepted = replace(self._accepted, media=Media.EVENTS)
        caller = replace(caller, resume_after=self._incoming.headers.get("last-event-id") or None)
        answers = await self._door.pipeline.subscribe(operation, read, caller)
        self._call.stays_open = True
        return self._events(answers, partial(self._held, caller.viewer) if caller.viewer else None)

    @contextmanager
    def _held(self, viewer: Viewer, end: Callable[[Ending], None]) -> Iterator[Connection]:
        """The subscription of a client under guard and in the list of open ones, for as long as it is open."""
        lease, caller = Lease(viewer, self._authenticated, end, self._marked), address(self._incoming.scope)
        listed = self._door.connections.holding(ConnectionKind.GRAPHQL_SSE, viewer, caller)
        with self._door.guard.holding(lease, self._changes), listed as connection:
            yield connection

    def _streams_events(self) -> bool:
        return self._accepted.media is Media.EVENTS

    def _once(self, answer: Answer) -> EventStream:
        async def single() -> AsyncGenerator[Answer, None]:
            yield answer

        return self._events(single())

    def _events(
        self, answers: AsyncGenerator[Answer, None] | Events | Subscription, hold: Hold | None = None
    ) -> EventStream:
        headers, door = self._headers(Media.EVENTS), self._door
        return EventStream(answers, headers, self._call, door.limits, door.streams, hold)

    def _refusal(self, refused: Refused) -> Response:
        if self._call.door is None:
            self._call.enter(audit.Door.GRAPHQL, self._unread())
        return self._json(*refused_answer(refused, self._call, self._accepted.media))

    def _json(self, status: int, answer: bytes, extra: Mapping[str, str]) -> Response:
        media = Media.GRAPHQL if self._accepted.media is Media.GRAPHQL else Media.JSON
        return Response(answer, status, headers={**self._headers(media), **extra})

    def _headers(self, media: Media) -> dict[str, str]:
        headers = {**answer_headers(media), "X-Request-Id": self._marked}
        if media is Media.EVENTS:
            # nginx would otherwise hold events back until its buffer is full, and others until they have compressed it.
            headers |= {"X-Accel-Buffering": "no", "Cache-Control": "no-cache, no-store, no-transform"}
        return headers


def answer_headers(media: Media) -> dict[str, str]:
    """What every answer of a media type says, but for the id of its request."""
    return {"Content-Type": media.content_type, "Cache-Control": "no-store", "Vary": "Accept"}


def refused_answer(refused: Refused, call: CallRecord, media: Media) -> tuple[int, bytes, Mapping[str, str]]:
    """Status, body and further headers of a refusal; the call is known to have been refused."""
    legacy = media is not Media.GRAPHQL
    status = 200 if legacy and refused.in_document else refused.status
    return status, json.dumps(refusal(refused, call)), refused.headers

"""GraphQL over HTTP: one endpoint for queries, mutations, uploads and event streams."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import fields

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from gateway.graphql.door import Door
from gateway.graphql.exchange import Exchange, Html, HttpDoor
from gateway.graphql.identity import request_id
from gateway.graphql.replay import Replay
from gateway.graphql.sse import EventStream


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests on one path."""

    def __init__(self, door: Door, html: Html | None = None, replay: Replay | None = None) -> None:
        self._streams: set[EventStream] = set()
        shared = {each.name: getattr(door, each.name) for each in fields(Door)}
        self.door = HttpDoor(**shared, html=html, replay=replay, streams=self._streams)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = Request(scope, receive)
        # Uploaded files live as long as the answer takes, an event stream included.
        async with AsyncExitStack() as files:
            try:
                response = await Exchange(self.door, incoming, request_id(scope), files).response()
            except ClientDisconnect:
                return
            await response(scope, receive, send)

    def drain(self) -> None:
        """End all event streams, so that the process can stop."""
        for stream in tuple(self._streams):
            stream.stop(len(self._streams))

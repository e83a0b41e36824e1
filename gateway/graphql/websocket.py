"""GraphQL over websockets: the endpoint that accepts sockets and ends them together."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.calls import Note
from gateway.graphql.door import Door
from gateway.graphql.identity import request_id
from gateway.graphql.messages import PROTOCOL
from gateway.graphql.socket import Close, Socket

_AT_ONCE = 50
"""Sockets closed at the same moment when the server stops."""
_PAUSE_SECONDS = 0.1
_SPREAD_SECONDS = 2.0
"""How long closing all of them takes at most."""


class GraphQLWebSocket:
    """An ASGI application for the graphql-transport-ws protocol on one path."""

    def __init__(self, door: Door, note: Note) -> None:
        """Sockets of a door; each of their operations is a call, of which `note` is told."""
        self._door = door
        self._note = note
        self._open: dict[Socket, asyncio.Event] = {}
        self._draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket from its handshake to its end."""
        websocket = WebSocket(scope, receive, send)
        try:
            # A refused handshake shows a browser no reason; an accepted socket can be closed with one.
            await websocket.accept(PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None)
            if PROTOCOL not in scope.get("subprotocols", ()):
                await websocket.close(Close.UNKNOWN_PROTOCOL, f"Subprotocol not acceptable; use {PROTOCOL}")
                return
            if self._draining:
                await websocket.close(Close.GOING_AWAY, "The server is stopping; reconnect")
                return
        except (WebSocketDisconnect, RuntimeError):
            return
        await self._serve(Socket(websocket, self._door, self._note, request_id(scope)))

    async def drain(self) -> None:
        """Close all sockets with 1001, so that clients reconnect elsewhere; returns when the last one has ended.

        Many are closed over a little time: those who come back at once should not come back all at once.
        """
        self._draining = True
        sockets = tuple(self._open)
        pause = min(_PAUSE_SECONDS, _SPREAD_SECONDS * _AT_ONCE / max(1, len(sockets)))
        for number, socket in enumerate(sockets, 1):
            socket.stop(Close.GOING_AWAY, "The server is stopping; reconnect")
            if number % _AT_ONCE == 0:
                await asyncio.sleep(pause)
        await asyncio.gather(*(ended.wait() for ended in tuple(self._open.values())))

    async def _serve(self, socket: Socket) -> None:
        ended = self._open[socket] = asyncio.Event()
        try:
            await socket.run()
        finally:
            del self._open[socket]
            ended.set()

"""Messages as they are sent: written once for an event, shared by everyone who is told of it in that form."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.event_log import Event
from gateway import json
from gateway.graphql.frames import text_frame
from resolvers import cursors
from rest_compat.clickup_brain.streams import event_frame, resumable_frame, socket_frame
from rest_compat.engine.telling import Body

_KEPT = 500
"""Messages of one form that are kept: those who listen are told of an event at nearly the same moment."""


@dataclass(frozen=True, slots=True)
class SocketMessage:
    """A message of the websocket: as text, and as the finished frame that all sockets may be written."""

    text: str
    frame: bytes


T = TypeVar("T", SocketMessage, bytes)


class Frames(Generic[T]):
    """Messages of one form by organization and number."""

    def __init__(self, write: Callable[[Event], T]) -> None:
        self._write: Callable[[Event], T] = write
        self._written: OrderedDict[tuple[str, int], T] = OrderedDict()

    def of(self, event: Event) -> T:
        """The message of an event."""
        key = (event.organization_id, event.sequence)
        if key not in self._written:
            self._written[key] = self._write(event)
            if len(self._written) > _KEPT:
                self._written.popitem(last=False)
        return self._written[key]


def sockets() -> Frames[SocketMessage]:
    """Messages of the websocket as documented."""
    return Frames(lambda event: _message(socket_frame(event)))


def resumable_sockets() -> Frames[SocketMessage]:
    """Messages of the websocket with the place to resume after."""
    return Frames(lambda event: _message(resumable_frame(event)))


def events() -> Frames[bytes]:
    """Server-sent events; the id is the place to resume after."""
    return Frames(_server_sent)


def _message(frame: Body) -> SocketMessage:
    payload = json.dumps(frame)
    return SocketMessage(payload.decode(), text_frame(payload))


def _server_sent(event: Event) -> bytes:
    # JSON as we write it has no line breaks, so one data line holds it.
    return b"id: %s\ndata: %s\n\n" % (cursors.place(event.sequence).encode(), json.dumps(event_frame(event)))

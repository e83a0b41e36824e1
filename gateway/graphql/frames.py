"""Websocket frames that are made once and written to many sockets as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import Scope

from gateway.graphql import messages
from gateway.graphql.streams import EventMessage

EXTENSION = "trigraph.frames"
"""The ASGI extension of a server that takes finished frames, with the members of `Line`."""

_TEXT = 0x81
_SHORT, _MIDDLE = 126, 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """The way to one client, past ASGI's messages: `write` takes a frame at once or says False, `abort` hangs up."""

    write: Callable[[bytes], bool]
    abort: Callable[[], None]


def line(scope: Scope) -> Line | None:
    """The way to the client of a socket; None where the server does not offer one."""
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    return Line(**extensions[EXTENSION]) if EXTENSION in extensions else None


def text_frame(payload: bytes) -> bytes:
    """A whole, unmasked text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < _SHORT:
        return bytes((_TEXT, size)) + payload
    if size < _MIDDLE:
        return bytes((_TEXT, 126, size >> 8, size & 255)) + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + payload


class Frames:
    """The `next` frames of one operation; operations of the same id on other sockets share them."""

    def __init__(self, id: str) -> None:
        self._head = messages.next_head(id)

    def of(self, message: EventMessage) -> bytes:
        """The frame of a message."""
        head, frame = message.framed
        if head != self._head:
            frame = text_frame(self._head + message.body + b"}")
            message.framed = (self._head, frame)
        return frame

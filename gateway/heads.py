"""Heads of requests that were understood once: whoever sends the same bytes again asks for the same.

Clients that keep a connection open send one head with every request, or one of a few. What a head says (where it goes,
what is accepted, which credential is presented, how long the body is) is worked out by the ordinary way through the
process, which then has the head remembered: by a digest, for it holds credentials, and by the address it came from, on
which its meaning depends too. `gateway.straight` looks heads up; what they led to is asked before each answer whether
it still holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple, Protocol

from rest_compat.engine.responses import lines

LEARN = "trigraph.learn"
"""Where a scope's extensions offer `(Known) -> None`, to be called when its request is one that can be known."""
HEADS = "heads"
"""Where the state of an application's lifespan has its `Heads`."""

Headers = Sequence[tuple[bytes, bytes]]
Key = tuple[bytes, str]
"""The digest of a head, and the address it came from."""
_MOST = 4096
"""Some 1 KiB each, with what they lead to."""
_MOST_BYTES = 4_194_304
"""Of all heads together: what a head asks for may be remembered with it, and takes up to twenty times its bytes."""
_NEVER = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_LONGEST_NUMBER = 9
"""Digits of an announced length: beyond, it is above every limit, or no number."""


Left = Callable[[], Awaitable[None]]
"""Ends when the client has gone away."""


class Later(NamedTuple):
    """A response that is waited for.

    `respond` makes it: its status, and all that comes after the server's own headers; None when nobody wants it.
    """

    respond: Callable[[Left], Awaitable[tuple[int, bytes] | None]]


class Known(Protocol):
    """Requests that have one head."""

    def answer(self, body: bytes, before: bytes) -> bytes | Later | None:
        """The response to one of them, beginning with `before`: its status line, 200, and the server's own headers.

        Or how to wait for it; None where the request has to go the ordinary way, and nothing was charged or noted.
        """
        ...


class Heads:
    """The heads of one process, the latest ones."""

    def __init__(self) -> None:
        self._known: OrderedDict[Key, tuple[int, Known, int]] = OrderedDict()
        self._bytes = 0
        self._own: Headers = ()
        self._lines = self._before = b""

    def get(self, key: Key) -> tuple[int, Known, int] | None:
        """The length of the bodies that come with a head, what answers them, and the length of the head itself."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def learn(self, key: Key, head: bytes, version: str, headers: Headers, known: Known) -> None:
        """Remember a head in which this was found, if it says beyond doubt where its request ends."""
        length = body_length(head, version, headers)
        if length is None:
            return
        if key not in self._known:
            self._bytes += len(head)
        self._known[key] = length, known, len(head)
        while len(self._known) > _MOST or self._bytes > _MOST_BYTES:
            _, (_, _, size) = self._known.popitem(last=False)
            self._bytes -= size

    def before(self, own: Headers) -> bytes:
        """How answers begin, given the server's own headers, which change with the second."""
        if own is not self._own:
            self._own, self._lines = own, lines(own)
            self._before = _status_line(200) + self._lines
        return self._before

    def beginning(self, status: int, own: Headers) -> bytes:
        """The same of any status."""
        before = self.before(own)
        return before if status == 200 else _status_line(status) + self._lines


@lru_cache(maxsize=64)
def _status_line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


def body_length(head: bytes, version: str, headers: Headers) -> int | None:
    """How many bytes follow a head; None where that is not said once and plainly, or the connection ends with it."""
    # Every line is a header and ends as it should, so that nobody can take the bytes apart in another way; without
    # any header they may be empty lines before another head.
    ends = head.count(b"\r\n")
    if version != "1.1" or not headers or ends != len(headers) + 2 or head.count(b"\n") != ends:
        return None
    length = b""
    for name, value in headers:
        if name in _NEVER or (name == b"connection" and value.lower() != b"keep-alive"):
            return None
        if name == b"content-length":
            if length or not value.isdigit() or len(value) > _LONGEST_NUMBER:
                return None
            length = value
    return int(length or b"0")

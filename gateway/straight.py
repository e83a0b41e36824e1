"""HTTP/1.1 for uvicorn, with a straight line through it: a request whose head is known is answered where it arrives.

uvicorn makes a scope, a cycle and a task of every request, and its answer takes two messages through both. That is
most of what a small answer costs. Here a request that arrives at rest (nothing else is under way on its connection),
with a head that was learned (`gateway.heads`), is given to what the head leads to, and its answer is written at once,
or by a task of its own where it has to be waited for. Everything else goes uvicorn's way byte by byte as it came.
"""

from __future__ import annotations

import asyncio
from functools import partial
from hashlib import blake2b
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.heads import HEADS, LEARN, Heads, Key, Known, Later
from gateway.logging import logger

log = logger(__name__)

_END = b"\r\n\r\n"
_PATIENCE_SECONDS = 1.0
"""How long the rest of a body is waited for here, before uvicorn and the application wait for it in their ways."""
_MOST_HELD = 65_536
"""Bytes of a request that are kept here until the rest arrives."""
_LAST_SECONDS = 0.05
"""How long a server that stops waits for a request that is under way to it; uvicorn waits longer than that for all."""


_MISTAKE = (
    500,
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 21\r\n\r\nInternal Server Error",
)


class _Waiting:
    """Stands where uvicorn has the cycle of a request that is under way: as much of one as is looked at there."""

    __slots__ = ("disconnected", "keep_alive", "message_event", "response_complete")

    def __init__(self) -> None:
        self.response_complete = self.disconnected = False
        self.keep_alive = True
        self.message_event = asyncio.Event()

    def leave(self) -> None:
        """The client has gone away."""
        self.disconnected = True
        self.message_event.set()

    async def left(self) -> None:
        """Ends when it has."""
        await self.message_event.wait()


class StraightProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: asyncio.AbstractEventLoop | None = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # What uvicorn counts or tells of each request, it has to see.
        watched = self.access_log or self.limit_concurrency is not None
        self._heads: Heads | None = None if watched else app_state.get(HEADS)
        self._peer = ""
        self._within = False
        self._offer: tuple[Key, bytes] | None = None
        self._held = b""
        self._holding: asyncio.TimerHandle | None = None
        self._answered = 0.0
        self._waiting: _Waiting | None = None
        self._stopping = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        if self.client is None:
            self._heads = None
        else:
            self._peer = self.client[0]

    def data_received(self, data: bytes) -> None:
        """Answer a request that is known and whole; leave everything else to uvicorn."""
        held, data = bool(self._held), self._taken() + data if self._held else data
        heads = self._heads
        if heads is None or self._within or not self._at_rest():
            super().data_received(data)
            return
        size = data.find(_END) + len(_END)
        if size < len(_END) or self.flow.write_paused or self.transport.is_closing():
            super().data_received(data)
            return
        head = data[:size]
        key = blake2b(head, digest_size=32).digest(), self._peer
        found = heads.get(key)
        if found is None:
            self._ordinary(data, offer=(key, head))
            return
        length, known, _ = found
        missing = size + length - len(data)
        if missing > 0 and not held and size + length <= _MOST_HELD:
            self._hold(data)
        elif missing:
            super().data_received(data)
        else:
            self._answer(known, data, size, heads.before(self.server_state.default_headers))

    def _at_rest(self) -> bool:
        """Whether everything that came before is answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _answer(self, known: Known, data: bytes, size: int, before: bytes) -> None:
        try:
            answer = known.answer(data[size:], before)
        except Exception:
            # A mistake of ours: the ordinary way tells of it as it does of all of them.
            log.exception("a known request was not answered")
            answer = None
        if isinstance(answer, bytes):
            self._tell(answer)
        elif isinstance(answer, Later):
            self._wait(answer)
        else:
            self._ordinary(data)

    def _tell(self, answer: bytes) -> None:
        self.server_state.total_requests += 1
        self.transport.write(answer)
        self._answered = self.loop.time()
        # It is set once, and looks when it is due whether something was answered meanwhile.
        if self.timeout_keep_alive_task is None:
            self._keep_alive(self.timeout_keep_alive)

    def _wait(self, later: Later) -> None:
        self._unset_keepalive_if_required()
        # What comes meanwhile is queued by uvicorn behind the cycle that is under way.
        self._waiting = waiting = _Waiting()
        self.cycle = cast(RequestResponseCycle, waiting)
        task = self.loop.create_task(self._respond(later, waiting))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _respond(self, later: Later, waiting: _Waiting) -> None:
        heads = cast(Heads, self._heads)
        try:
            found = await later.respond(waiting.left)
            if self.flow.write_paused and not waiting.disconnected:
                await self.flow.drain()
        except (Exception, asyncio.CancelledError):
            # As uvicorn tells of it; what is cancelled is what has not ended when the server has to.
            log.exception("a known request was not answered")
            found, waiting.keep_alive = _MISTAKE, False
        finally:
            waiting.response_complete = True
            self._waiting = None
        if found is None or waiting.disconnected or self.transport.is_closing():
            self.transport.close()
            return
        status, rest = found
        if not waiting.keep_alive:
            rest = rest.replace(_END, b"\r\nconnection: close" + _END, 1)
        self.transport.write(heads.beginning(status, self.server_state.default_headers) + rest)
        if not waiting.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _ordinary(self, data: bytes, offer: tuple[Key, bytes] | None = None) -> None:
        self._offer = offer
        try:
            super().data_received(data)
        finally:
            self._offer = None

    def on_message_begin(self) -> None:
        """A request begins."""
        self._within = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is there; the first after it was looked up is the one that was."""
        offer, self._offer = self._offer, None
        if offer is not None and self._heads is not None:
            # Not of the scope itself, which would hold itself then, and its credential, until that is looked for.
            learn = partial(self._heads.learn, *offer, self.parser.get_http_version(), self.headers)
            cast(Scope, self.scope)["extensions"] = {LEARN: learn}
        super().on_headers_complete()
        if self._stopping and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """It is whole."""
        self._within = False
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing has come for a while, as far as uvicorn knows."""
        left = self._answered + self.timeout_keep_alive - self.loop.time()
        if self._held or not self._at_rest():
            left = max(left, _PATIENCE_SECONDS)
        if left > 0:
            self._keep_alive(left)
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is left; of a request that was begun is noted as ever that nobody waited for its answer."""
        self._release()
        if self._waiting is not None:
            self._waiting.leave()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Stop as soon as what has arrived is answered."""
        self._release()
        if not self._at_rest():
            super().shutdown()
            return
        # Clients that were answered at once have sent the next request already, which was not read yet.
        self._heads, self._stopping = None, True
        self.loop.call_later(_LAST_SECONDS, super().shutdown)

    def _keep_alive(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _hold(self, data: bytes) -> None:
        """Many clients send a body right after its head."""
        self._held = data
        self._holding = self.loop.call_later(_PATIENCE_SECONDS, self._release)

    def _release(self) -> None:
        data = self._taken()
        if data:
            super().data_received(data)

    def _taken(self) -> bytes:
        data, self._held = self._held, b""
        if self._holding is not None:
            self._holding.cancel()
            self._holding = None
        return data

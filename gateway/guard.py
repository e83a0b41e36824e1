"""Streams that are open on somebody's behalf end when that somebody may no longer, or may something else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from domain.errors import Code, DomainError, Kind
from domain.ports import Clock
from domain.viewer import Viewer

log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Streams that are looked at again at the same time."""
_PATIENCE_SECONDS = 0.6
"""How long that may take: with the quarter of a second until a change is heard, less than a second in all."""
GOODBYE_SECONDS = 0.15
"""How long a client that lost its access has to take the reason; a stream it does not read ends without."""
_GRAIN_SECONDS = 0.05
_LONGEST_SLEEP_SECONDS = 3600.0
"""Timers sleep no longer at a stretch, so that a clock that was set is noticed."""


class Reason(StrEnum):
    """Why a stream ends though its client wants more: it may nothing any more, something else, or nobody can tell."""

    REFUSED = "REFUSED"
    CHANGED = "CHANGED"
    UNSURE = "UNSURE"


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a stream ends, in words and as a code."""

    reason: Reason
    code: str
    message: str


_CHANGED = Ending(Reason.CHANGED, "ACCESS_CHANGED", "What you may do has changed; open the stream again.")
_ENDED = Ending(Reason.REFUSED, Code.UNAUTHENTICATED, "The credential has expired.")
_UNSURE = Ending(Reason.UNSURE, Code.UNAVAILABLE, "Your access cannot be checked at the moment; try again.")


@dataclass(eq=False, slots=True)
class Lease:
    """What a stream is open by: its viewer, how its credentials are looked at again, and how it is ended."""

    viewer: Viewer
    again: Callable[[], Awaitable[Viewer | None]]
    end: Callable[[Ending], None]
    request_id: str
    timer: asyncio.TimerHandle | None = None


class Guard:
    """Holds the leases of all open streams; what changes, or ends by the clock, is looked at again at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[str, set[Lease]] = {}
        self._doubtful: dict[Lease, None] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._asking: set[asyncio.Task[Viewer | Ending]] = set()
        self.changes = 0
        """How often access has changed: who opens a stream remembers the number from before it looked who calls."""

    def heard(self, subjects: frozenset[str] | None) -> None:
        """Access of these subjects changed, or, with None, anybody's may have."""
        self.changes += 1
        known = self._held if subjects is None else subjects & self._held.keys()
        for lease in {lease for subject in known for lease in self._held[subject]}:
            self._doubt(lease)

    @contextmanager
    def holding(self, lease: Lease, since: int) -> Iterator[None]:
        """Keep a stream under guard; `since` is the number of changes from before its viewer was resolved."""
        self._take(lease)
        try:
            if since != self.changes:
                self._doubt(lease)
            yield
        finally:
            self._drop(lease)
            self._doubtful.pop(lease, None)

    async def stop(self) -> None:
        """Look at nothing any more."""
        tasks = (*self._looking, *self._asking)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, lease: Lease) -> None:
        for subject in lease.viewer.subjects:
            self._held.setdefault(subject, set()).add(lease)
        self._wait_for_its_end(lease)

    def _drop(self, lease: Lease) -> None:
        for subject in lease.viewer.subjects:
            others = self._held.get(subject, set())
            others.discard(lease)
            if not others:
                self._held.pop(subject, None)
        if lease.timer:
            lease.timer.cancel()

    def _holds(self, lease: Lease) -> bool:
        return lease in self._held.get(lease.viewer.client_id, ())

    def _wait_for_its_end(self, lease: Lease) -> None:
        """Doubt a lease at the moment its credential ends by itself."""
        left = self._seconds_left(lease)
        if left <= 0:
            self._doubt(lease)
            return
        if left == inf:
            return
        # The clock counts whole seconds, so the last of them is watched closely.
        pause = min(max(left - 1, _GRAIN_SECONDS), _LONGEST_SLEEP_SECONDS)
        lease.timer = asyncio.get_running_loop().call_later(pause, self._wait_for_its_end, lease)

    def _seconds_left(self, lease: Lease) -> float:
        ends = lease.viewer.expires_at
        return (ends - self._clock.now()).total_seconds() if ends else inf

    def _doubt(self, lease: Lease) -> None:
        self._doubtful[lease] = None
        if len(self._looking) < _AT_ONCE:
            # In a context of its own: what is looked at has nothing to do with the call that changed something.
            task = asyncio.create_task(self._look(), context=Context())
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

    async def _asked(self, lease: Lease) -> Viewer | Ending:
        asking = asyncio.create_task(_again(lease))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        await asyncio.wait({asking}, timeout=_PATIENCE_SECONDS)
        if asking.done():
            return asking.result()
        # Not waited for: who asks a database that has gone silent takes seconds to give up.
        asking.cancel()
        return _UNSURE

    async def _look(self) -> None:
        while self._doubtful:
            lease = next(iter(self._doubtful))
            del self._doubtful[lease]
            found = await self._asked(lease)
            # The stream may have ended meanwhile, or be doubted anew: then another look decides.
            if not self._holds(lease) or lease in self._doubtful:
                continue
            if isinstance(found, Viewer) and _rights(found) == _rights(lease.viewer):
                self._drop(lease)
                lease.viewer = found
                self._take(lease)
                continue
            ending = _CHANGED if isinstance(found, Viewer) else found
            if ending is _UNSURE and self._seconds_left(lease) <= 0:
                # That it ends by itself was known before; nobody needs to be asked.
                ending = _ENDED
            log.info("stream ended: %s", ending.message, extra={"request_id": lease.request_id, "code": ending.code})
            lease.end(ending)


async def _again(lease: Lease) -> Viewer | Ending:
    """Who stands behind the credentials of a stream now, or why it has to end."""
    try:
        viewer = await lease.again()
    except DomainError as error:
        if error.kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN):
            return Ending(Reason.REFUSED, error.code, error.message)
        return _UNSURE
    except TimeoutError:
        return _UNSURE
    except Exception:
        log.exception("the credentials of an open stream could not be looked at")
        return _UNSURE
    return viewer or _UNSURE


def _rights(viewer: Viewer) -> tuple[object, ...]:
    """What a stream may go on with as it is, as long as it stays the same."""
    return (
        viewer.organization_id,
        viewer.home_id,
        viewer.client_id,
        viewer.user_id,
        viewer.team_id,
        viewer.permissions,
    )

"""Hearing of changes to access: every process learns within a second what to forget and what to close."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import AccessChange
from domain.errors import DomainError
from gateway.database import Database
from resolvers.reads import Statement

log = logging.getLogger(__name__)

_LOOK_BACK = timedelta(minutes=2)
"""How late a transaction may commit, and how far apart the clocks of processes may be."""
_BLIND = timedelta(minutes=1)
"""After so long without a look, some changes may be too old to be found: then everything counts as changed."""
_KEPT = timedelta(hours=1)
_TRUSTED_SECONDS = 1.0
"""How long what is remembered may be used after the last look at the log."""

_RECENT: Statement = select(AccessChange.id, AccessChange.subject_id).where(
    AccessChange.changed_at >= bindparam("since")
)
Heard = Callable[[frozenset[str] | None], None]
"""Takes the ids of whatever changed; None when that is not known, and everything has to be looked at again."""


class AccessWatch:
    """Follows the log of changes to access, and tells those who remember or hold something open.

    The log is looked at every `poll_seconds`, and at once when a commit of this process or a notification says so.
    """

    def __init__(self, database: Database, poll_seconds: float) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._seen: dict[str, None] = {}
        self._started = False
        self._looked = 0.0
        self._looked_at = database.clock.now()
        self._stirred = asyncio.Event()
        self._next_look = asyncio.Event()
        self._hearers: list[Heard] = []

    @property
    def up_to_date(self) -> bool:
        """Whether the log was read so recently that what is remembered may be believed."""
        return time.monotonic() - self._looked < _TRUSTED_SECONDS

    async def certain(self) -> None:
        """Wait until what is remembered may be believed: those who hold something open give out nothing before."""
        while not self.up_to_date:
            await self._next_look.wait()

    def on_change(self, heard: Heard) -> None:
        """Call `heard` whenever access changes, after those who asked for it before."""
        self._hearers.append(heard)

    def tell(self, subjects: Iterable[str]) -> None:
        """This process changed something itself: do not wait for the log."""
        changed = frozenset(subjects)
        if changed:
            self._say(changed)

    def stir(self) -> None:
        """Another process changed something: look."""
        self._stirred.set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except DomainError as error:
                log.warning("changes of access cannot be read: %s", error.message)
            except Exception:
                log.exception("reading changes of access failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_seconds):
                    await self._stirred.wait()
            self._stirred.clear()

    async def look(self) -> None:
        """Read the log once, and tell what is new in it."""
        began, now = time.monotonic(), self._database.clock.now()
        since = now - _LOOK_BACK
        rows = await self._database.rows(_RECENT.params(since=since), aside=True)
        fresh = [subject for change, subject in rows if change not in self._seen]
        self._seen = dict.fromkeys(change for change, _ in rows)
        # What was changed before this process remembered anything concerns nothing it remembers.
        if self._started and now - self._looked_at > _BLIND:
            self._say(None)
        elif self._started:
            self.tell(fresh)
        self._started, self._looked, self._looked_at = True, began, now
        self._next_look.set()
        self._next_look = asyncio.Event()

    def _say(self, changed: frozenset[str] | None) -> None:
        for heard in self._hearers:
            heard(changed)

    async def forget(self) -> None:
        """Drop the part of the log that nobody looks at any more."""
        before = self._database.clock.now() - _KEPT

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(AccessChange).where(AccessChange.changed_at < before))

        await self._database.store(work)

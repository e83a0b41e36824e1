"""The audit log: every call becomes an entry, written in batches beside the requests, not by them (decision 0015)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import chain
from time import perf_counter
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit import AuditEntry, Door, Outcome
from domain.credentials import Credential
from domain.errors import DomainError, Kind
from domain.organizations import Organization
from domain.values import iso, new_id
from gateway.calls import CallRecord
from gateway.database import Database
from gateway.logging import logger
from gateway.settings_sections import AuditSettings
from resolvers.kept import Direct
from resolvers.reads import Statement

log = logger(__name__)

_USE_EVERY = timedelta(minutes=1)
"""How often at most the last use of one credential is written."""
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0
_TOGETHER = (100, 10, 1)
"""Entries of one statement, as many times as they fit: a statement for each would cost a third more."""
_PURGED_AT_ONCE = 1_000
_PURGE_PAUSE_SECONDS = 0.01
"""Between two chunks, so that other writers have their turn."""
_LONGEST_OPERATION = 300
_LONGEST_ADDRESS = 64
"""An address comes from a trusted proxy as it was written there; none that is one is longer."""

_NAMES = (
    "client_id",
    "credential_id",
    "user_id",
    "door",
    "operation",
    "outcome",
    "code",
    "status",
    "request_id",
    "address",
    "duration_ms",
    "cost",
    "id",
    "organization_id",
    "created_at",
)
Row = tuple[Any, ...]
"""An entry as the database's driver takes it, by `_NAMES`; a call has no subject."""
_Noted = tuple[CallRecord, str, datetime]
"""A call, the id of its entry, and when it was noted."""
_PREFIX = AuditEntry.prefix
_DOORS = {each: each.value for each in Door}
_OUTCOMES = {each: each.value for each in Outcome}


class AuditLog:
    """Gathers entries and writes them; what cannot be written is kept up to a bound, and beyond it told to the log."""

    def __init__(
        self, database: Database, take_used: Callable[[], Mapping[str, datetime]], settings: AuditSettings
    ) -> None:
        """An audit log; `take_used` tells which credentials were used since it was last asked."""
        self._database = database
        self._take_used = take_used
        self._settings = settings
        self._batch, self._kept = settings.batch, settings.kept
        self._noted: list[_Noted] = []
        self._rows: list[Row] = []
        self.told = 0
        """How many entries became lines of the process's log instead."""
        self._used: dict[str, datetime] = {}
        self._use_written: dict[str, datetime] = {}
        self._begun = asyncio.Event()
        self._full = asyncio.Event()
        self._embedded = database.engines.embedded
        self._second: tuple[datetime | None, Any] = (None, None)

    def note(self, call: CallRecord) -> None:
        """A call is over, or its stream is open. A call of nobody that is known belongs to no organization's log.

        It is kept as it is, with its id, which sorts it among what others write: rows are made of many at once, which
        takes a fraction of the time.
        """
        if call.door is None or (call.viewer is None and call.holder is None):
            return
        if call.ended is None:
            call.ended = perf_counter()
        noted, entry = self._noted, (call, new_id(_PREFIX), self._database.clock.now())
        many = len(noted)
        if many + len(self._rows) >= self._kept:
            self._tell(self._row(*entry))
            return
        noted.append(entry)
        if not many:
            self._begun.set()
        if many + 1 == self._batch:
            self._full.set()

    @property
    def pending(self) -> int:
        """How many entries are not written yet."""
        return len(self._noted) + len(self._rows)

    @property
    def full(self) -> bool:
        """Whether further entries become lines of the process's log."""
        return self.pending >= self._kept

    async def run(self) -> None:
        """Write until cancelled."""
        pause = 0.0
        while True:
            await self._due()
            try:
                await self.flush()
                pause = 0.0
            except DomainError as error:
                pause = min(max(pause * 2, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
                log.warning("audit entries wait", entries=self.pending, reason=error.message)
            except Exception:
                pause = _LONGEST_PAUSE_SECONDS
                log.exception("writing audit entries failed", entries=self.pending)
            if pause:
                self._begun.set()
                await asyncio.sleep(pause)

    async def flush(self, *, finally_: bool = False) -> None:
        """Write what is gathered; finally, the last uses of credentials that were not due yet as well.

        Raises:
            DomainError: UNAVAILABLE when the database does not take it now; nothing is lost.
        """
        self._rows += self._made()
        # What comes meanwhile waits for its own time: else every few calls would have a transaction of their own.
        while self._rows:
            rows = self._rows[: self._batch]
            await self._store(rows)
            del self._rows[: len(rows)]
        self._used.update(self._take_used())
        if used := self._uses(everything=finally_):
            await self._database.store(partial(_write_uses, used))
            self._note_written(used)

    async def stop(self) -> None:
        """Write what is left, or tell it to the log when the database is away."""
        try:
            await self.flush(finally_=True)
        except DomainError as error:
            log.warning("audit entries are told to the log", entries=self.pending, reason=error.message)
        finally:
            for row in (*self._rows, *self._made()):
                self._tell(row)
            self._rows.clear()

    async def purge(self) -> int:
        """Drop entries that are older than they are kept, a few at a time; how many."""
        if not self._settings.days:
            return 0
        before = self._database.clock.now() - timedelta(days=self._settings.days)
        purged = 0
        for (organization_id,) in await self._database.rows(_holding(before)):
            purged += await self._purge_of(organization_id, before)
        return purged

    async def _purge_of(self, organization_id: str, before: datetime) -> int:
        own = (AuditEntry.organization_id == organization_id, AuditEntry.created_at < before)
        oldest = select(AuditEntry.id).where(*own).order_by(AuditEntry.created_at).limit(_PURGED_AT_ONCE)

        async def drop(session: AsyncSession) -> int:
            found = (await session.scalars(oldest)).all()
            if found:
                await session.execute(delete(AuditEntry).where(AuditEntry.id.in_(found)))
            return len(found)

        purged = 0
        while dropped := await self._database.store(drop):
            purged += dropped
            await asyncio.sleep(_PURGE_PAUSE_SECONDS)
        return purged

    async def _due(self) -> None:
        """Wait until something was gathered for long enough, or enough of it."""
        with suppress(TimeoutError):
            # Uses of credentials become due without any call.
            async with asyncio.timeout(_USE_EVERY.total_seconds()):
                await self._begun.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.flush_seconds):
                await self._full.wait()
        self._begun.clear()
        self._full.clear()

    def _made(self) -> list[Row]:
        """The rows of what was noted."""
        noted, self._noted = self._noted, []
        return [self._row(*each) for each in noted]

    async def _store(self, rows: list[Row]) -> None:
        """Write rows together; when one is refused, such as that of an organization that is gone, all the others."""
        try:
            await self._database.store_directly(partial(self._write, rows))
        except DomainError as error:
            if error.kind is not Kind.CONFLICT:
                raise
            if len(rows) == 1:
                self._tell(rows[0])
                return
            half = len(rows) // 2
            await self._store(rows[:half])
            await self._store(rows[half:])

    async def _write(self, rows: list[Row], direct: Direct) -> None:
        begin = 0
        for together in _TOGETHER:
            end = len(rows) - (len(rows) - begin) % together
            parts = [list(chain.from_iterable(rows[at : at + together])) for at in range(begin, end, together)]
            if parts:
                await direct.write(_insert(together, self._embedded), parts)
            begin = end

    def _uses(self, *, everything: bool) -> dict[str, datetime]:
        """The uses that are to be written, in one order everywhere, so that processes cannot block each other."""
        now = self._database.clock.now()
        self._use_written = {known: at for known, at in self._use_written.items() if now - at < _USE_EVERY}
        return {used: self._used[used] for used in sorted(self._used) if everything or used not in self._use_written}

    def _note_written(self, used: Mapping[str, datetime]) -> None:
        now = self._database.clock.now()
        for credential_id, at in used.items():
            self._use_written[credential_id] = now
            if self._used.get(credential_id) == at:
                del self._used[credential_id]

    def _tell(self, row: Row) -> None:
        """An entry that is in no table, as a line of its own; `key_id` is the credential's, which is no secret."""
        self.told += 1
        told = {name: value for name, value in zip(_NAMES, row, strict=True) if value is not None}
        told["key_id"] = told.pop("credential_id", None)
        if isinstance(told["created_at"], datetime):
            told["created_at"] = iso(told["created_at"])
        log.warning("audit entry not stored", **told)

    def _row(self, call: CallRecord, id: str, at: datetime) -> Row:
        by, door = call.by, call.door
        assert door is not None  # noqa: S101 - no other is noted
        assert by is not None  # noqa: S101 - nor this
        if at is not self._second[0]:
            # Many calls share a second.
            self._second = (at, iso(at) if self._embedded else at)
        return (
            by.client_id or None,
            by.credential_id,
            by.user_id,
            _DOORS[door],
            call.operation[:_LONGEST_OPERATION],
            _OUTCOMES[call.outcome],
            call.code,
            call.status,
            call.request_id,
            (call.address or "")[:_LONGEST_ADDRESS] or None,
            call.milliseconds,
            call.cost,
            id,
            by.organization_id,
            self._second[1],
        )


@cache
def _insert(together: int, embedded: bool) -> str:
    """The statement that stores so many entries, in the driver's own words."""
    marks = ["?" if embedded else f"${number + 1}" for number in range(together * len(_NAMES))]
    rows = ", ".join([f"({', '.join(marks[at : at + len(_NAMES)])})" for at in range(0, len(marks), len(_NAMES))])
    # A batch whose commit was not confirmed is written again: what arrived the first time stays as it is.
    return f"INSERT INTO {AuditEntry.__tablename__} ({', '.join(_NAMES)}) VALUES {rows} ON CONFLICT (id) DO NOTHING"  # noqa: S608 - no value is in it


def _holding(before: datetime) -> Statement:
    """The organizations with entries from before a moment: one look each into an index, which is in order of theirs."""
    older = exists().where(AuditEntry.organization_id == Organization.id, AuditEntry.created_at < before)
    return select(Organization.id).where(older)


async def _write_uses(used: Mapping[str, datetime], session: AsyncSession) -> None:
    """Have the last use of credentials known, unless another process knows of a later one."""
    for credential_id, at in used.items():
        earlier = or_(Credential.last_used_at.is_(None), Credential.last_used_at < at)
        known = update(Credential).where(Credential.id == credential_id, earlier).values(last_used_at=at)
        await session.execute(known.execution_options(synchronize_session=False))

"""The queue of batches' entries: each is fetched, read and kept for itself, and killed processes make none twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from domain.errors import Code, DomainError, Kind, Problem
from domain.permissions import Permission
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import bound, logger
from gateway.settings_jobs import JobSettings
from gateway.spans import span
from gateway.webhooks.standing import ending
from gateway.work.queue import Job
from resolvers import compliance_uploads, job_work
from resolvers.compliance_documents import ProcessedDocument
from resolvers.desk import Desk
from resolvers.job_work import Entry
from resolvers.unit import Keys, Unit
from schema.context import Work

log = logger(__name__)

_MARGIN_SECONDS = 30
_LONGEST_PROBLEM = 1_000
_MOST_LOST = 5
"""How often an entry is begun without anybody noting its end: it may be what ends the processes."""
_REMEMBERED = 10_000
"""Organizations of which it is known when they were served last."""
_LATER = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.CONFLICT})
"""What may be otherwise another time."""


class EntryQueue:
    """Entries that are due, by turns of organizations."""

    name = "batch entries"

    def __init__(self, database: Database, settings: JobSettings, longest_seconds: float) -> None:
        """The queue of a process; fetching and reading one document takes at most `longest_seconds`."""
        self.at_once = settings.at_once
        self._database = database
        self._schedule = settings.schedule
        self._seconds = longest_seconds
        self._lease = timedelta(seconds=longest_seconds + _MARGIN_SECONDS)
        self._served: dict[str, int] = {}
        self._turn = count(1)

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        work = partial(job_work.take_entries, now=now, lease=self._lease, most=most, served=self._served)
        taken = [Job(*each) for each in await self._database.store(work)]
        for job in taken:
            # Its place moves to the end, so that it holds those that were served lately and nobody else for ever.
            self._served.pop(job.organization_id, None)
            self._served[job.organization_id] = next(self._turn)
        while len(self._served) > _REMEMBERED:
            del self._served[next(iter(self._served))]
        return taken

    async def next_due(self) -> datetime | None:
        """When an entry is due next."""
        found = await self._database.rows(job_work.next_entry_due())
        return found[0][0] if found else None

    async def run(self, job: Job) -> None:
        """Work on an entry that was taken up, and note what became of it; one that has moved on is left alone.

        Raises:
            DomainError: UNAVAILABLE when the database is, and nothing could be noted.
        """
        found = await self._database.rows(job_work.entry(job.id, job.attempt))
        if not found:
            return
        entry = Entry(*found[0])
        with bound(batch_id=entry.job_id), span("batch entry", trigraph__entry=entry.id):
            try:
                await self._work(job, entry)
            except DomainError as error:
                await self._note(job, error.problems[0], final=error.kind not in _LATER)
            except Exception:
                # Noted as any other failure: an entry that only raised would be tried for ever.
                log.exception("an entry of a batch failed", entry=entry.id)
                await self._note(job, Problem(Code.UNAVAILABLE, "It failed; the server's log says more."), final=False)

    async def _work(self, job: Job, entry: Entry) -> None:
        if entry.lost > _MOST_LOST:
            why = f"It was begun {entry.lost - 1} times, and each time the process ended before it was done."
            raise DomainError((Problem(Code.INVALID, why),))
        viewer = await self._viewer(entry)
        desk = Desk(
            viewer, self._database.clock.now(), self._database.outside, self._database.rows, self._database.bulk
        )
        try:
            async with asyncio.timeout(self._seconds):
                document = await compliance_uploads.read_upload(desk, entry.upload)
        except TimeoutError:
            problem = Problem(Code.TIMEOUT, f"It was not read within {self._seconds:g} seconds.", "url")
            raise DomainError((problem,)) from None
        await self._database.transact(viewer, _keeping(job, document))
        log.info("batch entry", entry=entry.id, result="done")

    async def _viewer(self, entry: Entry) -> Viewer:
        """As whom a document is kept.

        Raises:
            DomainError: FORBIDDEN when nobody answers for the batch any more, or who does may not keep documents.
        """
        rows = await self._database.rows(job_work.standing(entry.job_id))
        standing = job_work.standing_of(rows[0]) if rows else None
        now = self._database.clock.now()
        if standing is None or not standing.works(now):
            why = ending(standing, now) if standing else "Whoever asked for it is not there any more."
            raise DomainError((Problem(Code.FORBIDDEN, why),))
        viewer = standing.viewer
        # Before anything is fetched, too: what may not be kept is not looked at.
        viewer.require(Permission.WRITE_COMPLIANCE)
        return viewer

    async def _note(self, job: Job, problem: Problem, final: bool) -> None:
        told = Problem(problem.code, problem.message[:_LONGEST_PROBLEM], problem.field)
        log.info("batch entry", entry=job.id, result="stopped", final=final, reason=told.message)

        async def note(unit: Unit) -> Keys:
            return await job_work.note_stopped(unit, job.id, job.attempt, told, self._schedule, final)

        await self._database.transact(Viewer.nobody(job.organization_id), note)


def _keeping(job: Job, document: ProcessedDocument) -> Work:
    async def keep(unit: Unit) -> Keys:
        return await job_work.keep_document(unit, job.id, job.attempt, document)

    return keep

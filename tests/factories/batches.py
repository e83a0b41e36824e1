"""Batches for tests: documents to be fetched without a network, and whoever sweeps the queues."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import Any

from sqlalchemy import select

from domain.event_log import Event
from domain.events import EventType
from domain.intelligence import law
from domain.jobs import BatchTerms, Job, JobEntry
from domain.outside import LawWanted, Outside, ReadDocument, SentFile
from domain.receivers import Reach, receiver_url
from gateway.analyst import TextAnalyst
from gateway.database import Database
from gateway.jobs.bodies import BatchBodies
from gateway.jobs.opening import Jobs, open_jobs
from gateway.outgoing.opening import reach_of
from gateway.settings import load
from tests.factories.contexts import contexts_of

LAW = "The controller shall notify the authority by 31 December 2024. A fine of $50,000 applies to each violation."
Fetch = Callable[[str], Awaitable[bytes]]


async def _law(url: str) -> bytes:
    return LAW.encode()


@dataclass
class Shelf:
    """Files at addresses, fetched and read in process; `fetch` says what is where, or raises."""

    fetch_: Fetch = _law
    fetched: Counter[str] = field(default_factory=Counter)

    def check(self, field_: str, url: str) -> str:
        return receiver_url(field_, url, Reach(), "https://example.com/document.pdf")

    async def fetch(self, url: str) -> SentFile:
        self.fetched[url] += 1
        content = await self.fetch_(url)
        return SentFile(BytesIO(content), len(content), url.rpartition("/")[2], "text/plain")

    async def read(self, file: SentFile, wanted: LawWanted) -> ReadDocument:
        content = file.content.read()
        findings = law.analyse(
            content.decode(), jurisdiction=wanted.jurisdiction, document_type=wanted.document_type, today=wanted.today
        )
        return ReadDocument(content.decode(), "text/plain", file.size, sha256(content).hexdigest(), None, findings)


@dataclass
class Batches:
    """Batches without a process around them: they are worked on when the test says so."""

    database: Database
    jobs: Jobs
    shelf: Shelf

    async def work(self, organization_id: str) -> int:
        """Work on the entries that are due now; how many attempts."""
        return await self._sweep(self.jobs.entries, organization_id)

    async def tell(self, organization_id: str) -> int:
        """Tell the clients that are to be told now; how many attempts."""
        return await self._sweep(self.jobs.callbacks, organization_id)

    async def _sweep(self, queue: Any, organization_id: str) -> int:
        made = 0
        while jobs := await queue.take(queue.at_once):
            own = [job for job in jobs if job.organization_id == organization_id]
            await asyncio.gather(*(queue.run(job) for job in own))
            made += len(own)
        return made

    async def batch(self, id: str) -> Any:
        """A batch as it stands."""
        return (await self.database.rows(select(*Job.__table__.columns).where(Job.id == id)))[0]

    async def entries(self, id: str) -> list[Any]:
        """Its entries as they stand, in order."""
        statement = select(*JobEntry.__table__.columns).where(JobEntry.job_id == id).order_by(JobEntry.position)
        return list(await self.database.rows(statement))

    async def told(self, id: str) -> list[EventType]:
        """What the log tells of it."""
        statement = select(Event.type).where(Event.subject_id == id).order_by(Event.sequence)
        return [row[0] for row in await self.database.rows(statement)]


def batches_of(database: Database, shelf: Shelf | None = None, **settings: Any) -> Batches:
    """Batches over a database: callbacks may go to the loopback, and are tried three times, a minute apart."""
    outgoing = {"allowed_networks": "127.0.0.0/8"}
    webhooks = {"schedule": "0,60,60", "jitter": 0}
    wanted = load(env_file=None, outgoing=outgoing, webhooks=webhooks, jobs={"schedule": "0,60,60"} | settings)
    shelf = shelf or Shelf()
    jobs = open_jobs(wanted, database, BatchBodies(contexts_of(database)))
    terms = BatchTerms(wanted.jobs.documents, wanted.jobs.feedback, reach_of(wanted.outgoing))
    database.outside = Outside(shelf, shelf, TextAnalyst(), batches=terms)  # type: ignore[arg-type]
    return Batches(database, jobs, shelf)

"""Batches put together: the queue of their entries, the queue that tells of their end, and what they may be."""

from __future__ import annotations

from dataclasses import dataclass

from domain.jobs import BatchTerms
from gateway.database import Database
from gateway.jobs.callbacks import CallbackQueue, Write
from gateway.jobs.queue import EntryQueue
from gateway.outgoing.opening import open_http, reach_of
from gateway.settings import Settings
from rest_compat.clickup_brain.telling import TELLING


@dataclass(frozen=True)
class Jobs:
    """Batches of this process."""

    entries: EntryQueue
    callbacks: CallbackQueue

    async def close(self) -> None:
        """Close the connections to clients."""
        await self.callbacks.close()


def open_jobs(settings: Settings, database: Database, write: Write) -> Jobs:
    """Batches as set; nothing is connected or started yet."""
    # A file may wait for its turn as long as reading it may take.
    longest = settings.reading.fetch_seconds + 2 * settings.reading.seconds
    entries = EntryQueue(database, settings.jobs, longest)
    header = TELLING.signature_header
    outgoing = settings.outgoing
    callbacks = CallbackQueue(database, lambda: open_http(outgoing), write, header, settings.jobs, settings.webhooks)
    return Jobs(entries, callbacks)


def batch_terms(settings: Settings) -> BatchTerms:
    """What batches may be in this installation."""
    return BatchTerms(settings.jobs.documents, settings.jobs.feedback, reach_of(settings.outgoing))

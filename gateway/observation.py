"""Everything by which operators see the process, put together."""

from __future__ import annotations

import os
from dataclasses import dataclass
from multiprocessing import parent_process

from gateway.audit import AuditLog
from gateway.call_log import CallLog
from gateway.calls import CallRecord
from gateway.connections import Connections
from gateway.credentials import Credentials
from gateway.database import Database
from gateway.depths import DepthGauge
from gateway.figures import Sources
from gateway.graphql.outcomes import Outcomes
from gateway.health import Readiness
from gateway.reading.reader import ProcessReader
from gateway.scraping import Scraping
from gateway.settings import Settings
from gateway.spans import Tracing, open_tracing
from gateway.tallies import Tallies
from gateway.webhooks.queue import WebhookQueue
from gateway.work.opening import Work
from gateway.writing.writer import LanguageWriter, NoWriter


@dataclass(frozen=True)
class Observation:
    """What is told of calls, figures and health."""

    tracing: Tracing | None
    audit: AuditLog
    tallies: Tallies
    call_log: CallLog
    depths: DepthGauge
    scraping: Scraping
    readiness: Readiness

    def request(self, call: CallRecord) -> None:
        """An HTTP request was answered, or its stream opened."""
        self.audit.note(call)
        self.tallies.request(call)
        self.call_log.note(call)

    def operation(self, call: CallRecord) -> None:
        """An operation on a websocket is over, or its stream is open."""
        self.audit.note(call)
        self.tallies.operation(call)
        self.call_log.note(call)

    async def stop(self) -> None:
        """Ask nothing of the database any more, and send what was traced."""
        await self.readiness.stop()
        await self.depths.stop()
        if self.tracing:
            await self.tracing.stop()


def observe(
    settings: Settings,
    database: Database,
    audit: AuditLog,
    credentials: Credentials,
    connections: Connections,
    work: Work,
    webhooks: WebhookQueue,
    reader: ProcessReader,
    writer: LanguageWriter | NoWriter,
    compiled: Outcomes | None = None,
) -> Observation:
    """What operators see the process by."""
    tallies, depths = Tallies(), DepthGauge(database, settings.metrics.cached_seconds)
    if tracing := open_tracing(settings):
        tracing.follow(database.engines)
    sources = Sources(
        _process(),
        tallies,
        connections,
        audit,
        database,
        credentials,
        work,
        webhooks,
        reader,
        writer,
        compiled or Outcomes(),
    )
    checks = {"audit": lambda: not audit.full}
    if settings.work.inside:
        checks["work"] = lambda: work.ready
    return Observation(
        tracing,
        audit,
        tallies,
        CallLog(every=settings.log_calls),
        depths,
        Scraping(sources, depths, settings.metrics),
        Readiness(database, checks),
    )


def _process() -> str:
    """What the process is called among those that serve together: a worker of several by its number."""
    return str(os.getpid()) if parent_process() else "main"

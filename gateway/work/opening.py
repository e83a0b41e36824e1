"""What is worked on beside the doors, put together once: inside `trigraph serve`, and alone in `trigraph work`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol

from gateway.access import AccessWatch
from gateway.audit import AuditLog
from gateway.churn_models import ChurnModels
from gateway.conversion_models import ConversionModels
from gateway.database import Database
from gateway.jobs.lost import end_lost_imports
from gateway.oauth import forgetting
from gateway.pages.sessions import Sessions
from gateway.replays import Replays
from gateway.research.news import NewsFeeds
from gateway.settings import Settings
from gateway.work.deadlines import Deadlines
from gateway.work.periodic import PeriodicQueue, Task
from gateway.work.queue import Queue
from gateway.work.retention import Retention
from gateway.work.sweeper import Sweeper, Tally
from gateway.work.worker import Worker

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)
_BEGUN_KEPT = timedelta(days=1)
"""How long it is known what was begun: far longer than any lease."""


class Runner(Protocol):
    """Something that follows the event log where work is done, such as what makes deliveries of events."""

    async def run(self) -> None:
        """Follow the log until cancelled."""
        ...

    def stir(self, organization_id: str | None) -> None:
        """Events of an organization were committed, here or elsewhere; None: of any."""
        ...


@dataclass(frozen=True)
class Keepers:
    """The parts that keep something for a time only, and forget it or read it anew when they are asked to."""

    replays: Replays
    watch: AccessWatch
    sessions: Sessions
    audit: AuditLog
    news: NewsFeeds


class Work:
    """Queues under one sweeper, what follows the log to fill them, and the durable work that both belong to."""

    def __init__(self, database: Database, settings: Settings, queues: Sequence[Queue], worker: Worker) -> None:
        """Work on queues; who follows the log is added."""
        self._worker = worker
        self._runners: list[Runner] = []
        self._following: list[asyncio.Task[None]] = []
        self.sweeper = Sweeper(queues, worker, database.clock, settings.work.poll_seconds)

    @property
    def ready(self) -> bool:
        """Whether what falls due is taken up in this process."""
        return self._worker.ready

    @property
    def tallies(self) -> dict[str, Tally]:
        """How each queue fares in this process, by its name."""
        return self.sweeper.tallies

    def follow(self, runner: Runner) -> None:
        """Have something follow the event log as long as this process works."""
        self._runners.append(runner)

    def made_due(self, queue: str | None = None) -> None:
        """Something of a queue fell due, or of any: it is looked for at once."""
        self._worker.want()
        self.sweeper.stir(queue)

    def committed(self, organization_id: str | None) -> None:
        """Something was committed in an organization, or perhaps in any: those who follow the log look."""
        for runner in self._runners:
            runner.stir(organization_id)
        if organization_id is None:
            self.sweeper.stir()

    def start(self) -> None:
        """Begin, beside everything else."""
        self._following.extend(asyncio.create_task(runner.run()) for runner in self._runners)
        self._worker.start(self.sweeper)

    async def stop(self) -> None:
        """End: nothing more is taken up, and what is under way is waited for a little."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self._worker.stop()


def open_work(settings: Settings, database: Database, queues: Sequence[Queue], keepers: Keepers) -> Work:
    """All work of the process, what comes again besides these queues; nothing is begun yet."""
    worker = Worker(
        database,
        settings.data_dir,
        stop_seconds=settings.work.stop_seconds,
        poll_seconds=settings.work.poll_seconds,
    )
    periodic = PeriodicQueue(database, _tasks(settings, database, keepers, worker))
    return Work(database, settings, [*queues, periodic], worker)


def _tasks(settings: Settings, database: Database, keepers: Keepers, worker: Worker) -> list[Task]:
    """What comes again, and how often."""
    retention = Retention(database, settings.events)
    models = ChurnModels(database, settings.feedback)
    conversions = ConversionModels(database, settings.conversion)
    deadlines = Deadlines(database, settings.compliance)

    async def forget_authorizations() -> None:
        await forgetting.forget(database)

    async def forget_uses() -> None:
        await retention.forget_uses(settings.writer.days)

    async def forget_begun() -> None:
        await worker.forget(database.clock.now() - _BEGUN_KEPT)

    return [
        Task("forget repeats", _HOUR, keepers.replays.forget),
        Task("forget changes of access", _HOUR, keepers.watch.forget),
        Task("forget authorizations", _HOUR, forget_authorizations),
        Task("forget sessions", _HOUR, keepers.sessions.forget),
        Task("forget audit entries", _HOUR, keepers.audit.purge),
        Task("forget events", _HOUR, retention.forget_events),
        Task("forget deliveries", _HOUR, retention.forget_deliveries),
        Task("forget uses of models", _HOUR, forget_uses),
        Task("forget batches", _HOUR, partial(retention.forget_batches, settings.jobs.days)),
        Task("forget readers", _HOUR, partial(retention.forget_readers, settings.campaigns.reader_days)),
        Task("forget finished work", _HOUR, forget_begun),
        Task("end lost imports", _QUARTER, partial(end_lost_imports, database)),
        Task("learn churn models", timedelta(hours=settings.feedback.churn_hours), models.learn),
        Task("learn conversion models", timedelta(hours=settings.conversion.hours), conversions.learn),
        Task("read news", timedelta(hours=settings.research.news_hours), keepers.news.refresh),
        Task("tell of deadlines", timedelta(hours=settings.compliance.alert_hours), deadlines.tell, deadlines.pressing),
    ]

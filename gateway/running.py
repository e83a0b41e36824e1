"""What runs beside the doors: the same for a process that serves and for one that only works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from gateway.assembly import Parts
from gateway.database import ACCESS, CHANNEL, DUE
from gateway.listen import listen
from gateway.logging import logger
from gateway.migrations.runner import migrate, newest, revision
from gateway.spans import traced_by

_PATIENCE_SECONDS = 1.0

log = logger(__name__)


class NotMigrated(Exception):
    """The database is not at the revision this code needs."""


@asynccontextmanager
async def running(parts: Parts, *, works: bool) -> AsyncIterator[None]:
    """The database at its revision, and everything that runs beside the doors; `works`: what is due is taken up too."""
    async with AsyncExitStack() as stack:
        database = parts.database
        stack.push_async_callback(database.engines.dispose)
        stack.enter_context(traced_by(parts.observation.tracing))
        if database.engines.embedded:
            await migrate(database.engines.writing)
        elif await revision(database.engines.writing) != newest():
            raise NotMigrated("The database is not at the newest revision; run `trigraph migrate` first.")
        database.deliver, database.post = parts.mailroom.deliver, parts.mailroom.post
        stack.push_async_callback(parts.mailroom.stop)
        stack.push_async_callback(parts.webhooks.close)
        database.access_changed, database.feeds.certain = parts.watch.tell, parts.watch.certain
        stack.push_async_callback(parts.limits.close)
        stack.push_async_callback(parts.audit.stop)
        stack.push_async_callback(parts.guard.stop)
        stack.push_async_callback(parts.observation.stop)
        stack.push_async_callback(parts.tracking.recorder.stop)
        beside = [parts.watch.run(), parts.limits.run(), parts.audit.run()]
        if not database.engines.embedded:
            beside.append(listen(parts.settings.database_url, CHANNEL, partial(_heard, parts)))
        tasks = [asyncio.create_task(each) for each in beside]
        stack.push_async_callback(_stop, tasks)
        if works:
            database.committed, database.made_due = parts.work.committed, parts.work.made_due
            # First to end, for what is under way needs everything else.
            stack.push_async_callback(parts.work.stop)
            parts.work.start()
        yield


def _heard(parts: Parts, said: str | None) -> None:
    """Another process committed: events of an organization, or a change of access; None: something was missed."""
    if said in (ACCESS, None):
        parts.watch.stir()
    if said == DUE:
        parts.work.made_due()
    if said not in (ACCESS, DUE):
        parts.database.feeds.wake(said)
        parts.work.committed(said)


async def _stop(tasks: list[asyncio.Task[None]]) -> None:
    """End what runs beside the doors; what did not hear that it is cancelled, because a library did, is told again."""
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        ended, running = await asyncio.wait(running, timeout=_PATIENCE_SECONDS)
        for task in ended:
            if not task.cancelled() and (error := task.exception()):
                log.error("something beside the doors had failed", exc_info=error)

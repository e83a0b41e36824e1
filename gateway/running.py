"""What runs beside the doors: the same for a process that serves and for one that only works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib import import_module

from gateway.assembly import Parts
from gateway.database import ACCESS, CHANNEL, DUE
from gateway.ending import end
from gateway.migrations.runner import migrate, newest, revision
from gateway.spans import traced_by


class NotMigrated(Exception):
    """The database is not at the revision this code needs."""


@asynccontextmanager
async def running(parts: Parts, *, works: bool) -> AsyncIterator[None]:
    """The database at its revision, and everything that runs beside the doors; `works`: what is due is taken up too."""
    async with AsyncExitStack() as stack:
        database = parts.database
        stack.push_async_callback(database.engines.dispose)
        if parts.shadow:
            stack.push_async_callback(parts.shadow.stop)
        stack.enter_context(traced_by(parts.observation.tracing))
        if database.engines.embedded:
            await migrate(database.engines.writing)
        elif await revision(database.engines.writing) != newest():
            raise NotMigrated("The database is not at the newest revision; run `trigraph migrate` first.")
        database.deliver, database.post = parts.mailroom.deliver, parts.mailroom.post
        stack.push_async_callback(parts.mailroom.stop)
        stack.push_async_callback(parts.webhooks.close)
        stack.push_async_callback(parts.jobs.close)
        stack.push_async_callback(parts.writer.close)
        stack.push_async_callback(parts.reading.close)
        stack.push_async_callback(parts.research.close)
        database.access_changed, database.feeds.certain = parts.watch.tell, parts.watch.certain
        stack.push_async_callback(parts.limits.close)
        stack.push_async_callback(parts.audit.stop)
        stack.push_async_callback(parts.guard.stop)
        stack.push_async_callback(parts.observation.stop)
        stack.push_async_callback(parts.tracking.recorder.stop)
        beside = [parts.watch.run(), parts.limits.run(), parts.audit.run()]
        if not database.engines.embedded:
            # Its driver takes 3 MiB and 25 ms to load, which only those pay who have the server for it.
            listening = import_module("gateway.listen")
            beside.append(listening.listen(parts.settings.database_url, CHANNEL, partial(_heard, parts)))
        tasks = [asyncio.create_task(each) for each in beside]
        stack.push_async_callback(end, tasks)
        database.begin, database.rejoin = parts.beginner.begin, parts.beginner.rejoin
        stack.push_async_callback(parts.beginner.stop)
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

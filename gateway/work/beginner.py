"""Work that a request has begun itself: run here right after the commit, and waited for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from domain.viewer import Viewer
from gateway.ending import end
from gateway.settings_work import WorkSettings
from gateway.work.queue import Job
from gateway.work.sweeper import Sweeper
from resolvers.unit import Beginning, Keys


class Beginner:
    """Runs jobs that are stored as taken up already, in the places of their queue.

    Durable work is not told of them: what this process does not end, a sweep finds when its lease is over.
    """

    def __init__(self, sweeper: Sweeper, settings: WorkSettings) -> None:
        """A beginner of jobs of the sweeper's queues."""
        self._sweeper = sweeper
        self._wait_seconds = settings.wait_seconds
        self._stop_seconds = settings.stop_seconds
        self.under_way: set[asyncio.Task[None]] = set()
        """Jobs that were begun here and are not over."""
        self._awaited: dict[str, asyncio.Task[None]] = {}

    async def begin(self, viewer: Viewer, beginnings: Sequence[Beginning]) -> None:
        """Begin jobs of the viewer's organization, and wait a while for those that are waited for."""
        awaited = {}
        for each in beginnings:
            task = self._begun(viewer, each)
            if each.wait:
                awaited[each.id] = task
                task.add_done_callback(partial(self._over, each.id))
        self._awaited |= awaited
        await self._wait(awaited.values())

    async def rejoin(self, keys: Keys) -> None:
        """Wait a while for what a request began that has come again: it is answered as the first one is."""
        again = {each for each in keys.values() if isinstance(each, str)} & self._awaited.keys()
        await self._wait([self._awaited[each] for each in again])

    async def stop(self) -> None:
        """Wait a little for what is under way; the rest is given up, and taken up again when its lease is over."""
        if self.under_way:
            await asyncio.wait(set(self.under_way), timeout=self._stop_seconds)
        await end(self.under_way)

    async def _wait(self, tasks: Collection[asyncio.Task[None]]) -> None:
        if tasks:
            await asyncio.wait(tasks, timeout=self._wait_seconds)

    def _over(self, id: str, task: asyncio.Task[None]) -> None:
        if self._awaited.get(id) is task:
            del self._awaited[id]

    def _begun(self, viewer: Viewer, beginning: Beginning) -> asyncio.Task[None]:
        job = Job(viewer.organization_id, beginning.id, beginning.attempt)
        task = asyncio.create_task(self._sweeper.run(beginning.queue, job))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        return task

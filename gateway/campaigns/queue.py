"""The queue of what campaigns do: planned pieces, what rules have set off, and their ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from domain.viewer import Viewer
from gateway.database import Database
from gateway.settings_campaigns import CampaignSettings
from gateway.work.queue import Job
from resolvers import campaign_running


class CampaignQueue:
    """Takes up what is due in campaigns, and does each in a transaction of its own."""

    name = "campaigns"

    def __init__(self, database: Database, settings: CampaignSettings) -> None:
        """The queue of a process."""
        self.at_once = settings.at_once
        self._database = database
        self._lease = timedelta(seconds=settings.lease_seconds)

    async def take(self, most: int) -> Sequence[Job]:
        """Take up what is due now, oldest first.

        Raises:
            DomainError: UNAVAILABLE when the database is.
        """
        now = self._database.clock.now()
        taken = await self._database.store(partial(campaign_running.take, now=now, lease=self._lease, most=most))
        return [Job(*each) for each in taken]

    async def next_due(self) -> datetime | None:
        """When something is due next."""
        found = await self._database.rows(campaign_running.next_due())
        return found[0][0] if found else None

    async def run(self, job: Job) -> None:
        """Do what was taken up.

        Raises:
            DomainError: UNAVAILABLE when the database is; it is taken up again when its lease is over.
        """
        work = partial(campaign_running.run, id=job.id, attempt=job.attempt)
        await self._database.transact(Viewer.nobody(job.organization_id, "Campaigns"), work)

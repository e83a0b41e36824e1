"""Forgetting in short transactions, so that writers have their turn in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.database import Database
from gateway.settings_work import EventSettings
from resolvers import job_work, retention, tracking, writing
from resolvers.reads import Statement

AT_ONCE = 500
"""Rows that one transaction forgets."""
_BATCHES = 10
"""Batches that one transaction forgets: each goes with its entries, a hundred or more of them."""
_PAUSE_SECONDS = 0.01


class Retention:
    """What is kept for some days only: events, deliveries and batches that are over, uses of language models, and by
    what people have read.
    """

    def __init__(self, database: Database, settings: EventSettings) -> None:
        self._database = database
        self._settings = settings

    async def forget_events(self) -> None:
        """Forget events that are older than they are kept."""
        if not self._settings.days:
            return
        now, kept = self._database.clock.now(), timedelta(days=self._settings.days)
        work = partial(retention.forget_events, before=now - kept, waiting_before=now - 2 * kept, most=AT_ONCE)
        await self._for_each(retention.logs(), work)

    async def forget_deliveries(self) -> None:
        """Forget deliveries that are over and older than they are kept."""
        if not self._settings.delivery_days:
            return
        before = self._database.clock.now() - timedelta(days=self._settings.delivery_days)
        await self._for_each(
            retention.with_deliveries(), partial(retention.forget_deliveries, before=before, most=AT_ONCE)
        )

    async def forget_uses(self, days: int) -> None:
        """Forget what language models were used for longer ago than so many days; 0 forgets nothing."""
        if not days:
            return
        work = partial(writing.forget, before=self._database.clock.now() - timedelta(days=days), most=AT_ONCE)
        await self._until_done(work)

    async def forget_batches(self, days: int) -> None:
        """Forget batches that were over longer ago than so many days, with their entries; 0 forgets nothing."""
        if not days:
            return
        work = partial(job_work.forget, before=self._database.clock.now() - timedelta(days=days), most=_BATCHES)
        await self._until_done(work)

    async def forget_readers(self, days: int) -> None:
        """Forget addresses and programs of those who read longer ago than so many days; 0 forgets all."""
        work = partial(tracking.forget_readers, before=self._database.clock.now() - timedelta(days=days), most=AT_ONCE)
        await self._until_done(work)

    async def _for_each(self, organizations: Statement, work: Callable[..., Awaitable[bool]]) -> None:
        for row in await self._database.rows(organizations):

            async def once(session: AsyncSession, organization_id: str = row[0]) -> bool:
                return await work(session, organization_id)

            await self._until_done(once)

    async def _until_done(self, work: Callable[[AsyncSession], Awaitable[bool]]) -> None:
        while await self._database.store(work):  # noqa: ASYNC110 - others write meanwhile
            await asyncio.sleep(_PAUSE_SECONDS)

"""News from feeds: read again and again, kept for every organization that has companies, forgotten when it is old."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from domain.errors import DomainError
from domain.outside import Fetcher
from domain.viewer import Viewer
from gateway.database import Database
from gateway.logging import logger
from gateway.settings_research import ResearchSettings
from resolvers import news_writes
from resolvers.news_writes import NewsBatch
from resolvers.unit import Keys, Unit

log = logger(__name__)

_PIECE = 200
"""Entries of one transaction."""
_PAUSE_SECONDS = 0.01


class NewsFeeds:
    """The feeds of an installation."""

    def __init__(self, database: Database, settings: ResearchSettings, fetcher: Fetcher) -> None:
        """Feeds as set; `fetcher` reaches public addresses only."""
        self._database = database
        self._feeds = settings.news_feeds
        self._kept_days = settings.news_kept_days
        self._fetcher = fetcher

    async def refresh(self) -> None:
        """Read every feed, and forget what is old; a feed that cannot be read holds up no other."""
        batches = [batch for feed in self._feeds if (batch := await self._read(feed)) is not None]
        organizations = [row[0] for row in await self._database.rows(news_writes.organizations())]
        for organization_id in organizations:
            for batch in batches:
                await self._keep(organization_id, batch)
            await self._forget(organization_id)

    async def _read(self, feed: str) -> NewsBatch | None:
        try:
            file = await self._fetcher.fetch(feed)
            with file.content as content:
                data = await asyncio.to_thread(content.read)
            return await asyncio.to_thread(news_writes.batch_of, data, None)
        except DomainError as error:
            log.warning("a feed of news cannot be read", feed=feed, reason=error.message)
            return None

    async def _keep(self, organization_id: str, batch: NewsBatch) -> None:
        for start in range(0, len(batch.entries), _PIECE):
            piece = NewsBatch(batch.entries[start : start + _PIECE])

            async def keep(unit: Unit, piece: NewsBatch = piece) -> Keys:
                return await news_writes.keep(unit, piece)

            await self._database.transact(Viewer.nobody(organization_id), keep)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _forget(self, organization_id: str) -> None:
        if not self._kept_days:
            return
        before = (self._database.clock.now() - timedelta(days=self._kept_days)).date()

        async def forget(unit: Unit) -> Keys:
            return await news_writes.forget(unit, before, _PIECE)

        while (await self._database.transact(Viewer.nobody(organization_id), forget))["forgotten"] == _PIECE:  # noqa: ASYNC110 - others write meanwhile
            await asyncio.sleep(_PAUSE_SECONDS)

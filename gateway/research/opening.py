"""Research put together: the queue of runs, the feeds of news, and what fetches websites and feeds."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.database import Database
from gateway.outgoing.opening import open_http, reach_of
from gateway.reading.fetcher import HttpFetcher
from gateway.research.news import NewsFeeds
from gateway.research.queue import ResearchQueue
from gateway.research.site import SiteReader
from gateway.settings import Settings
from resolvers.feeds import LARGEST


@dataclass(frozen=True)
class Research:
    """Research of this process."""

    queue: ResearchQueue
    news: NewsFeeds
    fetchers: tuple[HttpFetcher, ...]

    async def close(self) -> None:
        """Close every connection."""
        for fetcher in self.fetchers:
            await fetcher.close()


def _fetcher(settings: Settings, most_bytes: int, field: str) -> HttpFetcher:
    """What fetches pages and feeds; nothing is connected yet."""
    own, outgoing = settings.research, settings.outgoing
    return HttpFetcher(
        lambda: open_http(outgoing),
        reach_of(outgoing),
        most_bytes=most_bytes,
        seconds=own.website_seconds,
        user_agent=own.user_agent,
        field=field,
    )


def open_feed_fetcher(settings: Settings) -> HttpFetcher:
    """What fetches feeds of news."""
    return _fetcher(settings, LARGEST, "feed")


def open_research(settings: Settings, database: Database) -> Research:
    """Research as set; nothing is started or connected yet."""
    own = settings.research
    pages, feeds = _fetcher(settings, own.website_bytes, "website"), open_feed_fetcher(settings)
    sites = SiteReader(pages, own.user_agent, allowed=own.website)
    return Research(ResearchQueue(database, own, sites), NewsFeeds(database, own, feeds), (pages, feeds))

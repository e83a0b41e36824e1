"""Research at work in a test: the queue, and whoever begins it right after the commit."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from domain.outside import Fetcher
from domain.research import NewsEntry
from gateway.analyst import TextAnalyst
from gateway.database import Database
from gateway.research.queue import ResearchQueue
from gateway.research.site import SiteReader
from gateway.settings_research import ResearchSettings
from gateway.settings_work import WorkSettings
from gateway.work.beginner import Beginner
from gateway.work.line import Line
from gateway.work.queue import Job
from gateway.work.sweeper import Sweeper
from gateway.writing.writer import NoWriter
from resolvers.research_writes import QUEUE

RESEARCH = """mutation ($input: ResearchAccountInput!) { researchAccount(input: $input) {
  run { id status confidence account { id } }  account { id name }  quota { used remaining }
  errors { code field message } } }"""


class _Nowhere:
    """Durable work that is not there: a test sweeps itself."""

    async def begin(self, queue: str, job: Job) -> bool:
        return False


def hire_research(
    database: Database, fetcher: Fetcher | None = None, *, wait_seconds: float = 60, **settings: Any
) -> ResearchQueue:
    """Have researches of this database worked on right after their commit."""
    given: dict[str, Any] = {"analyst": TextAnalyst(), "writer": NoWriter()} | settings.pop("outside", {})
    own = ResearchSettings(**settings)
    database.outside = replace(database.outside, **given, lines={QUEUE: Line(2 * own.at_once, held_seconds=60)})
    sites = SiteReader(fetcher or database.outside.fetcher, own.user_agent, allowed=own.website)
    queue = ResearchQueue(database, own, sites)
    sweeper = Sweeper([queue], _Nowhere(), database.clock, 60)
    database.begin = Beginner(sweeper, WorkSettings(wait_seconds=wait_seconds)).begin
    return queue


async def researches_over(database: Database) -> None:
    """Wait until all that was begun has ended, and given its connections back."""
    beginner = cast(Any, database.begin).__self__
    while beginner.under_way:
        await asyncio.wait(set(beginner.under_way))


def news_row(organization_id: str, at: datetime, title: str, published: date, **values: Any) -> NewsEntry:
    """An imported entry."""
    given: dict[str, Any] = {
        "id": NewsEntry.new_id(),
        "organization_id": organization_id,
        "created_at": at,
        "source": "wire",
        "digest": f"{organization_id} {title}",
        "title": title,
        "summary": "",
        "url": None,
        "published": published,
    }
    return NewsEntry(**(given | values))

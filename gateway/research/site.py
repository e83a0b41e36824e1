"""A company's own website: its first page, if the installation and the site's robots.txt allow it (RFC 9309)."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit, urlunsplit

from domain.errors import DomainError
from domain.intelligence.research_facts import SitePage, Source
from domain.intelligence.research_website import page_of
from domain.intelligence.robots import allowed
from domain.outside import Fetcher
from gateway.outgoing.answers import Absent, Elsewhere

_ROBOTS = 512 * 1024
"""Bytes of a robots.txt that count (RFC 9309, section 2.5)."""
_OFF = "Websites are not read here: TRIGRAPH_RESEARCH_WEBSITE is off."
_UNKNOWN = "Its website is not known."


class SiteReader:
    """Reads first pages through a fetcher that reaches public addresses only."""

    def __init__(self, fetcher: Fetcher, agent: str, *, allowed: bool) -> None:
        """`agent` is the name that robots.txt is read for."""
        self._fetcher = fetcher
        self._agent = agent.split(maxsplit=1)[0].partition("/")[0]
        self.allowed = allowed

    def refused(self, url: str | None) -> Source:
        """Why a website is not read at all."""
        return Source("WEBSITE", url, False, 0, _UNKNOWN if self.allowed else _OFF)

    async def read(self, url: str) -> tuple[SitePage | None, Source]:
        """What the first page says, or why it could not be read.

        Most sites are at their name with `www.` or without it, and send visitors of the other there.
        """
        page, source, onward = await self._read(url)
        if onward is not None:
            page, source, _ = await self._read(onward)
        return page, source

    async def _read(self, url: str) -> tuple[SitePage | None, Source, str | None]:
        """A page or why there is none, and where the site is instead."""
        try:
            why = await self._forbidden(url)
            if why is not None:
                return None, Source("WEBSITE", url, False, 0, why), None
            content = await self._fetched(url)
        except DomainError as error:
            return None, Source("WEBSITE", url, False, 0, error.message), _onward(url, error)
        page = await asyncio.to_thread(page_of, url, content)
        facts = sum(map(bool, (page.title, page.description))) + len(page.technologies)
        return page, Source("WEBSITE", url, True, facts), None

    async def _forbidden(self, url: str) -> str | None:
        """Why the page may not be fetched, if so: without a robots.txt it may, if that cannot be told it may not."""
        parts = urlsplit(url)
        try:
            text = (await self._fetched(f"{parts.scheme}://{parts.netloc}/robots.txt"))[:_ROBOTS]
        except DomainError as error:
            if _onward(url, error):
                raise
            absent = isinstance(error.__cause__, Absent)
            return None if absent else f"Its robots.txt cannot be read: {error.message}"
        allows = allowed(text.decode("utf-8", "replace"), self._agent, url)
        return None if allows else f"Its robots.txt does not allow {self._agent}."

    async def _fetched(self, url: str) -> bytes:
        file = await self._fetcher.fetch(url)
        with file.content as content:
            return await asyncio.to_thread(content.read)


def _onward(url: str, error: DomainError) -> str | None:
    """The same address at the host that a redirect leads to, if that is this one with `www.` or without it."""
    here, there = urlsplit(url), error.__cause__
    if not isinstance(there, Elsewhere) or here.hostname is None:
        return None
    if f"www.{here.hostname}" != there.host and here.hostname != f"www.{there.host}":
        return None
    port = f":{there.port}" if there.port else ""
    return urlunsplit(here._replace(netloc=there.host + port))

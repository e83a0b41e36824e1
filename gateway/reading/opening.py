"""Reading and fetching files, as set."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.outgoing.opening import open_http, reach_of
from gateway.reading.fetcher import HttpFetcher
from gateway.reading.reader import ProcessReader
from gateway.reading.taken import ReadingLimits
from gateway.settings_reading import ReadingSettings
from gateway.settings_webhooks import OutgoingSettings


@dataclass(frozen=True)
class Reading:
    """What takes texts out of files, and what fetches files."""

    reader: ProcessReader
    fetcher: HttpFetcher

    async def close(self) -> None:
        """End what is under way."""
        self.reader.close()
        await self.fetcher.close()


def open_reading(settings: ReadingSettings, outgoing: OutgoingSettings) -> Reading:
    """Nothing is started or connected yet."""
    limits = ReadingLimits(
        file_bytes=settings.file_bytes,
        text_characters=settings.text_characters,
        pages=settings.pages,
        unpacked_bytes=settings.unpacked_bytes,
        memory_bytes=settings.memory_bytes,
        seconds=settings.seconds,
    )
    fetcher = HttpFetcher(
        lambda: open_http(outgoing),
        reach_of(outgoing),
        most_bytes=settings.file_bytes,
        seconds=settings.fetch_seconds,
    )
    return Reading(ProcessReader(limits, settings.at_once), fetcher)

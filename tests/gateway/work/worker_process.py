"""A process that works on campaigns, due mail and researches, until it is killed.

`python -m tests.gateway.work.worker_process URL FOLDER MODE`.

It says `launched` when work is taken up, the id of every message that reaches its mail server, and every address that
is read. In the mode `silent` neither that server nor a website ever answers.
"""

from __future__ import annotations

import asyncio
import sys
from io import BytesIO
from pathlib import Path
from typing import cast

from domain.outside import Fetcher, SentFile
from domain.ports import OutgoingMail, SystemClock
from gateway.assembly import open_database
from gateway.campaigns.queue import CampaignQueue
from gateway.mailroom import Mailroom
from gateway.settings import load
from gateway.settings_campaigns import CampaignSettings
from gateway.work.sweeper import Sweeper
from gateway.work.worker import Worker
from tests.factories.research import hire_research


class _Server:
    def __init__(self, silent: bool) -> None:
        self._silent = silent

    async def send(self, message: OutgoingMail) -> None:
        print(message.id, flush=True)
        if self._silent:
            await asyncio.Event().wait()


class _Sites:
    def __init__(self, silent: bool) -> None:
        self._silent = silent

    async def fetch(self, url: str) -> SentFile:
        print(url, flush=True)
        if self._silent:
            await asyncio.Event().wait()
        said = b"" if url.endswith("robots.txt") else b"<title>Acme</title>"
        return SentFile(BytesIO(said), len(said))


async def _work(url: str, folder: Path, silent: bool) -> None:
    database = open_database(load(env_file=None, database_url=url, data_dir=folder), SystemClock())
    room = Mailroom(database, _Server(silent), "us@example.com", attempts=2, retry_seconds=60, wait_seconds=1)
    worker = Worker(database, folder, stop_seconds=1, poll_seconds=0.2)
    worker.want()
    campaigns = CampaignQueue(database, CampaignSettings())
    research = hire_research(database, cast(Fetcher, _Sites(silent)), website=True)
    worker.start(Sweeper([campaigns, room, research], worker, database.clock, poll_seconds=0.2))
    while not worker.launched:  # noqa: ASYNC110 - a process of its own, told of by its output
        await asyncio.sleep(0.01)
    print("launched", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "silent"))

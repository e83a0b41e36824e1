"""`trigraph work`."""

from __future__ import annotations

import asyncio
import signal

import typer

from gateway.assembly import assemble
from gateway.cli.failures import Unusable
from gateway.cli.storage import opened
from gateway.logging import configure, logger
from gateway.running import running
from gateway.settings import Settings, load

app = typer.Typer()

log = logger(__name__)


@app.command()
def work() -> None:
    """Work on what is due, beside processes that serve, until Ctrl-C; needs PostgreSQL."""
    settings = load()
    if settings.embedded:
        raise Unusable(
            "Workers of their own need PostgreSQL (TRIGRAPH_DATABASE_URL): on SQLite the one process that serves works "
            "on what is due as well."
        )
    asyncio.run(_prepare(settings))
    configure(settings.log_level, settings.log_format)
    asyncio.run(_work(settings))


async def _prepare(settings: Settings) -> None:
    """See that the database can be used, and say in words when it cannot."""
    async with opened(settings):
        pass


async def _work(settings: Settings) -> None:
    parts = assemble(settings)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, told.set)
    async with running(parts, works=True):
        log.info("working on what is due; Ctrl-C ends it", queues=list(parts.work.tallies))
        await told.wait()
        log.info("stopping: what is under way is waited for a little, and the rest begins again elsewhere")

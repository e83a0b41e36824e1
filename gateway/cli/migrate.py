"""`trigraph migrate`."""

from __future__ import annotations

import asyncio

import typer

from gateway.cli.storage import opened
from gateway.migrations.runner import newest
from gateway.settings import load

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Bring the database to the newest revision; does nothing when it is there."""
    asyncio.run(_migrate())
    print(f"The database is at revision {newest()}.")


async def _migrate() -> None:
    async with opened(load(), migrating=True):
        pass

"""`trigraph doctor`."""

from __future__ import annotations

import asyncio

import typer

from gateway.cli.screen import print_table
from gateway.doctor import examine
from gateway.findings import Health
from gateway.settings import load

app = typer.Typer()

_MARKS = {Health.FINE: "ok", Health.WORTH_A_LOOK: "look", Health.BROKEN: "BROKEN"}


@app.command()
def doctor() -> None:
    """Check settings, data folder, database, work, mail, collector and port; exit with 1 when something is broken."""
    findings = asyncio.run(examine(load()))
    print_table(("", "what", "finding"), [(_MARKS[each.health], each.about, each.words) for each in findings])
    broken = sum(1 for each in findings if each.health is Health.BROKEN)
    if broken:
        raise typer.Exit(1)

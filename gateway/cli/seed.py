"""`trigraph seed`: the documents' printed records, or volume."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli.failures import say
from gateway.cli.screen import console
from gateway.cli.storage import opened
from gateway.members import ensure_organization
from gateway.seeds import demo as demo_records
from gateway.seeds.load import Loaded, Volume
from gateway.seeds.load import load as load_volume
from gateway.settings import load as load_settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def demo() -> None:
    """Put the documents' printed records, and some around them, into the organization "Demo Insurance"."""
    count = asyncio.run(_demo())
    say(f"{count:,} rows were put into Demo Insurance." if count else "Demo Insurance already has every record.")


@app.command()
def load(
    leads: Annotated[int, typer.Option(min=0, help="How many leads")] = 1000,
    accounts: Annotated[int | None, typer.Option(min=0, help="How many companies; by default leads / 20")] = None,
    contacts: Annotated[int | None, typer.Option(min=0, help="How many people; by default 4 per 5 leads")] = None,
    notes: Annotated[int | None, typer.Option(min=0, help="How many notes; by default one per lead")] = None,
    tasks: Annotated[int | None, typer.Option(min=0, help="How many tasks; by default one per lead")] = None,
    activities: Annotated[int | None, typer.Option(min=0, help="How many activities; by default two per lead")] = None,
    feedback: Annotated[int, typer.Option(min=0, help="How many pieces of feedback, with their authors")] = 0,
    organization: Annotated[
        str, typer.Option("--organization", "--org", help="Id or name; it is made when there is none")
    ] = "Volume",
) -> None:
    """Put realistic volume into an organization; a second load adds to the first."""
    volume = Volume(
        leads=leads,
        accounts=leads // 20 if accounts is None else accounts,
        contacts=leads * 4 // 5 if contacts is None else contacts,
        notes=leads if notes is None else notes,
        tasks=leads if tasks is None else tasks,
        activities=2 * leads if activities is None else activities,
        feedback=feedback,
    )
    loaded = asyncio.run(_load(organization, volume))
    rate = loaded.rows / max(loaded.seconds, 0.001)
    say(f"{loaded.rows:,} rows in {loaded.seconds:.1f} s: {rate:,.0f} rows/s.")


async def _demo() -> int:
    async with opened(load_settings()) as database:
        return await demo_records.seed(database)


async def _load(organization: str, volume: Volume) -> Loaded:
    async with opened(load_settings()) as database:
        own = await ensure_organization(database, organization)
        bars = Progress(
            TextColumn("{task.description:<9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console(stderr=True),
        )
        with bars:
            kinds = {kind: bars.add_task(kind, total=count) for kind, count in _by_table(volume).items()}

            def advance(kind: str, count: int) -> None:
                # Authors and themes come with their feedback.
                if kind in kinds:
                    bars.advance(kinds[kind], count)

            return await load_volume(database, own.id, volume, advance)


def _by_table(volume: Volume) -> dict[str, int]:
    """How many rows each table gets, in the order of loading."""
    tables = {"accounts": "account", "contacts": "contact", "leads": "lead"}
    tables |= {"notes": "note", "tasks": "task", "activities": "activity", "feedback": "feedback"}
    counts = asdict(volume)
    return {table: counts[kind] for kind, table in tables.items()}

"""`trigraph import`: performance, feedback, news, rules and translations from files of any size."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from domain.intelligence.feedback_findings import FeedbackSource
from domain.levels import Level
from domain.outside import SentFile
from domain.rejected_rows import RejectedRow
from domain.values import ABSENT
from gateway.cli.access_options import Organization
from gateway.cli.failures import Unusable, say
from gateway.cli.screen import console, print_table
from gateway.cli.storage import opened
from gateway.database import Database
from gateway.imports import performance as performance_files
from gateway.imports.feedback import FeedbackImporting
from gateway.imports.news import NewsImporting
from gateway.imports.running import Importing, Report, import_file
from gateway.imports.translations import TranslationImporting
from gateway.imports.updates import UpdateImporting
from gateway.operators import find_organization
from gateway.outside import open_light
from gateway.research.opening import open_feed_fetcher
from gateway.settings import load
from resolvers.regulatory_feeds import FeedImport

app = typer.Typer(no_args_is_help=True)

_SHOWN = 20
"""Rejected rows that are shown; all of them are in the file that `--rejected` names."""


class Source(StrEnum):
    """Where feedback came from, in small letters."""

    APP_STORE = "app_store"
    SUPPORT = "support"
    SURVEY = "survey"
    SOCIAL = "social"


class Impact(StrEnum):
    """How much an update matters, in small letters."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to import")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check everything, and store nothing")]
Rejected = Annotated[
    Path | None, typer.Option("--rejected", dir_okay=False, help="Where rows that cannot be taken are listed, as CSV")
]
Size = Annotated[int, typer.Option("--rows", min=1, max=500, help="Rows that are stored in one transaction")]
Make = Callable[[Database, BinaryIO, ExitStack], Importing[Any]]


@app.command()
def performance(
    file: File,
    organization: Organization = None,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    rows: Size = 500,
) -> None:
    """Days of campaigns from CSV as Google Ads exports it; a day that is known already is replaced."""

    def make(_: Database, content: BinaryIO, stack: ExitStack) -> Importing[Any]:
        folder, importing = performance_files.opened(content)
        stack.enter_context(folder)
        stack.callback(importing.close)
        return importing

    _run(file, organization, make, dry_run, rejected, rows)


@app.command()
def feedback(
    file: File,
    source: Annotated[Source | None, typer.Option(help="Where it came from, for rows that do not say so")] = None,
    organization: Organization = None,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    rows: Size = 500,
) -> None:
    """Feedback from CSV or from JSON in lines; what says when it was given is taken in once."""
    usual = FeedbackSource[source.name] if source else None

    def make(database: Database, content: BinaryIO, _: ExitStack) -> Importing[Any]:
        return FeedbackImporting(content, database.clock.now(), usual)

    _run(file, organization, make, dry_run, rejected, rows)


@app.command()
def updates(
    file: File,
    jurisdiction: Annotated[str | None, typer.Option(help="Of entries that name none")] = None,
    update_type: Annotated[str | None, typer.Option(help="Of entries that name none")] = None,
    impact: Annotated[Impact | None, typer.Option(help="Of entries that name none")] = None,
    source: Annotated[str | None, typer.Option(help="Of entries that name none")] = None,
    organization: Organization = None,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    rows: Size = 500,
) -> None:
    """News about rules from JSON, CSV, RSS or Atom; what its source calls by an id is kept up to date."""
    wanted = FeedImport(
        file=None,
        jurisdiction=jurisdiction or ABSENT,
        update_type=update_type or ABSENT,
        impact_level=Level[impact.name] if impact else ABSENT,
        source=source or ABSENT,
    )

    def make(_: Database, content: BinaryIO, __: ExitStack) -> Importing[Any]:
        return UpdateImporting(content, wanted)

    _run(file, organization, make, dry_run, rejected, rows)


@app.command()
def news(
    feed: Annotated[str, typer.Argument(metavar="FILE|URL", help="The feed to import, as a file or by its address")],
    source: Annotated[str | None, typer.Option(help="Of entries that name none")] = None,
    organization: Organization = None,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    rows: Size = 500,
) -> None:
    """News from JSON, CSV, RSS or Atom, which researches look for companies in; what is known is left out."""

    def make(_: Database, content: BinaryIO, __: ExitStack) -> Importing[Any]:
        return NewsImporting(content, source)

    if feed.startswith(("https://", "http://")):
        file = asyncio.run(_fetched(feed))
        with file.content as content:
            _run_open(content, file.size, organization, make, dry_run, rejected, rows)
        return
    if not Path(feed).is_file():
        raise Unusable(f"There is no file {feed}.")
    _run(Path(feed), organization, make, dry_run, rejected, rows)


async def _fetched(url: str) -> SentFile:
    fetcher = open_feed_fetcher(load())
    try:
        return await fetcher.fetch(url)
    finally:
        await fetcher.close()


@app.command()
def translations(
    file: File,
    organization: Organization = None,
    dry_run: DryRun = False,
    rejected: Rejected = None,
    rows: Size = 500,
) -> None:
    """Translations from CSV or TMX; one that is known already is replaced."""

    def make(_: Database, content: BinaryIO, __: ExitStack) -> Importing[Any]:
        return TranslationImporting(content)

    _run(file, organization, make, dry_run, rejected, rows)


def _run(file: Path, organization: str | None, make: Make, dry_run: bool, rejected: Path | None, size: int) -> None:
    with file.open("rb") as content:
        _run_open(content, file.stat().st_size, organization, make, dry_run, rejected, size)


def _run_open(
    content: BinaryIO, whole: int, organization: str | None, make: Make, dry_run: bool, rejected: Path | None, size: int
) -> None:
    report = asyncio.run(_import(content, whole, organization, make, dry_run, size))
    if rejected is not None:
        _write(rejected, report.rejected)
    _show(report, dry_run, rejected)
    if report.rows and len(report.rejected) == report.rows:
        raise Unusable("No row could be taken in.")


async def _import(
    content: BinaryIO, whole: int, organization: str | None, make: Make, dry_run: bool, size: int
) -> Report:
    settings = load()
    bars = Progress(
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(stderr=True),
    )
    with ExitStack() as stack:
        async with opened(settings) as database:
            database.outside = open_light(settings)
            own = await find_organization(database, organization)
            importing = make(database, content, stack)
            stack.enter_context(bars)
            reading = bars.add_task("reading", total=whole)
            storing = None if dry_run else bars.add_task("storing", total=None)

            def looked(read: int) -> None:
                bars.update(reading, completed=read)

            def stored(rows: int, total: int) -> None:
                bars.update(reading, completed=whole)
                if storing is not None:
                    bars.update(storing, total=total, advance=rows)

            report = await import_file(
                database, own.id, importing, size=size, dry=dry_run, looking=looked, storing=stored
            )
            bars.update(reading, completed=whole)
            return report


def _write(path: Path, rows: Sequence[RejectedRow]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(("line", "column", "reason"))
        lines.writerows((row.line, row.column or "", row.reason) for row in rows)


def _show(report: Report, dry_run: bool, rejected: Path | None) -> None:
    count = len(report.rejected)
    if count:
        shown = [(str(row.line), row.column or "", row.reason) for row in report.rejected[:_SHOWN]]
        print_table(("line", "column", "reason"), shown)
        more = f" The first {_SHOWN} are shown." if count > _SHOWN else ""
        where = f" All are in {rejected}." if rejected else ""
        say(f"{count:,} of {report.rows:,} rows cannot be taken in.{more}{where}")
    if dry_run:
        say(f"{report.rows - count:,} rows can be taken in; nothing was stored.")
    else:
        name = f" It is {report.job} in the graph." if report.job else ""
        say(f"{report.new:,} rows were taken in, {report.known:,} were known already.{name}")

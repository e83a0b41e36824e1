"""`trigraph documents`: the documents that clients may name instead of sending them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from domain.documents import TrustedDocument, identifier, is_hash
from domain.errors import invalid
from domain.values import iso
from gateway import document_files, documents
from gateway.assembly import graphql_limits
from gateway.cli.failures import Unusable, say
from gateway.cli.screen import print_table
from gateway.cli.storage import opened
from gateway.document_files import Found
from gateway.documents import Offered
from gateway.graphql.checking import Checking
from gateway.graphql.errors import Refused
from gateway.settings import Settings, load
from schema.graph import graphql_schema

app = typer.Typer(no_args_is_help=True)

Paths = Annotated[
    list[Path],
    typer.Argument(exists=True, readable=True, metavar="PATH...", help="Folders, .graphql files, or .json manifests"),
]
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids or SHA-256 hashes, as `list` shows them")]


@app.command()
def push(paths: Paths) -> None:
    """Register every document found there; when one of them cannot be run, nothing is stored.

    What clients call each of them is written to standard output: its SHA-256, or the id that a manifest gives it.
    """
    settings = load()
    findings = document_files.read(paths)
    offered, refused = _checked(settings, findings.documents.values())
    problems = [*findings.problems, *refused]
    if problems:
        raise Unusable("\n".join(["Nothing was stored, for these documents cannot be run:", *problems]))
    new = asyncio.run(_push(settings, offered))
    for each in offered:
        typer.echo(f"{_shown(each.id)}  {each.source}")
    say(f"{len(offered)} documents are registered, {new} of them new.")


@app.command(name="list")
def list_() -> None:
    """Show every document, and whether it fits the schema and the limits of today."""
    settings = load()
    checking = Checking(graphql_schema, graphql_limits(settings))
    rows = [_row(each, checking) for each in asyncio.run(_listed(settings))]
    print_table(("id", "operations", "source", "registered", "state"), rows)


@app.command()
def drop(ids: Ids) -> None:
    """Take documents back: running servers do not know them any more a second later."""
    wanted = list(dict.fromkeys(map(_identifier, ids)))
    asyncio.run(_drop(load(), wanted))
    say(*(f"{_shown(each)} is dropped." for each in wanted))


def _checked(settings: Settings, found: Iterable[Found]) -> tuple[list[Offered], list[str]]:
    """What can be run, and of all else why not, by its file."""
    checking, offered, problems = Checking(graphql_schema, graphql_limits(settings)), [], []
    for each in found:
        try:
            operations = checking.operations(each.text)
            offered.append(Offered(each.id, each.text, operations, each.source))
        except Refused as refused:
            problems += [f"{each.source}: {_said(error)}" for error in refused.errors]
    return offered, problems


def _said(error: Exception) -> str:
    places = getattr(error, "locations", None) or ()
    where = "".join(f" (line {place.line}, column {place.column})" for place in places[:1])
    return f"{getattr(error, 'message', error)}{where}"


def _row(each: TrustedDocument, checking: Checking) -> tuple[str, ...]:
    try:
        checking.operations(each.text)
        state = "valid"
    except Refused as refused:
        state = f"invalid: {_said(refused.errors[0])}"
    return _shown(each.id), "; ".join(each.operations), each.source, iso(each.created_at), state


def _shown(id: str) -> str:
    """An identifier as `documentId` takes it."""
    return f"sha256:{id}" if is_hash(id) else id


def _identifier(given: str) -> str:
    try:
        return identifier(given)
    except ValueError as error:
        raise invalid("id", f"{given[:80]!r} {error}.") from None


async def _push(settings: Settings, offered: Sequence[Offered]) -> int:
    async with opened(settings) as database:
        return await documents.register(database, offered)


async def _listed(settings: Settings) -> Sequence[TrustedDocument]:
    async with opened(settings) as database:
        return await documents.listed(database)


async def _drop(settings: Settings, ids: Sequence[str]) -> None:
    async with opened(settings) as database:
        await documents.drop(database, ids)

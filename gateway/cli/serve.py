"""`trigraph serve`."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer

from gateway.analyst import missing as no_embeddings
from gateway.app import create_app
from gateway.cli.failures import Unusable, say
from gateway.cli.storage import opened
from gateway.doctor import taken
from gateway.logging import configure
from gateway.seeds import demo_file
from gateway.seeds.demo_keys import DemoAccess, ensure_access
from gateway.server import run, run_workers
from gateway.settings import Settings, load, variable
from gateway.single import AlreadyServed, alone
from gateway.spans import missing
from gateway.writing.opening import missing as no_writer

app = typer.Typer()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen, as far as the command line says; the settings know the rest."""

    host: str | None
    port: int | None


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on [TRIGRAPH_HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one [TRIGRAPH_PORT]")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that serve; more than one needs PostgreSQL")] = 1,
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Put in the demo organization and print how to talk to it")
    ] = False,
) -> None:
    """Serve GraphQL, GraphiQL and the REST dialects until Ctrl-C."""
    settings = _settings(Place(host, port))
    _refuse(settings, workers, with_demo)
    try:
        with alone(settings.database_url):
            _serve(settings, workers, with_demo)
    except AlreadyServed as error:
        raise Unusable(str(error)) from error


def _serve(settings: Settings, workers: int, with_demo: bool) -> None:
    access = asyncio.run(_prepare(settings, with_demo))
    if access:
        content = demo_file.content(settings.public_url, access)
        # Who serves no demo needs none of what prints it.
        import_module("gateway.cli.demo_page").show(settings, access, demo_file.write(settings.data_dir, content))
        if access.replaced:
            say(f"demo.json had no working credential any more for {', '.join(access.replaced)}: there are new ones.")
    configure(settings.log_level, settings.log_format)
    with suppress(KeyboardInterrupt):
        if workers > 1:
            run_workers(settings, workers)
        else:
            served = create_app(settings, demo_key=access.keys["graphql_admin"] if access else None)
            run(served, settings)


def _settings(place: Place) -> Settings:
    """The settings with what the command line says above them, and a port that is a port."""
    given: dict[str, Any] = {
        name: value for name, value in (("host", place.host), ("port", place.port)) if value is not None
    }
    settings = load(**given)
    if settings.port == 0:
        given["port"] = _free_port(settings.host)
        settings = load(**given)
    # Worker processes read the environment themselves.
    os.environ.update({variable(name): str(value) for name, value in given.items()})
    return settings


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse(settings: Settings, workers: int, with_demo: bool) -> None:
    if workers > 1 and settings.embedded:
        raise Unusable(
            "Several workers need PostgreSQL (TRIGRAPH_DATABASE_URL): on SQLite one process writes, wakes the "
            "subscriptions and counts the limits, and a second one would not hear of it."
        )
    if not settings.work.inside and settings.embedded:
        raise Unusable(
            "TRIGRAPH_WORK_INSIDE=false needs PostgreSQL (TRIGRAPH_DATABASE_URL): on SQLite the one that serves "
            "works on what is due as well."
        )
    if workers > 1 and with_demo:
        raise Unusable("The demo is served by one process; leave out --workers.")
    trouble = missing(settings) or no_writer(settings) or no_embeddings(settings) or taken(settings.host, settings.port)
    if trouble:
        raise Unusable(trouble)


async def _prepare(settings: Settings, with_demo: bool) -> DemoAccess | None:
    """See that the database can be used before anything listens; for a demo, fill it."""
    async with opened(settings, migrating=with_demo) as database:
        if not with_demo:
            return None
        # As above.
        await import_module("gateway.seeds.demo").seed(database)
        return await ensure_access(database, demo_file.known(settings.data_dir))

"""`trigraph schema`."""

from __future__ import annotations

import typer

from schema.graph import sdl

app = typer.Typer()


@app.command()
def schema() -> None:
    """Print the GraphQL schema in its definition language."""
    typer.echo(sdl(), nl=False)

"""What the commands about clients, keys and staff have in common: options, and how what is shown once is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from domain.clients import ApiClient
from domain.values import iso
from domain.viewer import Dialect
from gateway.cli.failures import say
from gateway.keys import Issued


class Door(StrEnum):
    """For which door a client is made; GraphQL takes keys of every door."""

    CRM_ULTRA = "crm_ultra"
    CLICKUP_BRAIN = "clickup_brain"
    COPYCAR = "copycar"
    GRAPHQL = "graphql"

    @property
    def dialect(self) -> Dialect | None:
        """The dialect of the door; GraphQL is none."""
        return None if self is Door.GRAPHQL else Dialect(self.value.upper())

    @classmethod
    def of(cls, dialect: Dialect | None) -> Door:
        """The door of a dialect."""
        return cls[dialect.value] if dialect else cls.GRAPHQL


Organization = Annotated[
    str | None, typer.Option("--organization", help="Id or name; not needed while there is only one")
]
Overlap = Annotated[
    int, typer.Option("--overlap", min=0, help="Seconds the old one goes on working; without any it ends at once")
]
Expires = Annotated[datetime | None, typer.Option("--expires", help="When it ends by itself, in UTC")]
ClientId = Annotated[str, typer.Argument(help="Id of the client, as `trigraph clients list` shows it")]


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment of the command line, which names no time zone."""
    return moment.replace(tzinfo=UTC) if moment else None


def show(issued: Issued, what: str) -> None:
    """What was made: keys and secrets to standard output, a line each, everything else to standard error."""
    client = issued.client
    say(f"{client.id} ({client.name}): {what} shown this once; only a hash is kept.")
    for value in (issued.key, issued.secret):
        if value:
            print(value)


def state_of(client: ApiClient, made_at: datetime, revoked_at: datetime | None, expires_at: datetime | None) -> str:
    """Where a client or key stands, in words."""
    if revoked_at:
        return f"revoked {iso(revoked_at)}"
    ends = f", ends {iso(expires_at)}" if expires_at else ""
    return f"made {iso(made_at)}{ends}{', legacy' if client.legacy else ''}"

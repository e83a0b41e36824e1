"""`trigraph keys`: keys of API clients, which are shown once."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from typing import Annotated

import typer

from domain.clients import TIERS, ApiClient
from domain.credentials import CredentialKind
from domain.permissions import Role
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.access_options import Door, Expires, Organization, Overlap, in_utc, show, state_of
from gateway.cli.failures import Unusable, say
from gateway.cli.screen import print_table
from gateway.cli.storage import opened
from gateway.keys import Issued, Listed, Wanted
from gateway.members import ensure_organization, ensure_user
from gateway.settings import load

app = typer.Typer(no_args_is_help=True)


class Brought(StrEnum):
    """What can be brought along from an older product."""

    KEY = "key"
    SECRET = "secret"  # noqa: S105 - a kind

    @property
    def kind(self) -> CredentialKind:
        """The kind as the domain knows it."""
        return CredentialKind(self.value.upper())


KeyId = Annotated[str, typer.Argument(help="Id of the key, or of a client with only one, as `trigraph keys list` says")]
_LONGEST = 4096
"""Characters of standard input that are looked at."""


@app.command()
def create(
    name: Annotated[str | None, typer.Option(help="What the key is for, so that it can be recognised")] = None,
    dialect: Annotated[Door | None, typer.Option(help="The door it opens; graphql when none is named")] = None,
    organization: Organization = None,
    user: Annotated[str | None, typer.Option(help="E-mail address of the member of staff it acts for")] = None,
    tier: Annotated[
        str | None, typer.Option(help=f"Rate tier: {', '.join(dict.fromkeys(t for ts in TIERS.values() for t in ts))}")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Repeatable; reading and writing when none is given")] = None,
    legacy: Annotated[bool, typer.Option("--legacy", help="Its client came over from CRM-Ultra")] = False,
    secret: Annotated[bool, typer.Option("--secret", help="Make a secret too, which is written below the key")] = False,
    expires: Expires = None,
    client: Annotated[str | None, typer.Option(help="Make another key for the client with this id")] = None,
    make: Annotated[
        bool, typer.Option("--create", help="Make the organization and the user when they do not exist yet")
    ] = False,
    user_name: Annotated[str | None, typer.Option(help="Name of a user that --create makes")] = None,
    role: Annotated[Role, typer.Option(help="Role of a user that --create makes")] = Role.SALES_MANAGER,
) -> None:
    """Make a key, and a client to have it. It is written to standard output, this once; all else to standard error."""
    if client:
        if make or legacy or secret or any((name, dialect, organization, user, tier, scope, user_name)):
            raise Unusable("--client names a client that exists: only --expires goes with it.")
        show(asyncio.run(_another(client, expires)), "the key is")
        return
    if make and not organization:
        raise Unusable("--create needs --organization NAME.")
    wanted = Wanted(
        name or "API key",
        dialect.dialect if dialect else None,
        organization,
        user,
        tier,
        tuple(scope or ()),
        legacy,
        secret=secret,
        expires_at=in_utc(expires),
    )
    issued = asyncio.run(_create(wanted, (user_name, role) if make else None))
    show(issued, "key and secret are" if secret else "the key is")


@app.command(name="list")
def list_(organization: Organization = None) -> None:
    """Show every key: never itself, only how it begins."""
    found = asyncio.run(_listed(organization))
    headings = ("client", "name", "key", "id", "dialect", "tier", "scopes", "user", "organization", "state")
    print_table(headings, [_row(each) for each in found])


@app.command()
def rotate(id: KeyId, overlap: Overlap = 0) -> None:
    """Give a new key to the same client; the old one stops working at once, or after the overlap."""
    show(asyncio.run(_rotate(id, overlap)), "the key is")


@app.command()
def revoke(id: Annotated[str, typer.Argument(help="Id of a key, or of a client with all it has")]) -> None:
    """Make a key worthless, or a client with all its keys, secrets and tokens."""
    client = asyncio.run(_revoke(id))
    say(f"{id} ({client.name}) is revoked.")


@app.command(name="import")
def import_(
    client: Annotated[
        str | None, typer.Option(help="Id of the client that brings it; without one a client is made")
    ] = None,
    kind: Annotated[Brought, typer.Option(help="What it is; a client is made for keys only")] = Brought.KEY,
    name: Annotated[str, typer.Option(help="Name of a client that is made")] = "Imported key",
    dialect: Annotated[Door | None, typer.Option(help="The door that a client which is made opens")] = None,
    organization: Organization = None,
    user: Annotated[str | None, typer.Option(help="E-mail address of the member of staff it acts for")] = None,
    tier: Annotated[str | None, typer.Option(help="Rate tier of a client that is made")] = None,
) -> None:
    """Take over a key of an older product from standard input, so that its client need not change anything."""
    if not client and kind is Brought.SECRET:
        raise Unusable("A secret belongs to a client; name it with --client.")
    if (client is None) == (dialect is None):
        raise Unusable("Name the client that brings the key with --client, or with --dialect the door of a new one.")
    door = dialect.dialect if dialect else None
    wanted = Wanted(name, door, organization, user, tier, legacy=door is Dialect.CRM_ULTRA, key=False)
    issued = asyncio.run(_import(client, wanted, kind.kind, _read()))
    say(f"{issued.client.id} ({issued.client.name}): the {kind.value} works here from now on.")


def _read() -> str:
    """What is to be taken over; typed on a terminal it is not shown."""
    if sys.stdin.isatty():
        return str(typer.prompt("Key", hide_input=True)).strip()
    return sys.stdin.read(_LONGEST).strip()


def _row(each: Listed) -> tuple[str, ...]:
    client, key = each.client, each.key
    ends = [end for end in (client.expires_at, key.expires_at) if end]
    return (
        client.id,
        client.name,
        f"{key.hint}…",
        key.id,
        Door.of(client.dialect).value,
        client.tier,
        " ".join(client.scopes),
        each.user or "-",
        each.organization,
        state_of(client, key.created_at, client.revoked_at or key.revoked_at, min(ends, default=None)),
    )


async def _create(wanted: Wanted, make: tuple[str | None, Role] | None) -> Issued:
    async with opened(load()) as database:
        # Before anything is made for a key that could not be.
        keys.check(database, wanted)
        if make and wanted.organization:
            organization = await ensure_organization(database, wanted.organization)
            if wanted.user:
                await ensure_user(database, organization, wanted.user, *make)
        return await keys.create(database, wanted)


async def _another(client: str, expires: Expires) -> Issued:
    async with opened(load()) as database:
        return await keys.another(database, client, in_utc(expires))


async def _import(client: str | None, wanted: Wanted, kind: CredentialKind, value: str) -> Issued:
    async with opened(load()) as database:
        if client:
            return await keys.take_over(database, client, kind, value)
        return await keys.create_with(database, wanted, value)


async def _listed(organization: str | None) -> list[Listed]:
    async with opened(load()) as database:
        return list(await keys.listed(database, organization))


async def _rotate(id: str, overlap: int) -> Issued:
    async with opened(load()) as database:
        return await keys.rotate(database, id, overlap)


async def _revoke(id: str) -> ApiClient:
    async with opened(load()) as database:
        return await keys.revoke(database, id)

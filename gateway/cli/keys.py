"""`trigraph keys`: credentials, whose keys are shown once."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from domain.clients import TIERS, ApiClient
from domain.credentials import Credential
from domain.permissions import Role
from domain.values import iso
from domain.viewer import Dialect
from gateway import keys
from gateway.cli.failures import Unusable, say
from gateway.cli.screen import print_table
from gateway.cli.storage import opened
from gateway.keys import Issued, Listed, Wanted
from gateway.members import ensure_organization, ensure_user
from gateway.settings import load

app = typer.Typer(no_args_is_help=True)


class Door(StrEnum):
    """For which door a key is made; GraphQL takes keys of every door."""

    CRM_ULTRA = "crm_ultra"
    CLICKUP_BRAIN = "clickup_brain"
    COPYCAR = "copycar"
    GRAPHQL = "graphql"

    @property
    def dialect(self) -> Dialect | None:
        """The dialect of the door; GraphQL is none."""
        return None if self is Door.GRAPHQL else Dialect(self.value.upper())


Organization = Annotated[
    str | None, typer.Option("--organization", help="Id or name; not needed while there is only one")
]
KeyId = Annotated[str, typer.Argument(help="Id of the key, as `trigraph keys list` shows it")]


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What the key is for, so that it can be recognised")] = "API key",
    dialect: Annotated[Door, typer.Option(help="The door it opens")] = Door.GRAPHQL,
    organization: Organization = None,
    user: Annotated[str | None, typer.Option(help="E-mail address of the member of staff it acts for")] = None,
    tier: Annotated[
        str | None, typer.Option(help=f"Rate tier: {', '.join(dict.fromkeys(t for ts in TIERS.values() for t in ts))}")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Repeatable; read and write when none is given")] = None,
    legacy: Annotated[bool, typer.Option("--legacy", help="Mark it as a key of the old format")] = False,
    make: Annotated[
        bool, typer.Option("--create", help="Make the organization and the user when they do not exist yet")
    ] = False,
    user_name: Annotated[str | None, typer.Option(help="Name of a user that --create makes")] = None,
    role: Annotated[Role, typer.Option(help="Role of a user that --create makes")] = Role.SALES_MANAGER,
) -> None:
    """Make a key. It is written to standard output, this once; everything else goes to standard error."""
    wanted = Wanted(name, dialect.dialect, organization, user, tier, tuple(scope or ("read", "write")), legacy)
    if make and not organization:
        raise Unusable("--create needs --organization NAME.")
    _show(asyncio.run(_create(wanted, (user_name, role) if make else None)))


@app.command(name="list")
def list_(organization: Organization = None) -> None:
    """Show every key: never itself, only how it begins."""
    found = asyncio.run(_listed(organization))
    headings = ("id", "name", "key", "dialect", "tier", "scopes", "user", "organization", "state")
    print_table(headings, [_row(each) for each in found])


@app.command()
def rotate(id: KeyId) -> None:
    """Give a new key to the same client; the old one stops working at once."""
    _show(asyncio.run(_rotate(id)))


@app.command()
def revoke(id: KeyId) -> None:
    """Make a key worthless."""
    client = asyncio.run(_revoke(id))
    say(f"{client.id} ({client.name}) is revoked.")


def _show(issued: Issued) -> None:
    client = issued.client
    say(f"{client.id} ({client.name}): the key is shown this once; only its hash is kept.")
    print(issued.key)


def _row(each: Listed) -> tuple[str, ...]:
    client = each.client
    return (
        client.id,
        client.name,
        f"{each.key.hint}…",
        Door[client.dialect.value].value if client.dialect else Door.GRAPHQL.value,
        client.tier,
        " ".join(client.scopes),
        each.user or "-",
        each.organization,
        _state(client, each.key),
    )


def _state(client: ApiClient, key: Credential) -> str:
    revoked_at = client.revoked_at or key.revoked_at
    if revoked_at:
        return f"revoked {iso(revoked_at)}"
    since = f"made {iso(key.created_at)}"
    return f"{since}, legacy" if client.legacy else since


async def _create(wanted: Wanted, make: tuple[str | None, Role] | None) -> Issued:
    # Before anything is made for a key that could not be.
    keys.checked_tier(wanted)
    async with opened(load()) as database:
        if make and wanted.organization:
            organization = await ensure_organization(database, wanted.organization)
            if wanted.user:
                await ensure_user(database, organization, wanted.user, *make)
        return await keys.create(database, wanted)


async def _listed(organization: str | None) -> list[Listed]:
    async with opened(load()) as database:
        return list(await keys.listed(database, organization))


async def _rotate(id: str) -> Issued:
    async with opened(load()) as database:
        return await keys.rotate(database, id)


async def _revoke(id: str) -> ApiClient:
    async with opened(load()) as database:
        return await keys.revoke(database, id)

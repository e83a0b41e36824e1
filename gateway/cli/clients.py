"""`trigraph clients`: the programs that call, as OAuth and the doors know them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from domain.clients import ApiClient
from gateway import keys
from gateway.cli.access_options import ClientId, Door, Expires, Organization, Overlap, in_utc, show, state_of
from gateway.cli.failures import say
from gateway.cli.screen import print_table
from gateway.cli.storage import opened
from gateway.keys import Issued, ListedClient, Wanted
from gateway.settings import load

app = typer.Typer(no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="What people are asked about when they are to allow it something")],
    dialect: Annotated[Door, typer.Option(help="The door it opens")] = Door.GRAPHQL,
    organization: Organization = None,
    redirect_uri: Annotated[
        list[str] | None, typer.Option(help="Repeatable: where authorizations lead back to, exactly as written")
    ] = None,
    scope: Annotated[list[str] | None, typer.Option(help="Repeatable; reading and writing when none is given")] = None,
    tier: Annotated[str | None, typer.Option(help="Rate tier")] = None,
    user: Annotated[str | None, typer.Option(help="E-mail address of the member of staff it acts for")] = None,
    public: Annotated[bool, typer.Option("--public", help="It runs where no secret can be kept")] = False,
    legacy: Annotated[
        bool, typer.Option("--legacy", help="It came over from CRM-Ultra: no PKCE, lasting refresh tokens")
    ] = False,
    key: Annotated[bool, typer.Option("--key", help="Give it an API key too")] = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="It sees test data instead of the organization's")] = False,
    allowed_ip: Annotated[
        list[str] | None, typer.Option(help="Repeatable: an address or network it may call from")
    ] = None,
    demands_secret: Annotated[bool, typer.Option("--demands-secret", help="Its key alone opens nothing")] = False,
    monthly_tokens: Annotated[int | None, typer.Option(help="Tokens it may have generated a month")] = None,
    expires: Expires = None,
    id: Annotated[str | None, typer.Option("--id", help="The client_id it has from an older product")] = None,
) -> None:
    """Make a client. Its secret is written to standard output, this once, below its key if it has one."""
    wanted = Wanted(
        name,
        dialect.dialect,
        organization,
        user,
        tier,
        tuple(scope or ()),
        legacy,
        key=key,
        secret=not public,
        redirect_uris=tuple(redirect_uri or ()),
        allowed_ips=tuple(allowed_ip or ()),
        sandbox=sandbox,
        public=public,
        demands_secret=demands_secret,
        monthly_tokens=monthly_tokens,
        expires_at=in_utc(expires),
        id=id,
    )
    issued = asyncio.run(_create(wanted))
    if public:
        say(f"{issued.client.id} ({issued.client.name}) is made; a public client has no secret.")
    else:
        show(issued, "key and secret are" if key else "the secret is")


@app.command(name="list")
def list_(organization: Organization = None) -> None:
    """Show every client."""
    headings = ("id", "name", "dialect", "tier", "scopes", "user", "organization", "kind", "state")
    print_table(headings, [_row(each) for each in asyncio.run(_listed(organization))])


@app.command()
def secret(id: ClientId, overlap: Overlap = 0) -> None:
    """Give a client a new secret; earlier ones stop working at once, or after the overlap."""
    show(asyncio.run(_secret(id, overlap)), "the secret is")


@app.command()
def revoke(id: ClientId) -> None:
    """Make a client worthless, with all its keys, secrets and tokens."""
    client = asyncio.run(_revoke(id))
    say(f"{client.id} ({client.name}) is revoked.")


def _row(each: ListedClient) -> tuple[str, ...]:
    client = each.client
    marks = [name for name in ("sandbox", "public", "demands_secret") if getattr(client, name)]
    return (
        client.id,
        client.name,
        Door.of(client.dialect).value,
        client.tier,
        " ".join(client.scopes),
        each.user or "-",
        each.organization,
        " ".join(marks).replace("_", " ") or "-",
        state_of(client, client.created_at, client.revoked_at, client.expires_at),
    )


async def _create(wanted: Wanted) -> Issued:
    async with opened(load()) as database:
        return await keys.create(database, wanted)


async def _listed(organization: str | None) -> list[ListedClient]:
    async with opened(load()) as database:
        return list(await keys.clients(database, organization))


async def _secret(id: str, overlap: int) -> Issued:
    async with opened(load()) as database:
        return await keys.rotate_secret(database, id, overlap)


async def _revoke(id: str) -> ApiClient:
    async with opened(load()) as database:
        return await keys.revoke(database, id)

"""`trigraph users`: the members of staff."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from domain.permissions import Role
from domain.users import User
from domain.values import iso
from gateway import members
from gateway.cli.access_options import Organization
from gateway.cli.failures import say
from gateway.cli.screen import print_table
from gateway.cli.storage import opened
from gateway.members import Invited, Member
from gateway.operators import find_organization
from gateway.settings import load
from resolvers.user_writes import Invitee

app = typer.Typer(no_args_is_help=True)

Somebody = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id")]


@app.command()
def create(
    email: Annotated[str, typer.Argument(help="E-mail address, with which the user signs in")],
    name: Annotated[str | None, typer.Option(help="Without one, what the address begins with")] = None,
    role: Annotated[Role, typer.Option(help="What the user may do")] = Role.SALES_REP,
    team: Annotated[str | None, typer.Option(help="Id of the team; the first one when none is named")] = None,
    organization: Organization = None,
    make: Annotated[bool, typer.Option("--create", help="Make the organization when it does not exist yet")] = False,
) -> None:
    """Make a member of staff. The link to set a password with is written to standard output, this once."""
    _show(asyncio.run(_create(Invitee(email=email, role=role, name=name, team_id=team), organization, make)))


@app.command(name="list")
def list_(organization: Organization = None) -> None:
    """Show all staff."""
    headings = ("id", "e-mail", "name", "role", "team", "organization", "state")
    print_table(headings, [_row(each) for each in asyncio.run(_listed(organization))])


@app.command()
def disable(user: Somebody, organization: Organization = None) -> None:
    """Shut a user out at once: sessions and authorizations end, keys that act for the user rest."""
    found = asyncio.run(_set_disabled(user, organization, disabled=True))
    say(f"{found.email} ({found.id}) is disabled.")


@app.command()
def enable(user: Somebody, organization: Organization = None) -> None:
    """Let a disabled user in again."""
    found = asyncio.run(_set_disabled(user, organization, disabled=False))
    say(f"{found.email} ({found.id}) is let in again.")


@app.command()
def password(
    user: Somebody,
    organization: Organization = None,
    link: Annotated[
        bool, typer.Option("--link", help="Take the password away and write a link to set a new one instead")
    ] = False,
) -> None:
    """Set a user's password, asked for on a terminal, else read from standard input; the user is signed out."""
    if link:
        _show(asyncio.run(_reset(user, organization)))
        return
    found = asyncio.run(_set_password(user, organization, _read()))
    say(f"{found.email} ({found.id}) has a new password.")


def _read() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show(invited: Invited) -> None:
    user = invited.user
    say(f"{user.id} ({user.email}): the link to set a password works once and for a week; it is shown this once.")
    print(invited.link)


def _row(each: Member) -> tuple[str, ...]:
    user = each.user
    if user.disabled_at:
        state = f"disabled {iso(user.disabled_at)}"
    else:
        state = "active" if user.password_hash else "no password yet"
    return (user.id, user.email, user.name, user.role.value, each.team or "-", each.organization, state)


async def _create(invitee: Invitee, organization: str | None, make: bool) -> Invited:
    async with opened(load()) as database:
        if make and organization:
            await members.ensure_organization(database, organization)
        return await members.invite(database, await find_organization(database, organization), invitee)


async def _listed(organization: str | None) -> Sequence[Member]:
    async with opened(load()) as database:
        return await members.listed(database, organization)


async def _set_disabled(user: str, organization: str | None, *, disabled: bool) -> User:
    async with opened(load()) as database:
        return await members.set_disabled(database, user, organization, disabled)


async def _reset(user: str, organization: str | None) -> Invited:
    async with opened(load()) as database:
        return await members.reset_link(database, user, organization)


async def _set_password(user: str, organization: str | None, password: str) -> User:
    settings = load()
    async with opened(settings) as database:
        return await members.set_password(database, user, organization, password, settings.login.password_length)

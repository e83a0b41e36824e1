"""What `trigraph serve --demo` says: where everything is, and two calls that show the same lead."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import console
from gateway.seeds.demo_keys import REDIRECT_URI, DemoAccess
from gateway.seeds.printed import JOHN
from gateway.settings import Settings

_QUERY = f'{{"query": "{{ lead(id: \\"{JOHN}\\") {{ firstName lastName statusText score assignedTo {{ name }} }} }}"}}'


def show(settings: Settings, access: DemoAccess, file: Path) -> None:
    """Print the page; without a terminal as plain lines that are never broken."""
    screen = console()
    base = settings.public_url
    screen.print(Rule(Text("Trigraph demo", style="bold"), align="left") if screen.is_terminal else "Trigraph demo\n")
    _pairs(
        screen,
        [
            ("GraphiQL", f"{base}/graphiql" if settings.introspection else "off (TRIGRAPH_INTROSPECTION)"),
            ("GraphQL", f"{base}/graphql"),
            ("CRM-Ultra REST", f"{base}/v1"),
            ("  its docs", f"{base}/crm-ultra/docs"),
            ("  its OpenAPI", f"{base}/crm-ultra/openapi.json"),
            ("Health", f"{base}/healthz"),
            ("Mail", settings.smtp.host or f"{settings.mail_folder}/ (no mail server is set)"),
            ("For scripts", str(file)),
        ],
    )
    screen.print("\nAPI keys, as X-API-Key or Authorization: Bearer", style="bold")
    _pairs(screen, [(name, key) for name, key in access.keys.items()])
    screen.print("\nOAuth: client_id and client_secret", style="bold")
    _pairs(screen, [(name, f"{each['client_id']}  {each['client_secret']}") for name, each in access.oauth.items()])
    _pairs(screen, [("redirect_uri", REDIRECT_URI), ("Sign in as", f"{access.email}  {access.password}")])
    screen.print("\nOne lead by GraphQL", style="bold")
    key = access.keys["graphql_admin"]
    _code(screen, f"curl {base}/graphql -H 'X-API-Key: {key}' -H 'Content-Type: application/json' -d '{_QUERY}'")
    screen.print("\nThe same lead as CRM-Ultra gave it", style="bold")
    _code(screen, f"curl {base}/v1/leads/{JOHN} -H 'X-API-Key: {access.keys['crm_ultra']}'")
    screen.print("\nCtrl-C stops it; data and keys are kept.\n", style="dim")
    # Whoever reads this through a pipe wants it before the server runs, not after.
    screen.file.flush()


def _pairs(screen: Console, pairs: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, value in pairs:
        grid.add_row(Text(name), Text(value, style="cyan", no_wrap=True))
    screen.print(grid)


def _code(screen: Console, line: str) -> None:
    """A command to copy: one line, whatever the width."""
    screen.print(Text(line, style="green"), soft_wrap=True)

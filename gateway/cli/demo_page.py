"""What `trigraph serve --demo` says: where everything is, and two calls that show the same lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from gateway.cli.screen import console
from gateway.seeds.demo_keys import REDIRECT_URI, DemoAccess
from gateway.seeds.printed import JOHN
from gateway.settings import Settings
from rest_compat.clickup_brain.dialect import CLICKUP_BRAIN
from rest_compat.copycar.dialect import COPYCAR
from rest_compat.crm_ultra.dialect import CRM_ULTRA
from rest_compat.engine.dialect import Dialect

_DIALECTS = (CRM_ULTRA, CLICKUP_BRAIN, COPYCAR)
_QUERY = f'{{"query": "{{ lead(id: \\"{JOHN}\\") {{ firstName lastName statusText score assignedTo {{ name }} }} }}"}}'


def show(settings: Settings, access: DemoAccess, file: Path) -> None:
    """Print the page; without a terminal as plain lines that are never broken."""
    screen = console()
    base = settings.public_url
    screen.print(Rule(Text("Trigraph demo", style="bold"), align="left") if screen.is_terminal else "Trigraph demo\n")
    _rows(
        screen,
        [
            ("GraphiQL", f"{base}/graphiql" if settings.introspection else "off (TRIGRAPH_INTROSPECTION)"),
            ("GraphQL", f"{base}/graphql"),
            *(place for dialect in _DIALECTS for place in _of_dialect(dialect, base)),
            ("Account", f"{base}/account"),
            ("Health", f"{base}/healthz, {base}/readyz"),
            ("Metrics", f"{base}/metrics"),
            ("Mail", settings.smtp.host or f"{settings.mail_folder}/ (no mail server is set)"),
            ("For scripts", str(file)),
        ],
    )
    screen.print("\nAPI keys, as X-API-Key or Authorization: Bearer", style="bold")
    _rows(screen, [(name, key) for name, key in access.keys.items()])
    screen.print("\nOAuth: client_id and client_secret", style="bold")
    _rows(screen, [(name, each["client_id"], each["client_secret"]) for name, each in access.oauth.items()])
    _rows(screen, [("redirect_uri", REDIRECT_URI), ("Sign in as", f"{access.email}  {access.password}")])
    screen.print("\nOne lead by GraphQL", style="bold")
    key = access.keys["graphql_admin"]
    _code(screen, f"curl {base}/graphql -H 'X-API-Key: {key}' -H 'Content-Type: application/json' -d '{_QUERY}'")
    screen.print("\nThe same lead as CRM-Ultra gave it", style="bold")
    _code(screen, f"curl {base}/v1/leads/{JOHN} -H 'X-API-Key: {access.keys['crm_ultra']}'")
    screen.print("\nCtrl-C stops it; data and keys are kept.\n", style="dim")
    # Whoever reads this through a pipe wants it before the server runs, not after.
    screen.file.flush()


def _of_dialect(dialect: Dialect, base: str) -> list[tuple[str, str]]:
    site = dialect.site(base)
    return [
        (dialect.title, f"{base}{dialect.bases[0]}"),
        ("  its docs", f"{site}/docs"),
        ("  its OpenAPI", f"{site}/openapi.json"),
    ]


def _rows(screen: Console, rows: Iterable[Sequence[str]]) -> None:
    """A name and what there is to copy, column by column."""
    grid = Table.grid(padding=(0, 2))
    for name, *values in rows:
        grid.add_row(Text(name), *(Text(value, style="cyan", no_wrap=True) for value in values))
    screen.print(grid)


def _code(screen: Console, line: str) -> None:
    """A command to copy: one line, whatever the width."""
    screen.print(Text(line, style="green"), soft_wrap=True)

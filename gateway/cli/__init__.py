"""The command line: `trigraph`. Only this package knows typer and rich.

Each command is loaded when it is called, so that asking for help does not wait for the database and the graph.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from typer.core import TyperGroup

from domain.errors import DomainError
from gateway.cli.failures import Unusable, say
from gateway.cli.lazy import LazyCommand
from gateway.settings import InvalidSettings

_BROKEN, _MISUSED = 1, 2

_COMMANDS = (
    LazyCommand("serve", "gateway.cli.serve", "Serve GraphQL and the REST dialects."),
    LazyCommand("work", "gateway.cli.work", "Work on what is due: webhooks, mail, periodic work; needs PostgreSQL."),
    LazyCommand("migrate", "gateway.cli.migrate", "Bring the database to the newest revision."),
    LazyCommand("seed", "gateway.cli.seed", "Fill the database: the documents' printed records, or volume."),
    LazyCommand("keys", "gateway.cli.keys", "Make, list, rotate, import and revoke API keys."),
    LazyCommand("clients", "gateway.cli.clients", "Make, list and revoke API clients, and renew their secrets."),
    LazyCommand("users", "gateway.cli.users", "Make, list and disable members of staff, and set their passwords."),
    LazyCommand("import", "gateway.cli.import_files", "Import performance, feedback and news about rules from files."),
    LazyCommand("documents", "gateway.cli.documents", "Register, list and drop documents that clients may name."),
    LazyCommand("schema", "gateway.cli.schema", "Print the GraphQL schema."),
    LazyCommand("doctor", "gateway.cli.doctor", "Check what Trigraph needs and say what is wrong."),
)

commands = TyperGroup(
    name="trigraph",
    commands=_COMMANDS,
    help="Trigraph: three go-to-market REST products, one graph.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process: 0 done, 1 something is broken, 2 misused or wrong settings."""
    try:
        commands.main(arguments, prog_name="trigraph")
    except InvalidSettings as error:
        say("These settings cannot be used:", *error.problems)
        sys.exit(_MISUSED)
    except (DomainError, Unusable) as error:
        say(str(error), *_cause(error))
        sys.exit(_BROKEN)
    except OSError as error:
        say(f"{error.filename or 'The system'}: {error.strerror or error}")
        sys.exit(_BROKEN)


def _cause(error: Exception) -> tuple[str, ...]:
    """What the database itself said, for whoever runs the server; it tells no values (`gateway.engines`)."""
    said = getattr(error.__cause__, "orig", None)
    return (f"The database says: {said}",) if said else ()

"""What commands write on: rich where there is a terminal, plain text where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

_UNBOUNDED = 4000


def console(*, stderr: bool = False) -> Console:
    """A console that never wraps what another program may read."""
    made = Console(stderr=stderr, highlight=False, soft_wrap=True)
    if not made.is_terminal:
        made = Console(stderr=stderr, highlight=False, soft_wrap=True, width=_UNBOUNDED)
    return made


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under headings; values are shown as they are, brackets included."""
    screen = console()
    table = Table(box=box.SIMPLE_HEAD if screen.is_terminal else None, pad_edge=False, highlight=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(value.replace("[", "\\[") for value in row))
    screen.print(table)

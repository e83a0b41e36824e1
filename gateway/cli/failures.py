"""How a command says that it cannot go on."""

from __future__ import annotations

import sys


class Unusable(Exception):
    """Something the command needs is missing or broken; the message says what to do."""


def say(*lines: str) -> None:
    """Write plain lines where errors go."""
    for line in lines:
        print(line, file=sys.stderr)

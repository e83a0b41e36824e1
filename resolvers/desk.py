"""Where a use case is prepared, before its transaction begins: what takes long is done here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.outside import Outside
from domain.viewer import Viewer
from resolvers.reads import Statement


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks, when, what the process can do, and reads; every read is a snapshot of its own.

    `bulk` is the most items one request may bring.
    """

    viewer: Viewer
    now: datetime
    outside: Outside
    rows: Callable[[Statement], Awaitable[Sequence[Any]]]
    bulk: int

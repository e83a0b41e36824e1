"""Rows of files and lists that could not be taken in, whatever they hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out: its line in the file or place in the list from 1, the column, and why."""

    line: int
    column: str | None
    reason: str

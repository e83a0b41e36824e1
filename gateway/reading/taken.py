"""What comes out of a file, and what keeps it from being read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ACCEPTED: Final = "PDF, DOCX, HTML and plain text"


class Unreadable(Exception):
    """A file that is not read; the text says why, for whoever sent it."""


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What one file may take: bytes of the file, of memory and unpacked, characters of text, pages, and seconds."""

    file_bytes: int = 52_428_800
    text_characters: int = 5_000_000
    pages: int = 5_000
    unpacked_bytes: int = 209_715_200
    memory_bytes: int = 314_572_800
    seconds: float = 60


@dataclass(frozen=True, slots=True)
class Taken:
    """The text of a file; `notes` say what was left out or guessed."""

    text: str
    pages: int | None = None
    notes: tuple[str, ...] = ()


class Gathering:
    """A text that grows up to a limit; whoever fills it stops once it is `full`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[str] = []
        self._size = 0
        self.full = False

    def add(self, part: str) -> None:
        """Put more at the end; what is over the limit is left out."""
        if self.full or not part:
            return
        left = self._most - self._size
        if len(part) > left:
            part, self.full = part[:left], True
        self._parts.append(part)
        self._size += len(part)

    @property
    def text(self) -> str:
        """All of it."""
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """That something was left out, if so."""
        return (f"Only the first {self._most} characters of the text were read.",) if self.full else ()

"""What the doctor finds, and how it says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a check came out; only BROKEN keeps Trigraph from working."""

    FINE = "fine"
    WORTH_A_LOOK = "look"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in words."""

    health: Health
    about: str
    words: str


def worded(error: BaseException) -> str:
    """What an error says, on one line and without a full stop."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split()).rstrip(".")

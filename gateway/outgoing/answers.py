"""What comes of a request that left the house; known without loading what sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class Failed(Exception):
    """A request that got no answer; the text says why, for whoever chose the address."""


class Refused(Failed):
    """A request that gets no answer another time either: its address leads where this house does not go."""


class Absent(Refused):
    """Nothing is there for whoever asked."""


class Elsewhere(Refused):
    """What was asked for is said to be at another host."""

    def __init__(self, host: str, port: int | None) -> None:
        """`host` and `port` are those that were named."""
        super().__init__("it redirects to another host, which is not followed.")
        self.host = host
        self.port = port


class TooLarge(Failed):
    """An answer that is larger than it may be."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: header names in lower case, and as much of the body as was wanted and came in time."""

    status: int
    headers: Mapping[str, str]
    body: bytes

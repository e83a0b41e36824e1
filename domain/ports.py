"""What the domain needs from outside, as protocols that the process implements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from domain.limits import Standing
from domain.values import whole_second
from domain.viewer import Viewer


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment in UTC, in whole seconds."""
        return whole_second(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """One message on its way out; `id` makes a second delivery recognisable."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the server itself, such as an invitation; the mailroom knows its sender."""

    id: str
    to: str
    subject: str
    body: str


class Mailer(Protocol):
    """Hands a message over to whatever delivers it."""

    async def send(self, message: OutgoingMail) -> None:
        """Deliver, or hand over for delivery.

        Raises:
            DomainError: UNAVAILABLE when the message could not be handed over.
        """
        ...


class Vault(Protocol):
    """Keeps what has to be read again, which a hash could not be: secrets that sign JWTs (CB-06)."""

    def seal(self, text: str) -> str:
        """The text so that only this installation can read it."""
        ...

    def open(self, sealed: str) -> str | None:
        """The text again; None when it was sealed under another key."""
        ...


class Budgets(Protocol):
    """Knows where a caller stands in the limits that hold for it."""

    async def standings(self, viewer: Viewer) -> Sequence[Standing]:
        """Every window of every group, nothing charged; the groups in the order the products name them."""
        ...
